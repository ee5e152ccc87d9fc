"""A Flask service that is packaged in many ways, and refuses to work where its own sitecustomize did not run."""

import os
import sys
import urllib.request

import flask
import probe

app = flask.Flask(__name__)


@app.get("/work/<int:number>")
def work(number):
    if os.environ.get("OWN_SITECUSTOMIZE") and not hasattr(sys, "own_sitecustomize"):
        flask.abort(500)
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()


@app.get("/probe")
def facts():
    return probe.facts()


def main():
    app.run(host="0.0.0.0", port=int(os.environ["PORT"]))


if __name__ == "__main__":
    main()
