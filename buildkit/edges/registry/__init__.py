"""A container registry over HTTP, as https://github.com/opencontainers/distribution-spec (1.1) has it."""

from buildkit.edges.registry.client import Registry

__all__ = ["Registry"]
