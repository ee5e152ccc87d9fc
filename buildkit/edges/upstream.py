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
from buildkit.decisions.build_command import Build
from buildkit.edges import commands
from buildkit.edges.engine import told
from buildkit.edges.progress import say, step
from buildkit.values.errors import CommandFailed, NoEmulation, NoUpstream

if TYPE_CHECKING:
    from buildkit.edges.engine import Engine
    from buildkit.values.versions import Row, Versions

# A registry that answers does so in a tenth of it; one behind a firewall that drops packets never does.
REGISTRY_SECONDS = 6
APT = ("apt-get", "install", "--yes", "--no-install-recommends")
# The keyring and the list of Debian's releases come along: Ubuntu has neither.
TOOLS = ("debian-archive-keyring", "distro-info-data")


def resolve(engine: Engine, row: Row, *, versions: Versions, company: str) -> str:
    """The name of a local image with this row's Python, for the platform that the engine builds for.

    Raises:
        NoUpstream: There is no way to one.
        CommandFailed: A pull or a bootstrap failed half-way.
        OutOfDisk: The disk is full.
    """
    if engine.emulates:
        return _foreign(engine, row, versions=versions, company=company)
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


def _foreign(engine: Engine, row: Row, *, versions: Versions, company: str) -> str:
    """The same for another machine than the engine's: under names of its own, since a name stands for one platform.

    Raises:
        NoEmulation: the engine cannot run it.
    """
    platform = engine.platform
    machine = recipe.debian_machine(platform)
    ours, exact = recipe.tags(row, versions=versions, company=company, machine=machine)
    pulled = f"{company}/upstream:{row.upstream.replace('/', '-').replace(':', '-')}-{machine}"
    name = next((each for each in (pulled, exact) if engine.image_exists(each)), "")
    try:
        if not name and _registry_has(row.upstream):
            _pull_foreign(engine, row.upstream, name=pulled)
            name = pulled
        if not name:
            say(
                f"no registry gives us {row.upstream}: bootstrapping Debian {row.suite} for {platform} as {ours}"
            )
            _bootstrap(engine, row, versions=versions, name=exact, machine=machine)
            engine.tag(exact, name=ours)
            name = exact
        engine.output(name, ["true"])
    except CommandFailed as error:
        raise NoEmulation(
            f"nothing for {platform} can be built on this {engine.own_platform} engine: {error.message}",
            hint=f"install qemu-user-static and binfmt-support on its machine, or give --node {platform}=ssh://host",
        ) from None
    return name


def _pull_foreign(engine: Engine, reference: str, *, name: str) -> None:
    """The official image is under its own name here only while it is renamed: that name is the engine's platform's."""
    own = engine.image_id(reference)
    with step(f"pull {reference} for {engine.platform}"):
        repository, _, tag = reference.rpartition(":")
        engine.pull(repository, version=tag)
    engine.tag(reference, name=name)
    if own is None:
        engine.forget(reference)
    else:
        engine.tag(own, name=reference)


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


def _bootstrap(engine: Engine, row: Row, *, versions: Versions, name: str, machine: str = "") -> None:
    _have("mmdebstrap")
    if machine:
        _have("arch-test")  # by which mmdebstrap finds out that the machine can be emulated
    with tempfile.TemporaryDirectory(prefix="upstream-") as directory:
        tar = Path(directory) / "rootfs.tar"
        with step(f"bootstrap Debian {row.suite}") as tell:
            commands.run(
                recipe.command(row, versions=versions, target=str(tar), machine=machine),
                what=f"bootstrapping Debian {row.suite}",
                environment={"SOURCE_DATE_EPOCH": str(versions.source_date_epoch)},
                on_line=tell,
            )
        with step(f"import {name}"):
            if machine:
                _import_foreign(engine, tar, name=name)
            else:
                engine.import_tar(tar, name=name)


def _import_foreign(engine: Engine, tar: Path, *, name: str) -> None:
    """By a build, since engines before 23 believe of what is imported that it is for their own machine."""
    dockerfile = tar.with_name("Dockerfile")
    dockerfile.write_text(f'FROM scratch\nADD {tar.name} /\nCMD ["python3"]\n', encoding="utf-8")
    build = Build(context=tar.parent, tags=(name,), dockerfile=dockerfile)
    engine.build(build, what=f"importing {name}")


def _have(tool: str) -> None:
    if shutil.which(tool):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise NoUpstream(
            f"no registry can be reached and {tool} is not here",
            hint=f"install {tool} and debian-archive-keyring, or `docker load` the upstream image",
        )
    with step(f"install {tool}") as tell:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        commands.run(("apt-get", "update"), what="apt-get update", environment=quiet, on_line=tell)
        commands.run((*APT, tool, *TOOLS), what=f"installing {tool}", environment=quiet, on_line=tell)
