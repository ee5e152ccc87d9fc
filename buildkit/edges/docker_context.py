"""Where is the engine that a docker context leads to?"""

from __future__ import annotations

import json
from pathlib import Path

import docker
from docker.tls import TLSConfig

from buildkit.edges import commands
from buildkit.values.errors import CommandFailed, NoEngine

_LIST = "`docker context ls` has the contexts' names"


def client(name: str, *, timeout: int) -> docker.DockerClient:
    """The SDK's client for a context's engine.

    The docker command is asked, since the SDK finds contexts only beside a config.json.

    Args:
        name: The context's.
        timeout: Seconds for an answer.

    Raises:
        NoEngine: There is no such context.
        DockerException: Its engine does not answer.
    """
    try:
        lines = commands.run(("docker", "context", "inspect", name), what=f"looking at the context {name}")
        [context] = json.loads("\n".join(lines))
        host = str(context["Endpoints"]["docker"]["Host"])
        tls = _tls(context)
    except CommandFailed as error:
        raise NoEngine(error.message, hint=_LIST) from None
    except (ValueError, KeyError, TypeError) as error:
        raise NoEngine(f"the context {name} names no engine ({error!r})", hint=_LIST) from None
    return docker.DockerClient(
        base_url=host, tls=tls or False, timeout=timeout, use_ssh_client=host.startswith("ssh://")
    )


def _tls(context: dict[str, dict[str, dict[str, str]]]) -> TLSConfig | None:
    """Its certificates, if it has any; docker keeps them in files of these names."""
    if not (context.get("TLSMaterial") or {}).get("docker"):
        return None
    place = Path(str(context["Storage"]["TLSPath"])) / "docker"
    have = {name: str(place / name) for name in ("ca.pem", "cert.pem", "key.pem") if (place / name).exists()}
    pair = (have["cert.pem"], have["key.pem"]) if {"cert.pem", "key.pem"} <= have.keys() else None
    return TLSConfig(client_cert=pair, ca_cert=have.get("ca.pem"), verify="ca.pem" in have)
