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


@app.get("/raises/<int:number>")
def raises(number):
    work(number)
    raise RuntimeError(f"cannot do {number}")


@app.get("/stream/<int:number>")
def stream(number):
    def pieces():
        yield work(number)
        yield b"the end"

    return pieces()


@app.get("/probe")
def facts():
    return probe.facts()


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ["PORT"]), debug="DEBUG" in os.environ)
