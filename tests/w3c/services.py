"""Builds and starts the services that the suite and our own cases talk to.

They share this machine's network, since they call back to addresses here.
"""

import contextlib
import os
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from buildkit.decisions import naming
from buildkit.edges.children import build_child
from buildkit.edges.progress import step
from buildkit.values.errors import CommandFailed

HERE = Path(__file__).parent / "services"
#: By name, what is under test.
SERVICES = {"flask": "Flask under gunicorn", "starlette": "Starlette under uvicorn"}
READY_SECONDS = 60


def build(engine, name, *, settings):
    """Build the image of one of the directories of services/ on our base, and return its name.

    Raises:
        CommandFailed: The base image is not here, or a step failed.
    """
    base = naming.tags(settings, version="unused")[-1]
    if not engine.image_exists(base):
        raise CommandFailed(f"{base} is not here", hint="run `make build`")
    tag = f"{settings.company}/w3c-{name}:latest"
    with step(f"build {tag}") as tell:
        build_child(engine, HERE / name, tag=tag, base=base, ca_bundle=settings.ca_bundle, on_step=tell)
    return tag


def free_port():
    """Return a port of the loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def running(engine, image, *, environment=None):
    """Start a service, wait until it answers, and yield its URL; the container is gone at the end.

    Raises:
        CommandFailed: It ended, or did not answer in time; its last words are in the message.
    """
    port = free_port()
    container = engine.client.containers.run(
        image,
        detach=True,
        network_mode="host",
        name=f"{image.partition('/')[0]}-w3c-{os.getpid()}-{port}",
        environment={"PORT": str(port), "OTEL_TRACES_EXPORTER": "none", **(environment or {})},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(url):
            container.reload()
            if container.status == "exited" or time.monotonic() > deadline:
                last = container.logs(tail=15).decode(errors="replace").replace("\n", " | ")
                raise CommandFailed(f"{image} does not answer: {last}", hint="docker logs")
            time.sleep(0.1)
        yield url
    finally:
        container.remove(force=True)


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
