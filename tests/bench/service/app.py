"""The measured service: one route that answers, one that asks another service first."""

import os

import requests
from flask import Flask

app = Flask(__name__)
session = requests.Session()
upstream = os.environ.get("BENCH_UPSTREAM", "")


@app.get("/hello/<name>")
def hello(name):
    return f"hello {name}"


@app.get("/chain/<name>")
def chain(name):
    return session.get(f"{upstream}/stock/{name}", timeout=10).text
