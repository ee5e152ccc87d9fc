"""A service that puts each request's work into a queue; QUEUE names the module that knows which."""

import importlib
import os

import probe
from flask import Flask

app = Flask(__name__)
queue = importlib.import_module(os.environ["QUEUE"])


@app.get("/work/<int:number>")
def work(number):
    queue.send(number)
    return {"sent": number}


@app.get("/probe")
def show_probe():
    return probe.facts()
