"""The Docker Engine: ask it, run in it, and have its BuildKit build."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import docker
from docker.errors import APIError, ContainerError, DockerException, ImageNotFound, NotFound

from buildkit.decisions import networks, progress_lines
from buildkit.decisions.build_command import Build, words
from buildkit.edges import builders, commands, docker_context, interfaces
from buildkit.values.errors import BuildkitError, CommandFailed, NoEngine, OutOfDisk
from buildkit.values.oci import Platform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from buildkit.decisions.builder_choice import Builder

ANSWER_SECONDS = 60
OLDEST = (1, 41)  # Docker Engine 20.10
MTU_OPTION = "com.docker.network.driver.mtu"
CONTAINERD = "io.containerd.snapshotter"


class Engine:
    """A running Docker Engine of version 20.10 or newer.

    Attributes:
        client: The docker SDK's client, for whatever this class has no word for.
        platform: What it builds for; its own unless `emulating` said otherwise.
    """

    def __init__(
        self,
        client: docker.DockerClient,
        *,
        platform: Platform | None = None,
        host: str = "",
        context: str = "",
    ) -> None:
        self.client = client
        self._platform = platform
        self._host = host
        self._context = context

    @classmethod
    def connect(cls, *, host: str = "", context: str = "") -> Engine:
        """The engine at `host`, else the one that DOCKER_HOST names, else the local one.

        Args:
            host: `ssh://`, `tcp://` or `unix://`, as DOCKER_HOST has it; empty for the usual one.
            context: Name of a docker context whose engine is meant instead.

        Raises:
            NoEngine: None answers, or it is too old.
        """
        try:
            client = docker_context.client(context, timeout=ANSWER_SECONDS) if context else _client(host)
            version = client.version()["ApiVersion"]
        except (DockerException, OSError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            where = f" at {host}" if host else ""
            hint = "is the host right, and may we log in there?" if host else "run `make engine`"
            raise NoEngine(f"no Docker Engine answers{where} ({reason[:120]})", hint=hint) from None
        if tuple(int(part) for part in version.split(".")) < OLDEST:
            client.close()
            raise NoEngine(
                f"the Docker Engine speaks API {version}, too old", hint="20.10 or newer is needed"
            )
        return cls(client, host=host, context=context)

    def close(self) -> None:
        self.client.close()

    def emulating(self, platform: Platform) -> Engine:
        """The same engine, building and running for a platform that may not be its own (binfmt_misc and qemu)."""
        return Engine(self.client, platform=platform, host=self._host, context=self._context)

    @cached_property
    def own_platform(self) -> Platform:
        version = self.client.version()
        return Platform(str(version["Os"]), str(version["Arch"]))

    @property
    def platform(self) -> Platform:
        return self._platform or self.own_platform

    @property
    def emulates(self) -> bool:
        """Whether what it builds is not for its own machine."""
        return self._platform is not None and self._platform != self.own_platform

    @cached_property
    def builder(self) -> Builder:
        """How builds are started (raises NoBuilder)."""
        if not self._context:
            return builders.find(context="default" if self._host else None, host=self._host)
        found = builders.find(self._context)
        return dataclasses.replace(found, command=(*found.command, "--load"))

    @cached_property
    def keeps_annotations(self) -> bool:
        """Whether images keep their manifest here: only containerd's store has a place for it."""
        status = self.client.info().get("DriverStatus") or []
        return self.builder.buildx and any(CONTAINERD in str(value) for pair in status for value in pair)

    @cached_property
    def mtu(self) -> int | None:
        """Bytes in a packet on the engine's way out; None where the engine is on another machine."""
        return interfaces.default_mtu() if self.is_local else None

    @property
    def is_local(self) -> bool:
        return bool(self.client.api.base_url.startswith("http+docker://"))

    @property
    def bridge_mtu(self) -> int | None:
        """Bytes in a packet on the default bridge; None where there is none."""
        try:
            options = self.client.networks.get("bridge").attrs.get("Options") or {}
        except NotFound:
            return None
        return int(options.get(MTU_OPTION, 1500))

    def image_id(self, reference: str) -> str | None:
        """The id of a local image, None if there is none by that name."""
        try:
            return str(self.client.images.get(reference).id)
        except (ImageNotFound, NotFound):
            return None

    def image_exists(self, reference: str) -> bool:
        return self.image_id(reference) is not None

    def tag(self, reference: str, *, name: str) -> None:
        repository, _, tag = name.rpartition(":")
        self.client.images.get(reference).tag(repository, tag=tag)

    def network_options(self) -> dict[str, str]:
        """Driver options for a network of one's own: the engine gives such networks 1500 bytes, always."""
        return {MTU_OPTION: str(self.mtu)} if self.mtu is not None else {}

    def build(self, build: Build, *, what: str, on_step: Callable[[str], None] | None = None) -> str:
        """Have BuildKit build an image, and return its id.

        Args:
            build: What to build.
            what: How the user knows it, for the error's sentence.
            on_step: Called with each build step as it begins.

        Raises:
            CommandFailed: A step failed; the message has the step's own last words.
            OutOfDisk: The disk is full.
            NoBuilder: Nothing here can drive BuildKit.
        """
        network = build.network or networks.for_builds(bridge_mtu=self.bridge_mtu, host_mtu=self.mtu)
        annotations = build.annotations if self.keeps_annotations else {}
        platforms = build.platforms or ((str(self.platform),) if self.emulates else ())
        build = dataclasses.replace(build, network=network, annotations=annotations, platforms=platforms)

        def on_line(line: str) -> None:
            if on_step is not None and (name := progress_lines.step(line)):
                on_step(name)

        commands.run(
            words(build, builder=self.builder),
            what=what,
            environment={
                **dict(self.builder.environment),
                **({"DOCKER_HOST": self._host} if self._host else {}),
            },
            on_line=on_line,
        )
        return str(self.client.images.get(build.tags[-1]).id)

    def output(self, image: str, command: Sequence[str], *, user: str | None = None) -> str:
        """What a command prints in a container of its own, without network, without the image's entrypoint.

        Raises:
            CommandFailed: It ended with another code than 0.
        """
        try:
            raw = self.client.containers.run(
                image, list(command[1:]), entrypoint=[command[0]], network_mode="none", remove=True, user=user
            )
        except ContainerError as error:
            stderr: str | bytes = error.stderr or b""
            text = (stderr if isinstance(stderr, str) else stderr.decode(errors="replace")).strip()
            last = text.splitlines()[-1:] or ["without a word"]
            raise CommandFailed(f"{command[0]} in {image} failed ({error.exit_status}): {last[0]}") from None
        except APIError as error:
            raise told(error, what=f"{command[0]} in {image}") from None
        return bytes(raw).decode()

    def pull(self, name: str, *, version: str) -> str:
        """Have the engine fetch an image, and return the name that it has here.

        Args:
            name: Registry and repository.
            version: Tag or digest.

        Raises:
            CommandFailed: It cannot be had.
            OutOfDisk: The disk is full.
        """
        whole = f"{name}{'@' if version.startswith('sha256:') else ':'}{version}"
        platform = str(self.platform) if self.emulates else None
        try:
            self.client.images.pull(name, tag=version, platform=platform)
        except APIError as error:
            raise told(error, what=f"pulling {whole}") from None
        return whole

    def forget(self, name: str) -> None:
        """Take an image's name away, and with the last one the image; no matter if it is gone or used."""
        with suppress(APIError):
            self.client.images.remove(name, noprune=True)

    def import_tar(self, path: Path, *, name: str, changes: Sequence[str] = ()) -> None:
        """Make an image of one layer from a root file system."""
        repository, _, tag = name.rpartition(":")
        try:
            self.client.api.import_image_from_file(
                str(path), repository=repository, tag=tag, changes=list(changes)
            )
        except APIError as error:
            raise told(error, what=f"importing {name}") from None


def _client(host: str) -> docker.DockerClient:
    if not host:
        return docker.from_env(timeout=ANSWER_SECONDS)
    # ssh as the user has it set up, with its agent, its config and its known hosts.
    return docker.DockerClient(base_url=host, timeout=ANSWER_SECONDS, use_ssh_client=True)


def told(error: APIError, *, what: str) -> BuildkitError:
    """The engine's refusal as an error of ours."""
    text = str(error.explanation or error).strip().splitlines()[0]
    if any(sign in text.lower() for sign in commands.DISK_IS_FULL):
        return OutOfDisk(f"{what}: the disk is full", hint=commands.MAKE_ROOM)
    return CommandFailed(f"{what} failed: {text}")
