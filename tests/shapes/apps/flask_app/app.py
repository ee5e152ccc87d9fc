"""A Flask service that makes one call for each request."""

import os
import urllib.request

import flask
import probe

app = flask.Flask(__name__)


@app.get("/work/<int:number>")
def work(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()


@app.get("/probe")
def facts():
    return probe.facts()


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ["PORT"]))
