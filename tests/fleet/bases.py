"""Releases of the base in a test's registry, made from the base that `make build` made."""

import tempfile
from pathlib import Path

from buildkit.edges.children import build_child
from buildkit.values.oci import Reference

REPOSITORY = "company/python-service"


def push(engine, registry, image, *, repository=REPOSITORY, tag="latest"):
    """Bring an image of the engine's to the registry, as `docker push` does; the reference has its digest."""
    name = f"{registry.host}/{repository}:{tag}"
    engine.tag(image, name=name)
    try:
        for line in engine.client.api.push(name, stream=True, decode=True):
            assert "error" not in line, line
    finally:
        engine.client.images.remove(name)
    return Reference(registry.host, repository, tag, registry.head(repository, tag).digest)


def newer(engine, settings, base, *, number):
    """Another release on top of a base, with a file of its own: its local name."""
    name = f"{settings.company}/test-newer-base:{number}"
    with tempfile.TemporaryDirectory(prefix="base-") as directory:
        (Path(directory) / "Dockerfile").write_text(
            f"FROM company/python-service\nUSER root\nRUN echo {number} > /opt/release\nUSER app\n"
        )
        build_child(engine, Path(directory), tag=name, base=base, ca_bundle=None)
    return name
