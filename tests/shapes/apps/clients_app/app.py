"""A WSGI service that calls out with the client that CALL_WITH names.

/work/<n> calls /item/<n> of the callee, /call/<path> calls that path, /refused calls where nobody listens.
"""

import os

import blocking
import probe

call = blocking.make(os.environ["CALL_WITH"])
CALLEE = "http://shop.invalid" if blocking.PROXY else os.environ["CALLEE_URL"]


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/probe":
        text = probe.facts()
    elif path == "/refused":
        text = refused()
    else:
        target = path.replace("/work/", "/item/").removeprefix("/call")
        status, body = call(CALLEE + target, own_headers())
        text = f"{status} {body.decode()}"
    body = text.encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def refused():
    try:
        call("http://127.0.0.1:9/", {})
    except Exception as error:  # noqa: BLE001 - each client has its own
        return type(error).__name__
    return "not refused"


def own_headers():
    """A service that carries traces on by itself, with the OpenTelemetry API."""
    headers = {}
    if os.environ.get("CALL_WITH_OWN_HEADERS"):
        from opentelemetry import propagate

        propagate.inject(headers)
    return headers
