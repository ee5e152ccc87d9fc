"""No framework: what the server calls, and nothing else."""

import os

import probe
from calling import call_aside

STARTED = "/tmp/started"


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await live(receive, send)
    elif scope["type"] == "websocket":
        await echo(scope, receive, send)
    else:
        await answer(scope, receive, send)


async def live(receive, send):
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            os.makedirs(f"{STARTED}/{os.getpid()}", exist_ok=True)
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def echo(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    message = await receive()
    await call_aside(scope["path"].rpartition("/")[2])
    await send({"type": "websocket.send", "text": message.get("text") or ""})
    while message["type"] != "websocket.disconnect":
        message = await receive()


async def answer(scope, receive, send):
    path = scope["path"]
    n = path.rpartition("/")[2]
    if path == "/probe":
        await respond(send, probe.facts().encode())
    elif path == "/ready":
        # Once all workers have started: one that is told to stop before it has says other things, by chance.
        ready = len(os.listdir(STARTED)) >= int(os.environ["WORKERS"])
        await respond(send, b"{}", status=200 if ready else 503)
    elif path.startswith("/raise"):
        await call_aside(n)
        raise LookupError(n)
    elif path.startswith("/stream"):
        await stream(n, send)
    elif path.startswith("/broken"):
        await call_aside(n)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a part", "more_body": True})
        raise LookupError(n)
    elif path.startswith("/post"):
        more = True
        while more:
            more = (await receive()).get("more_body", False)
        await respond(send, await call_aside(n))
    else:
        await respond(send, await call_aside(n))


async def stream(n, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"first ", "more_body": True})
    # Between two parts of the body: the span must still be there.
    await call_aside(n)
    await send({"type": "http.response.body", "body": b"last", "more_body": False})


async def respond(send, body, *, status=200):
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
