"""A shop that asks others for its prices, and says a word about itself when asked."""

import logging
import os

import facts
import flask
import requests

app = flask.Flask(__name__)
log = logging.getLogger("shop")


@app.get("/")
def ready():
    return "ready"


@app.route("/echo/<int:number>", methods=["GET", "POST"])
def echo(number):
    return f"{number} {len(flask.request.get_data())}"


@app.get("/call")
def call():
    return requests.get(f"{os.environ['PEER_URL']}/called", timeout=5).text


@app.get("/broken")
def broken():
    raise LookupError("no such product")


@app.get("/facts")
def about():
    return facts.collect()


@app.get("/log")
def warn():
    log.warning("sold out")
    log.info("nobody sees this")
    return "logged"


@app.get("/record")
def record():
    made = []

    class Keep(logging.Handler):
        def emit(self, record):
            made.append({name: str(value) for name, value in vars(record).items() if name.startswith("otel")})

    own = logging.getLogger("own")
    own.propagate = False
    own.addHandler(Keep())
    own.warning("kept")
    return made


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000, threaded=True)
