"""What does the engine know of an image?"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, ImageNotFound
from docker.utils import parse_repository_tag

from buildkit.values.errors import CommandFailed
from buildkit.values.service import ServiceImage

if TYPE_CHECKING:
    from docker import DockerClient

    from buildkit.edges.progress import Step


def inspect(client: DockerClient, name: str) -> ServiceImage:
    """Look at one image.

    Raises:
        docker.errors.ImageNotFound: the engine has no such image.
    """
    return _service_image(name, client.images.get(name).attrs)


def find(client: DockerClient, name: str, *, step: Step) -> ServiceImage:
    """The image as the engine has it, else as a registry has it.

    Raises:
        CommandFailed: neither has it.
    """
    try:
        return inspect(client, name)
    except ImageNotFound:
        """Then a registry may have it."""
    try:
        with step(f"pull {name}"):
            pull(client, name)
        return inspect(client, name)
    except APIError as error:
        said = str(error.explanation or error).splitlines()[0]
        raise CommandFailed(
            f"there is no image {name} here, and it cannot be pulled: {said[:200]}",
            hint="build it first, or check its name with `docker images`",
        ) from None


def pull(client: DockerClient, name: str) -> None:
    """Have the engine pull one tag or digest (raises docker.errors.APIError)."""
    repository, version = parse_repository_tag(name)
    client.images.pull(repository, tag=version or "latest")


def tagged(client: DockerClient, repository: str) -> tuple[ServiceImage, ...]:
    """All tagged images of a repository that the engine has; the one with most layers first."""
    images = client.images.list(name=repository)
    found = [_service_image(image.tags[0], image.attrs) for image in images if image.tags]
    return tuple(sorted(found, key=lambda image: -len(image.diff_ids)))


def _service_image(name: str, attrs: dict[str, Any]) -> ServiceImage:
    config = attrs.get("Config") or {}
    exposed = (port.partition("/") for port in config.get("ExposedPorts") or {})
    variables = (entry.partition("=") for entry in config.get("Env") or ())
    return ServiceImage(
        name=name,
        diff_ids=tuple(attrs.get("RootFS", {}).get("Layers") or ()),
        labels=MappingProxyType(config.get("Labels") or {}),
        environment=MappingProxyType({name: value for name, _, value in variables}),
        command=(*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())),
        ports=tuple(sorted(int(number) for number, _, protocol in exposed if protocol in ("", "tcp"))),
        stop_signal=config.get("StopSignal") or "SIGTERM",
    )
