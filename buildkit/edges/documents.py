"""Read manifests and configs from a registry, each only once: they are named by their content.

What was read is kept in files, by digest, and checked against it when it is read again: the cache can be deleted at
any time, and nothing in it can be out of date but what is asked for as `recent`. Of tags it keeps what they last stood
for, so that a short question (HEAD) suffices next time; the registry's word is always asked for.
"""

from __future__ import annotations

<<<<<<< HEAD
import contextlib
import hashlib
import math
import os
import threading
import time
=======
>>>>>>> main
from typing import TYPE_CHECKING

from buildkit.decisions import oci_json
from buildkit.edges.cache_files import CacheFiles
from buildkit.values.errors import BadManifest
from buildkit.values.oci import INDEXES, MANIFESTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildkit.edges.registry import Registry
    from buildkit.values.oci import ImageConfig, Index, Manifest

_KINDS = frozenset(kind.encode() for kind in (*MANIFESTS, *INDEXES))


class Documents:
    """The documents of one registry's images; threads may share it.

    Args:
        registry: where they are.
        directory: where copies are kept; None for nowhere.
    """

    def __init__(self, registry: Registry, *, directory: Path | None) -> None:
        self.registry = registry
<<<<<<< HEAD
        self._directory = str(directory) if directory is not None else ""
=======
        self._content = CacheFiles(directory, kind="content")
        self._tags = CacheFiles(directory, kind="tags")
>>>>>>> main

    def manifest(self, repository: str, version: str) -> Manifest | Index:
        """What a tag or digest stands for now.

        Raises:
            NotInRegistry: there is none.
            BadManifest: it is of a kind that we do not know.
        """
        is_digest = ":" in version
        name = f"{self.registry.host}/{repository}:{version}"
        last = version if is_digest else (self._tags.read(name) or b"").decode(errors="replace")
        if last and (kept := self._kept_manifest(last)) is not None:
            if is_digest:
                return kept
            now = self.registry.head(repository, version)
            if now is not None and now.digest == last:
                return kept
        document = self.registry.get(repository, version)
        self._content.write(document.digest, f"{document.media_type}\n".encode() + document.raw)
        if not is_digest:
            self._tags.write(name, document.digest.encode())
        return document

    def config(self, repository: str, manifest: Manifest) -> ImageConfig:
        """A manifest's config (raises NotInRegistry, BadManifest)."""
        digest = manifest.config.digest
        kept = self._content.read(digest)
        if kept is not None and oci_json.digest(kept) == digest:
            return oci_json.config(kept)
        config = self.registry.config(repository, manifest)
        self._content.write(digest, config.raw)
        return config

    def recent(self, name: str, *, seconds: float, ask: Callable[[], str]) -> str:
        """What `ask` said not long ago, else what it says now; for what a digest does not name.

        Args:
            name: of the question.
            seconds: how old an answer may be, by this machine's clock.
            ask: answers it.
        """
        path = self._path("recent", _hashed(name))
        kept = self._read(path, at_most=seconds)
        if kept is not None:
            return kept.decode(errors="replace")
        answer = ask()
        self._write(path, answer.encode())
        return answer

    def forget(self, name: str) -> None:
        """Have it asked anew."""
        path = self._path("recent", _hashed(name))
        if path:
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108

    def _kept_manifest(self, digest: str) -> Manifest | Index | None:
        media_type, _, raw = (self._content.read(digest) or b"").partition(b"\n")
        if media_type not in _KINDS or oci_json.digest(raw) != digest:
            return None
        try:
            return oci_json.manifest(raw, media_type=media_type.decode())
        except BadManifest:
            return None  # the registry's own words for it are better
<<<<<<< HEAD

    def _last(self, name: str) -> str:
        return (self._read(self._path("tags", _hashed(name))) or b"").decode(errors="replace")

    def _keep(self, digest: str, content: bytes) -> None:
        self._write(self._path("content", digest), content)

    def _path(self, kind: str, name: str) -> str:
        """Where a copy is, empty for nowhere. Text, since a fleet's thousands of `Path`s take as long as its files."""
        if not self._directory:
            return ""
        algorithm, _, value = name.rpartition(":")
        if not value.isalnum() or not algorithm.isalnum():
            return ""  # what a registry calls a digest is no path
        return f"{self._directory}/{kind}/{algorithm}/{value[:2]}/{value}"

    @staticmethod
    def _read(path: str, *, at_most: float = math.inf) -> bytes | None:
        """A copy's content; None if there is none, or it was written more seconds ago, or is from the future."""
        if not path:
            return None
        try:
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the name is a string
                if at_most < math.inf and not 0 <= time.time() - os.fstat(file.fileno()).st_mtime <= at_most:
                    return None
                return file.read()
        except OSError:
            return None

    @staticmethod
    def _write(path: str, content: bytes) -> None:
        """Whole or not at all; a full disk or a read-only one is no failure of what the caller wants to know."""
        if not path:
            return
        # Its own for each thread of each process: nobody else writes it, so no name need be looked for.
        temporary = f"{path}.{os.getpid()}-{threading.get_ident()}.part"
        try:
            try:
                file = open(temporary, "wb")  # noqa: PTH123, SIM115 - the name is a string
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
                file = open(temporary, "wb")  # noqa: PTH123, SIM115
            with file:
                file.write(content)
            os.replace(temporary, path)  # noqa: PTH105
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108


def _hashed(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
=======
>>>>>>> main
