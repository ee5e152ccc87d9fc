"""Take an image out of the engine, without giving it a name in a registry.

What `docker save` writes is either Docker's old form (each layer as a tar) or an OCI layout (layers as the
store has them); both have a manifest.json that names the config and, in order, the layers.
https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker.errors import APIError

from buildkit.decisions import oci_json
from buildkit.edges.engine import told
from buildkit.values.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from buildkit.edges.engine import Engine
    from buildkit.values.oci import ImageConfig

PIECE = 1 << 20
# A config or an index; everything larger is a layer.
LARGEST_DOCUMENT = 4 << 20


@dataclass(frozen=True, slots=True)
class SavedLayer:
    """A layer as it was saved: compressed or not.

    Attributes:
        diff_id: digest of what it unpacks to.
        digest: of the file.
        path: the file; None if it was not kept.
    """

    diff_id: str
    digest: str
    path: Path | None


def read(
    engine: Engine, image: str, *, place: Path, known: frozenset[str]
) -> tuple[ImageConfig, tuple[SavedLayer, ...]]:
    """The image's config, and its layers from the lowest to the highest.

    Args:
        engine: Has the image.
        image: Its id or name.
        place: A directory for the layers' files.
        known: diff_ids of layers that are not needed: they are read past.

    Raises:
        CommandFailed: The engine gives something else than an image.
        OutOfDisk: Here, or in the engine, which makes a copy as well.
    """
    try:
        pieces = engine.client.api.get_image(image, chunk_size=PIECE)
        with tarfile.open(fileobj=_Stream(pieces), mode="r|", bufsize=PIECE) as tar:
            files, links = _unpacked(tar, place=place, known=known)
    except APIError as error:
        raise told(error, what=f"saving {image}") from None
    except tarfile.TarError as error:
        raise CommandFailed(f"saving {image} broke off: {error}", hint="try again") from None
    return _understood(files, links=links, image=image)


@dataclass(frozen=True, slots=True)
class _File:
    digest: str
    path: Path | None
    content: bytes = b""


def _unpacked(
    tar: tarfile.TarFile, *, place: Path, known: frozenset[str]
) -> tuple[dict[str, _File], dict[str, str]]:
    """Files by name, and where links lead: the old form names a layer that occurs twice by a link."""
    files: dict[str, _File] = {}
    links: dict[str, str] = {}
    for member in tar:
        if member.issym() or member.islnk():
            folder = member.name.rpartition("/")[0]
            links[member.name] = _joined(folder, member.linkname) if member.issym() else member.linkname
        source = tar.extractfile(member) if member.isreg() else None
        if source is None:
            continue
        if member.size <= LARGEST_DOCUMENT and member.name.endswith(".json"):
            content = source.read()
            files[member.name] = _File(oci_json.digest(content), None, content)
            continue
        path = place / f"{len(files)}"
        counted = hashlib.sha256()
        with path.open("wb") as out:
            while piece := source.read(PIECE):
                counted.update(piece)
                out.write(piece)
        digest = f"sha256:{counted.hexdigest()}"
        if digest in known:
            path.unlink()
        files[member.name] = _File(digest, None if digest in known else path)
    return files, links


def _understood(
    files: dict[str, _File], *, links: dict[str, str], image: str
) -> tuple[ImageConfig, tuple[SavedLayer, ...]]:
    def found(name: str) -> _File:
        return files[links.get(name, name)]

    try:
        [entry] = json.loads(files["manifest.json"].content)
        document = found(entry["Config"])
        raw = document.content or (document.path.read_bytes() if document.path else b"")
        config = oci_json.config(raw)
        layers = [found(name) for name in entry["Layers"]]
        pairs = zip(config.diff_ids, layers, strict=True)
        return config, tuple(SavedLayer(diff_id, file.digest, file.path) for diff_id, file in pairs)
    except (KeyError, ValueError, TypeError) as error:
        raise CommandFailed(f"the engine saved {image} in a form that we do not know ({error!r})") from None


def _joined(folder: str, link: str) -> str:
    parts = folder.split("/") if folder else []
    for part in link.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


class _Stream(io.RawIOBase):
    """Pieces as a file that can be read forwards."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """As much as asked for: tarfile takes less for the end."""
        parts = []
        wanted = size if size >= 0 else 1 << 62
        while wanted:
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._rest = memoryview(piece)
            part = self._rest[:wanted]
            self._rest = self._rest[len(part) :]
            wanted -= len(part)
            parts.append(part)
        return b"".join(parts)
