"""Builds the images that are measured: the service on our base, and the same without what traces it."""

import json
from pathlib import Path

from buildkit.decisions import naming
from buildkit.decisions.build_command import Build
from buildkit.edges.children import build_child
from buildkit.edges.progress import step
from buildkit.values.errors import CommandFailed

HERE = Path(__file__).parent
VERSIONS = (
    "import importlib.metadata as m, json, platform as p;"
    "names = ['flask', 'gunicorn', 'requests', 'opentelemetry-sdk', 'opentelemetry-instrumentation-flask'];"
    "print(json.dumps({'python': p.python_version(), **{n: m.version(n) for n in names}}))"
)


def build(engine, *, settings):
    """Return the images' names by whether the image is traced.

    Raises:
        CommandFailed: The base image is not here, or a build failed.
    """
    base = naming.tags(settings, version="unused")[-1]
    if not engine.image_exists(base):
        raise CommandFailed(f"{base} is not here", hint="run `make build`")
    images = {
        True: f"{settings.company}/bench-service:latest",
        False: f"{settings.company}/bench-service-untraced:latest",
    }
    with step("build the measured service") as tell:
        build_child(
            engine, HERE / "service", tag=images[True], base=base, ca_bundle=settings.ca_bundle, on_step=tell
        )
        untraced = Build(
            context=HERE / "untraced", tags=(images[False],), build_args={"SERVICE": images[True]}
        )
        engine.build(untraced, what=f"building {images[False]}", on_step=tell)
    return images


def versions(engine, image):
    """What is installed in the image, by name."""
    return json.loads(engine.output(image, ["python", "-c", VERSIONS]))
