"""What do an image's layers say of what is installed?

A layer is read as it comes, once: what it says is kept below its digest, so that a rebase of a thousand services reads
their base once.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tarfile
import zlib
from typing import TYPE_CHECKING

from buildkit.decisions.supply import records, stack
from buildkit.edges.cache_files import CacheFiles
from buildkit.values.errors import BadManifest
from buildkit.values.package import LayerFacts

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Protocol

    from buildkit.edges.registry import Registry
    from buildkit.values.oci import Descriptor
    from buildkit.values.package import Package

    class _Decompressor(Protocol):
        def decompress(self, data: bytes, /) -> bytes: ...


WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
LARGEST = 64 << 20  # a status file of ten thousand packages has some ten
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def facts(registry: Registry, repository: str, layer: Descriptor, *, cache: Path | None) -> LayerFacts:
    """What a layer says.

    Args:
        registry: has it.
        repository: in which.
        layer: which.
        cache: directory of what was read before; None for none.

    Raises:
        BadManifest: the layer is no tar archive, or compressed in a way that we do not know.
    """
    known = CacheFiles(cache, kind="layers")
    with contextlib.suppress(ValueError, KeyError, TypeError):  # written by another version of this
        if (kept := known.read(layer.digest)) is not None:
            return stack.from_document(json.loads(kept))
    found = _read(registry.open_blob(repository, layer.digest), name=f"{repository}@{layer.digest}")
    known.write(layer.digest, json.dumps(stack.as_document(found)).encode())
    return found


def _read(pieces: Iterator[bytes], *, name: str) -> LayerFacts:
    packages: dict[str, tuple[Package, ...]] = {}
    release: dict[str, str] = {}
    removed: list[str] = []
    opaque: list[str] = []
    stream = _Unpacked(pieces)
    try:
        with tarfile.open(fileobj=io.BufferedReader(stream, 1 << 20), mode="r|") as tar:
            for member in tar:
                path = member.name.removeprefix("./").strip("/")
                folder, _, last = path.rpartition("/")
                if last == OPAQUE:
                    opaque.append(folder)
                elif last.startswith(WHITEOUT):
                    removed.append(f"{folder}/{last[len(WHITEOUT) :]}".lstrip("/"))
                elif records.wanted(path) and member.isfile() and member.size <= LARGEST:
                    content = tar.extractfile(member)
                    data = content.read() if content is not None else b""
                    if path in records.RELEASES:
                        release = records.release(data)
                    else:
                        packages[path] = records.packages(path, data)
    except (tarfile.TarError, zlib.error, zstd.ZstdError, EOFError) as error:
        raise BadManifest(f"the layer {name} cannot be unpacked ({error})") from None
    # To the end: it is there that the digest is checked.
    for _ in pieces:
        continue
    return LayerFacts(packages, release, tuple(removed), tuple(opaque))


class _Unpacked(io.RawIOBase):
    """A layer's tar archive, from its compressed pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._unpack: _Decompressor | None = None
        self._plain = False
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = self._opened(piece)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _opened(self, piece: bytes) -> bytes:
        if self._unpack is None and not self._plain:
            if piece.startswith(GZIP):
                self._unpack = _Gzip()
            elif piece.startswith(ZSTD):
                self._unpack = _Zstd()
            else:
                self._plain = True
        return piece if self._unpack is None else self._unpack.decompress(piece)


class _Gzip:
    """Gzip may be several members, one after the other."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, /) -> bytes:
        out = self._member.decompress(data)
        while self._member.eof and (rest := self._member.unused_data):
            self._member = zlib.decompressobj(wbits=31)
            out += self._member.decompress(rest)
        return out


class _Zstd:
    """Zstandard may be several frames, one after the other."""

    def __init__(self) -> None:
        self._frame = zstd.ZstdDecompressor()

    def decompress(self, data: bytes, /) -> bytes:
        out = self._frame.decompress(data)
        while self._frame.eof and (rest := self._frame.unused_data):
            self._frame = zstd.ZstdDecompressor()
            out += self._frame.decompress(rest)
        return out
