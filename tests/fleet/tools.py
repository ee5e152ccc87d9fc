"""Programs that a company has and this machine may not: Debian's cosign."""

import io
import shutil
import tarfile
import tempfile
from pathlib import Path

from buildkit.decisions import versions_file
from buildkit.edges import upstream
from buildkit.edges.children import build_child
from buildkit.verbs import build

DOCKERFILE = """\
FROM company/python-service
RUN apt-get update && apt-get install --yes --no-install-recommends cosign && rm -rf /var/lib/apt/lists/*
"""


def cosign(engine, settings, *, directory):
    """The directory of a cosign: this machine's own, or Debian 13's, put into the given one."""
    if found := shutil.which("cosign"):
        return Path(found).parent
    versions = versions_file.parse(build.VERSIONS.read_text())
    below = upstream.resolve(
        engine, versions_file.choose(versions), versions=versions, company=settings.company
    )
    name = f"{settings.company}/test-cosign:{engine.image_id(below).rpartition(':')[2][:16]}"
    if not engine.image_exists(name):
        with tempfile.TemporaryDirectory(prefix="cosign-") as context:
            (Path(context) / "Dockerfile").write_text(DOCKERFILE)
            build_child(engine, Path(context), tag=name, base=below, ca_bundle=settings.ca_bundle)
    container = engine.client.containers.create(name, "never started")
    try:
        pieces, _ = container.get_archive("/usr/bin/cosign")
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
            tar.extractall(directory, filter="data")
    finally:
        container.remove()
    return directory
