"""An ASGI app for an untraced HTTP/2 server: carries a request, and the trace in it, on to the callee."""

import asyncio
import os
import urllib.request


def carry_on(path, headers):
    request = urllib.request.Request(os.environ["CALLEE_URL"] + path)
    for name, value in headers:
        if name in (b"traceparent", b"tracestate", b"baggage"):
            request.add_header(name.decode(), value.decode())
    with urllib.request.urlopen(request) as answer:
        return answer.read()


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    assert scope["http_version"] == "2"
    body = await asyncio.to_thread(carry_on, scope["path"], scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
