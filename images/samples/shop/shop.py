"""The shop's front: pages for products, and orders."""

import os

import requests
from flask import Flask, request

app = Flask(__name__)
STOCK = os.environ.get("PEER_URL", "http://stock:8000")


@app.get("/")
def front():
    return {"shop": "open"}


@app.get("/products/<int:number>")
def product(number):
    stock = requests.get(f"{STOCK}/stock/{number}", timeout=5)
    stock.raise_for_status()
    return {"product": number, "currency": request.args.get("currency", "EUR"), **stock.json()}


@app.post("/orders")
def order():
    wanted = request.get_json()
    reserved = requests.post(f"{STOCK}/reservations", json=wanted, timeout=5)
    reserved.raise_for_status()
    return {"ordered": wanted["product"]}, 201


@app.get("/broken")
def broken():
    raise LookupError("the shop has a page that never works")
