"""What does the engine know of an image?"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from buildkit.values.service import ServiceImage

if TYPE_CHECKING:
    from docker import DockerClient


def inspect(client: DockerClient, name: str) -> ServiceImage:
    """Look at one image.

    Raises:
        docker.errors.ImageNotFound: the engine has no such image.
    """
    return _service_image(name, client.images.get(name).attrs)


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
