"""What the W3C suite asks of a service: POST to each URL of the request's body what stands beside it."""

import flask
import requests

app = flask.Flask(__name__)


@app.get("/")
def ready():
    return "ready"


@app.post("/test")
def call():
    for action in flask.request.get_json():
        requests.post(action["url"], json=action["arguments"], timeout=5)
    return flask.jsonify([])
