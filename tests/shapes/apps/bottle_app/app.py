"""A Bottle service, with another mounted below it."""

import os
import urllib.request

import bottle
import probe

app = bottle.Bottle()
below = bottle.Bottle()


@app.get("/work/<number:int>")
@below.get("/work/<number:int>")
def work(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()


@app.get("/raises/<number:int>")
def raises(number):
    work(number)
    raise RuntimeError(f"cannot do {number}")


@app.get("/probe")
def facts():
    return probe.facts()


app.mount("/below", below)

if __name__ == "__main__":
    bottle.run(app, host="0.0.0.0", port=int(os.environ["PORT"]), server="wsgiref")
