"""Bring a saved image's layers to a registry: only those that are not there yet, and without any tag."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from typing import TYPE_CHECKING

from buildkit.values.built import BuiltImage
from buildkit.values.oci import OCI_LAYER, Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from buildkit.edges.registry import Registry
    from buildkit.edges.saved_image import SavedLayer
    from buildkit.values.oci import ImageConfig

PIECE = 1 << 20
# zlib's own default: the next level up takes half as long again for one or two hundredths of the size.
LEVEL = 6
_ZSTD = b"\x28\xb5\x2f\xfd"
OCI_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"


def upload(
    registry: Registry,
    repository: str,
    *,
    config: ImageConfig,
    layers: Iterable[SavedLayer],
    known: Mapping[str, tuple[str, Descriptor]],
) -> BuiltImage:
    """Have all layers in the repository.

    Args:
        registry: Where to.
        repository: Where to.
        config: The image's.
        layers: From the lowest to the highest; those in `known` need no file.
        known: By diff_id: the repository of this registry that has the layer, and the layer.

    Raises:
        RegistryError: The registry will not have one.
    """
    described = []
    done: dict[str, Descriptor] = {}  # a layer may occur twice, the empty one above all
    for layer in layers:
        if layer.diff_id in done:
            descriptor = done[layer.diff_id]
        elif layer.diff_id in known:
            source, descriptor = known[layer.diff_id]
            if source != repository:
                registry.mount(repository, descriptor.digest, source=source)
        else:
            assert layer.path is not None
            descriptor = _upload(registry, repository, layer, path=layer.path)
        done[layer.diff_id] = descriptor
        described.append(descriptor)
    return BuiltImage(config=config, layers=tuple(described))


def _upload(registry: Registry, repository: str, layer: SavedLayer, *, path: Path) -> Descriptor:
    if layer.digest == layer.diff_id:
        path, digest, kind = _compressed(path)
    else:  # the engine's store has it compressed already
        with path.open("rb") as file:
            kind = OCI_ZSTD if file.read(4) == _ZSTD else OCI_LAYER
        digest = layer.digest
    size = path.stat().st_size
    if registry.has_blob(repository, digest):
        return Descriptor(kind, digest, size)
    return registry.put_stream(repository, lambda: _pieces(path), digest=digest, size=size, media_type=kind)


def _compressed(path: Path) -> tuple[Path, str, str]:
    """The same layer by gzip, without a date in it: the same layer has the same digest."""
    packed = path.with_name(f"{path.name}.gz")
    with (
        path.open("rb") as source,
        packed.open("wb") as target,
        gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=LEVEL, mtime=0) as out,
    ):
        shutil.copyfileobj(source, out, PIECE)
    path.unlink()
    with packed.open("rb") as file:
        return packed, f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}", OCI_LAYER


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
