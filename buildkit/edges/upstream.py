"""Get the image that the base is built on: a local one, a registry's, or one from the Debian archive."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import requests
from docker.errors import APIError

from buildkit.decisions import recipe
from buildkit.edges import commands
from buildkit.edges.engine import told
from buildkit.edges.progress import say, step
from buildkit.values.errors import NoUpstream

if TYPE_CHECKING:
    from buildkit.edges.engine import Engine
    from buildkit.values.versions import Row, Versions

# A registry that answers does so in a tenth of it; one behind a firewall that drops packets never does.
REGISTRY_SECONDS = 6
APT = ("apt-get", "install", "--yes", "--no-install-recommends")
# The keyring and the list of Debian's releases come along: Ubuntu has neither.
TOOLS = ("mmdebstrap", "debian-archive-keyring", "distro-info-data")


def resolve(engine: Engine, row: Row, *, versions: Versions, company: str) -> str:
    """The name of a local image with this row's Python.

    Raises:
        NoUpstream: There is no way to one.
        CommandFailed: A pull or a bootstrap failed half-way.
        OutOfDisk: The disk is full.
    """
    if engine.image_exists(row.upstream):
        return row.upstream
    ours, exact = recipe.tags(row, versions=versions, company=company)
    if engine.image_exists(exact):
        return exact
    if _registry_has(row.upstream):
        _pull(engine, row.upstream)
        return row.upstream
    say(f"no registry gives us {row.upstream}: bootstrapping Debian {row.suite} from its archive as {ours}")
    _bootstrap(engine, row, versions=versions, name=exact)
    engine.tag(exact, name=ours)
    return exact


def _registry_has(reference: str) -> bool:
    """Ask the engine, which has the mirrors, the proxies and the names of the registries; quickly."""
    client = docker.from_env(timeout=REGISTRY_SECONDS)
    try:
        client.images.get_registry_data(reference)
    except (APIError, requests.RequestException):
        return False
    finally:
        client.close()
    return True


def _pull(engine: Engine, reference: str) -> None:
    with step(f"pull {reference}") as tell:
        repository, _, tag = reference.rpartition(":")
        try:
            for event in engine.client.api.pull(repository, tag=tag, stream=True, decode=True):
                tell(str(event.get("status", "")))
                if "error" in event:  # the SDK does not raise it
                    raise NoUpstream(f"pulling {reference} failed: {event['error']}")
        except APIError as error:
            raise told(error, what=f"pulling {reference}") from None


def _bootstrap(engine: Engine, row: Row, *, versions: Versions, name: str) -> None:
    _have_mmdebstrap()
    with tempfile.TemporaryDirectory(prefix="upstream-") as directory:
        tar = Path(directory) / "rootfs.tar"
        with step(f"bootstrap Debian {row.suite}") as tell:
            commands.run(
                recipe.command(row, versions=versions, target=str(tar)),
                what=f"bootstrapping Debian {row.suite}",
                environment={"SOURCE_DATE_EPOCH": str(versions.source_date_epoch)},
                on_line=tell,
            )
        with step(f"import {name}"):
            engine.import_tar(tar, name=name)


def _have_mmdebstrap() -> None:
    if shutil.which("mmdebstrap"):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise NoUpstream(
            "no registry can be reached and mmdebstrap is not here",
            hint="install mmdebstrap and debian-archive-keyring, or `docker load` the upstream image",
        )
    with step("install mmdebstrap") as tell:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        commands.run(("apt-get", "update"), what="apt-get update", environment=quiet, on_line=tell)
        commands.run((*APT, *TOOLS), what="installing mmdebstrap", environment=quiet, on_line=tell)
