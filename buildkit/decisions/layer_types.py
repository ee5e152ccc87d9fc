"""What is a layer of Docker's called in an OCI image?

The bytes are the same; only the names differ. https://github.com/opencontainers/image-spec/blob/main/media-types.md
"""

from __future__ import annotations

_OCI = "application/vnd.oci.image.layer"
_DOCKER = "application/vnd.docker.image.rootfs"
_NAMES = {
    f"{_DOCKER}.diff.tar": f"{_OCI}.v1.tar",
    f"{_DOCKER}.diff.tar.gzip": f"{_OCI}.v1.tar+gzip",
    f"{_DOCKER}.diff.tar.zstd": f"{_OCI}.v1.tar+zstd",
    f"{_DOCKER}.foreign.diff.tar": f"{_OCI}.nondistributable.v1.tar",
    f"{_DOCKER}.foreign.diff.tar.gzip": f"{_OCI}.nondistributable.v1.tar+gzip",
}


def oci(media_type: str) -> str:
    """OCI's name for a kind of layer; a kind that is OCI's already, or unknown, keeps its name."""
    return _NAMES.get(media_type, media_type)


def elsewhere(media_type: str) -> bool:
    """Whether such a layer lies on its vendor's server and not in registries."""
    return "nondistributable" in oci(media_type)
