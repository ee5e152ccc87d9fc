"""Sends requests through uvicorn's own cycle and the application, without a socket, in one process."""

import asyncio
import itertools
import logging
import random
import sys

import orders
from fastapi import FastAPI
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

SERVER = ("10.1.0.1", 8000)
LOGGER = logging.getLogger("bench")

app = FastAPI()


@app.get("/fastapi/{name}")
async def hello(name: str):
    return {"hello": name}


async def bare(scope, receive, send):
    """An application without a framework."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


class Transport:
    """Where a response goes."""

    def write(self, data):
        self.last = data

    def close(self):
        sys.exit("a response was broken off")

    def pause_reading(self):
        """Nothing is read."""

    resume_reading = pause_reading

    def is_closing(self):
        return False


def prepare(route, *, flags):
    """Make one scope for every path as uvicorn does; each comes from a caller that is traced, in its own trace."""
    chance = random.Random(route)
    scopes = []
    for number in range(orders.PATHS):
        path = f"/{route}/name-{number}"
        traceparent = f"00-{chance.getrandbits(128):032x}-{chance.getrandbits(64):016x}-{flags}"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": SERVER,
            "client": (f"10.2.0.{number % 16}", 40000 + number),
            "scheme": "http",
            "method": "GET",
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [
                (b"host", b"bench.example:8000"),
                (b"user-agent", b"python-requests/2.34.2"),
                (b"accept-encoding", b"gzip, deflate"),
                (b"accept", b"*/*"),
                (b"connection", b"keep-alive"),
                (b"traceparent", traceparent.encode()),
            ],
        }
        scopes.append(scope)
    return itertools.cycle(scopes)


async def serve(scopes, *, app):
    """Do what a protocol does between reading a request and waiting for the next."""
    loop = asyncio.get_running_loop()
    transport = Transport()
    for scope in scopes:
        cycle = RequestResponseCycle(
            # Frameworks write into it.
            scope={**scope, "state": {}},
            transport=transport,
            flow=FlowControl(transport),
            logger=LOGGER,
            access_logger=LOGGER,
            access_log=False,
            default_headers=[(b"server", b"uvicorn")],
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=lambda: None,
        )
        cycle.more_body = False
        cycle.message_event.set()
        await loop.create_task(cycle.run_asgi(app))
        if not cycle.response_complete:
            sys.exit(f"{scope['path']} was not answered")


def load(app):
    """What uvicorn calls for an application."""
    config = Config(app)
    config.load()
    return config.loaded_app


def main():
    by_hand = bare
    if "opentelemetry.sdk.trace" in sys.modules:
        # opentelemetry-instrument knows no application without a framework: whoever has one wraps it by hand.
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

        by_hand = OpenTelemetryMiddleware(bare)
    apps = {"fastapi": load(app), "asgi": load(by_hand)}
    routes = {}
    for route, loaded in apps.items():
        routes[route] = prepare(route, flags="01"), loaded
        # The same from a caller that did not sample its trace.
        routes[f"{route} unsampled"] = prepare(route, flags="00"), loaded
    with asyncio.Runner() as runner:

        def serve_some(route, requests):
            scopes, loaded = routes[route]
            runner.run(serve(itertools.islice(scopes, requests), app=loaded))

        orders.obey(serve_some)


if __name__ == "__main__":
    main()
