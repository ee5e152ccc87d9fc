"""`engine`: say which Docker Engine answers and how builds reach its BuildKit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import naming, networks
from buildkit.edges.engine import Engine

if TYPE_CHECKING:
    import argparse

    from buildkit.values.settings import Settings


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """No options: there is one engine, the one that DOCKER_HOST or the context names."""


def run(_arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Print what a build would use; fails where it would."""
    engine = Engine.connect()
    try:
        version = engine.client.version()
        network = networks.for_builds(bridge_mtu=engine.bridge_mtu, host_mtu=engine.mtu)
        print(f"image    {naming.repository(settings)}")
        print(f"engine   {version['Version']} ({version['Os']}/{version['Arch']})")
        print(f"builder  {' '.join(engine.builder.command)}")
        print(f"network  {network or 'default'} (bridge MTU {engine.bridge_mtu}, host MTU {engine.mtu})")
    finally:
        engine.close()
    return 0
