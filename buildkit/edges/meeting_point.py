"""At which address do containers of a network reach the servers in this process?"""

from __future__ import annotations

import re
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import APIError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.networks import Network

ELSEWHERE = "host.docker.internal"
_CONTAINER = re.compile(r"/containers/([0-9a-f]{64})/")


@dataclass(frozen=True, slots=True)
class MeetingPoint:
    """Where we listen, and what containers call it.

    Attributes:
        bind: the address of this machine to listen on.
        name: the same place, as seen from a container.
        direct: whether we reach containers at their own addresses; else their ports must be published.
    """

    bind: str
    name: str
    direct: bool


@contextmanager
def meeting_point(client: DockerClient, network: Network) -> Iterator[MeetingPoint]:
    """Find it; where we are in a container ourselves, we join the network for the time of the `with`.

    - The engine runs on this machine: the network's gateway is an address of ours, and only containers and
      this machine reach it.
    - We run in a container of that engine (a CI job with the engine's socket): we join the network.
    - Else the engine is in a virtual machine (Docker Desktop), which forwards a name to this one's loopback.
    """
    network.reload()
    gateway = _gateway(network)
    if gateway and _is_ours(gateway):
        yield MeetingPoint(gateway, gateway, direct=True)
        return
    with _joined(client, network) as address:
        if address and _is_ours(address):
            yield MeetingPoint(address, address, direct=True)
        else:
            yield MeetingPoint("127.0.0.1", ELSEWHERE, direct=False)


def _gateway(network: Network) -> str:
    """The bridge's own IPv4 address, or nothing if the engine gave it none."""
    pools = network.attrs["IPAM"]["Config"] or ()
    gateways = (str(pool.get("Gateway", "")).split("/")[0] for pool in pools)
    return next((gateway for gateway in gateways if gateway and ":" not in gateway), "")


def _is_ours(address: str) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True


@contextmanager
def _joined(client: DockerClient, network: Network) -> Iterator[str]:
    """Join the network, if we are a container of this engine; yields our address in it, or nothing."""
    identity = _own_container()
    try:
        own = client.containers.get(identity or socket.gethostname())
        network.connect(own)
    except (NotFound, APIError):
        yield ""
        return
    try:
        own.reload()
        joined = own.attrs["NetworkSettings"]["Networks"].get(network.name, {})
        yield str(joined.get("IPAddress", ""))
    finally:
        with suppress(NotFound, APIError):
            network.disconnect(own, force=True)


def _own_container() -> str:
    """The id of the container that we run in, from where its hosts file is mounted; empty outside of one."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text()
    except OSError:
        return ""
    match = next((_CONTAINER.search(line) for line in mounts.splitlines() if "/etc/host" in line), None)
    return match[1] if match else ""
