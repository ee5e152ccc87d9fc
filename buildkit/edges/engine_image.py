"""What does an image in the engine consist of?"""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from buildkit.decisions import oci_json
from buildkit.values.errors import CommandFailed
from buildkit.values.oci import OCI_LAYER, Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.edges.engine import Engine
    from buildkit.values.oci import ImageConfig

PIECE = 1 << 20
GZIP = b"\x1f\x8b"
#: zlib's word for a gzip header, which it leaves without name and date: the same content is the same blob.
GZIP_FORMAT = 31
LEVEL = 6


@dataclass(frozen=True, slots=True)
class Layer:
    """A compressed layer as a file, and its name in a manifest."""

    file: Path
    descriptor: Descriptor


class SavedImage:
    """An image as `docker save` writes it.

    Only contents are looked at: engines differ in how they name the members (a directory for each layer up to 24,
    the layout of OCI from 25 on), but the config lists the digests of all uncompressed layers.

    Attributes:
        config: its bytes are what the engine has; their digest is the image's id.
    """

    def __init__(self, tar: tarfile.TarFile, *, directory: Path) -> None:
        self._tar = tar
        self._directory = directory
        self._files = [member for member in tar.getmembers() if member.isfile()]
        self._diff_ids: dict[str, str] = {}
        (entry,) = json.loads(self._read("manifest.json"))
        self.config: ImageConfig = oci_json.config(self._read(entry["Config"]))

    def layer(self, diff_id: str) -> Layer:
        """A layer by the digest of its uncompressed content, compressed.

        Raises:
            CommandFailed: the engine did not save it, or compressed in a way that we cannot read.
        """
        for member in self._files:
            if self._diff_id(member) == diff_id:
                return self._compressed(member)
        raise CommandFailed(
            f"the engine saved {self.config.digest} without its layer {diff_id}",
            hint="build it again with the engine's own builder",
        )

    def _read(self, name: str) -> bytes:
        file = self._tar.extractfile(name)
        assert file is not None
        return file.read()

    def _open(self, member: tarfile.TarInfo) -> IO[bytes]:
        file = self._tar.extractfile(member)
        assert file is not None
        return file

    def _diff_id(self, member: tarfile.TarInfo) -> str:
        if member.name not in self._diff_ids:
            counted = hashlib.sha256()
            with self._open(member) as file:
                for piece in _unpacked(file):
                    counted.update(piece)
            self._diff_ids[member.name] = f"sha256:{counted.hexdigest()}"
        return self._diff_ids[member.name]

    def _compressed(self, member: tarfile.TarInfo) -> Layer:
        target = self._directory / f"{member.offset}.tar.gz"
        counted = hashlib.sha256()
        with self._open(member) as source, target.open("wb") as file:
            for piece in _packed(source):
                counted.update(piece)
                file.write(piece)
        descriptor = Descriptor(OCI_LAYER, f"sha256:{counted.hexdigest()}", target.stat().st_size)
        return Layer(target, descriptor)


@contextmanager
def saved(engine: Engine, image: str) -> Iterator[SavedImage]:
    """An image's content on this machine's disk, until the end of the block.

    Raises:
        CommandFailed: the engine does not give it away.
        OutOfDisk: there is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="image-") as name:
        directory = Path(name)
        whole = directory / "image.tar"
        engine.save(image, path=whole)
        with tarfile.open(whole) as tar:
            yield SavedImage(tar, directory=directory)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _is_packed(file: IO[bytes]) -> bool:
    start = file.read(len(GZIP))
    file.seek(0)
    return start == GZIP


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    if not _is_packed(file):
        yield from _pieces(file)
        return
    unpacker = zlib.decompressobj(GZIP_FORMAT)
    for piece in _pieces(file):
        yield unpacker.decompress(piece)
    yield unpacker.flush()


def _packed(file: IO[bytes]) -> Iterator[bytes]:
    if _is_packed(file):
        yield from _pieces(file)
        return
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_FORMAT)
    for piece in _pieces(file):
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
