"""How does what a killed run has left get out of the engine?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from docker.errors import APIError, NotFound

from buildkit.decisions.leftovers import is_leftover, owner
from buildkit.edges.container import remove_container
from buildkit.edges.own_process import is_alive, myself

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import DockerClient
    from docker.models.networks import Network


def sweep(client: DockerClient, *, label: str) -> None:
    """Remove what bears the label and has no maker any more; what a run makes that is still under way stays."""
    selector: dict[str, str | list[str] | bool] = {"label": label}
    for container in client.containers.list(all=True, sparse=True, filters=selector):
        if _is_left(container.attrs.get("Labels"), label=label):
            remove_container(container)
    for network in client.networks.list(filters=selector):
        if _is_left((network.attrs or {}).get("Labels"), label=label):
            remove_network(network)


def remove_network(network: Network) -> None:
    """Gone already is as good; with a stranger's container in it, it is not ours to remove."""
    with suppress(NotFound, APIError):
        network.remove()


def _is_left(labels: Mapping[str, str] | None, *, label: str) -> bool:
    maker = owner((labels or {}).get(label, ""))
    alive = maker is not None and is_alive(maker)
    return is_leftover(maker, me=myself(), alive=alive)
