"""Builds the images that are measured: the service on our base, and the same without what traces it."""

import json
from pathlib import Path

from buildkit.decisions import naming
from buildkit.decisions.build_command import Build
from buildkit.edges.children import build_child
from buildkit.edges.progress import step
from buildkit.values.errors import CommandFailed

HERE = Path(__file__).parent
#: Each is built on the one before it. What it has is not in the way of that one's start and memory.
SERVICES = ("service", "asgi")
VERSIONS = (
    "import importlib.metadata as m, json, platform as p;"
    "names = ['flask', 'gunicorn', 'requests', 'fastapi', 'uvicorn', 'opentelemetry-sdk',"
    "'opentelemetry-instrumentation-flask'];"
    "print(json.dumps({'python': p.python_version(), **{n: m.version(n) for n in names}}))"
)


def build(engine, *, settings):
    """Return, by the measured service, its images' names by whether the image is traced.

    Raises:
        CommandFailed: The base image is not here, or a build failed.
    """
    base = naming.tags(settings, version="unused")[-1]
    if not engine.image_exists(base):
        raise CommandFailed(f"{base} is not here", hint="run `make build`")
    images = {}
    with step("build the measured services") as tell:
        for service in SERVICES:
            traced, untraced = (
                f"{settings.company}/bench-{service}{end}:latest" for end in ("", "-untraced")
            )
            build_child(
                engine, HERE / service, tag=traced, base=base, ca_bundle=settings.ca_bundle, on_step=tell
            )
            without = Build(context=HERE / "untraced", tags=(untraced,), build_args={"SERVICE": traced})
            engine.build(without, what=f"building {untraced}", on_step=tell)
            images[service] = {True: traced, False: untraced}
            base = traced
    return images


def versions(engine, image):
    """What is installed in the image, by name."""
    return json.loads(engine.output(image, ["python", "-c", VERSIONS]))
