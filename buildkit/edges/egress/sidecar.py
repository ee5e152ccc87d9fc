"""How does the relay get into a container beside the service, and when does it stand?"""

from __future__ import annotations

import io
import tarfile
import zipfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from docker.errors import APIError, ImageNotFound

import buildkit
from buildkit.edges.container import remove_container

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import DockerClient
    from docker.models.containers import Container

    from buildkit.edges.egress.catcher import Catcher

READY_SECONDS = 20.0
_LOOK_SECONDS = 1.0  # between two looks whether it has ended instead
_PYTHON = "/opt/venv/bin/python"  # the base's own
_ARCHIVE = "verify-relay.pyz"
_ROOT = Path(buildkit.__file__).parent
_MODULES = ("__init__.py", "decisions/__init__.py", "decisions/dns.py", "decisions/ports.py")
_PROGRAM = "edges/egress/relay.py"


@contextmanager
def relay(
    client: DockerClient,
    *,
    image: str,
    catcher: Catcher,
    hub: str,
    name: str,
    network: str,
    labels: Mapping[str, str],
    extra_hosts: Mapping[str, str],
) -> Iterator[str]:
    """Start it, and wait until it takes calls; it is removed at the end of the `with`.

    Args:
        client: of the engine that runs the service.
        image: any image that stands on the base: what is needed of it is its Python.
        catcher: listens already.
        hub: what containers of the network call this machine.
        name: of the container.
        network: the service's.
        labels: by which a later run knows what was left.
        extra_hosts: further names for its hosts file.

    Yields:
        Its address, which is the name server for the service; empty if it cannot run in this image.

    Raises:
        docker.errors.APIError: the engine refuses the container.
    """
    with ExitStack() as stack:
        try:
            container = client.containers.create(
                image,
                entrypoint=[_PYTHON, "-I", "-S", f"/{_ARCHIVE}"],
                command=[hub, str(catcher.port), catcher.token],
                name=name,
                user="0:0",
                cap_drop=["ALL"],
                cap_add=["NET_BIND_SERVICE"],
                security_opt=["no-new-privileges"],
                healthcheck={"test": ["NONE"]},
                labels=dict(labels),
                network=network,
                extra_hosts=dict(extra_hosts),
            )
        except ImageNotFound:
            yield ""
            return
        stack.callback(remove_container, container)
        container.put_archive("/", _files())
        yield _address(container, network=network) if _stands(container, catcher=catcher) else ""


def _stands(container: Container, *, catcher: Catcher) -> bool:
    """Start it; whether it says that it is ready, which an image without the base's Python never will."""
    deadline = monotonic() + READY_SECONDS
    try:
        container.start()
        while not catcher.ready.wait(_LOOK_SECONDS):
            container.reload()
            if container.status == "exited" or monotonic() > deadline:
                return False
    except APIError:
        return False
    return True


def _address(container: Container, *, network: str) -> str:
    container.reload()
    return str(container.attrs["NetworkSettings"]["Networks"][network]["IPAddress"])


def _files() -> bytes:
    """A tar of the program, itself an archive that Python runs (zipapp)."""
    program = io.BytesIO()
    with zipfile.ZipFile(program, "w") as archive:
        archive.writestr("__main__.py", (_ROOT / _PROGRAM).read_text())
        for module in _MODULES:
            archive.writestr(f"buildkit/{module}", (_ROOT / module).read_text())
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo(_ARCHIVE)
        member.size, member.mode = program.tell(), 0o444
        program.seek(0)
        tar.addfile(member, program)
    return packed.getvalue()
