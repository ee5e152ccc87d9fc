"""Read manifests and configs from a registry, each only once: they are named by their content.

What was read is kept in files, by digest, and checked against it when it is read again: the cache can be deleted at
any time, and nothing in it can be out of date. Of tags it keeps what they last stood for, so that a short question
(HEAD) suffices next time; the registry's word is always asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from typing import TYPE_CHECKING

from buildkit.decisions import oci_json
from buildkit.values.errors import BadManifest
from buildkit.values.oci import INDEXES, MANIFESTS

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.edges.registry import Registry
    from buildkit.values.oci import ImageConfig, Index, Manifest

_KINDS = (*MANIFESTS, *INDEXES)


class Documents:
    """The documents of one registry's images; threads may share it.

    Args:
        registry: where they are.
        directory: where copies are kept; None for nowhere. A directory that cannot be written to costs time only.
    """

    def __init__(self, registry: Registry, *, directory: Path | None) -> None:
        self.registry = registry
        self._directory = directory

    def manifest(self, repository: str, version: str) -> Manifest | Index:
        """What a tag or digest stands for now.

        Raises:
            NotInRegistry: there is none.
            BadManifest: it is of a kind that we do not know.
        """
        is_digest = ":" in version
        name = f"{self.registry.host}/{repository}:{version}"
        last = version if is_digest else self._last(name)
        if last and (kept := self._kept_manifest(last)) is not None:
            if is_digest:
                return kept
            now = self.registry.head(repository, version)
            if now is not None and now.digest == last:
                return kept
        document = self.registry.get(repository, version)
        self._keep(document.digest, f"{document.media_type}\n".encode() + document.raw)
        if not is_digest:
            self._write(self._path("tags", _hashed(name)), document.digest.encode())
        return document

    def config(self, repository: str, manifest: Manifest) -> ImageConfig:
        """A manifest's config (raises NotInRegistry, BadManifest)."""
        digest = manifest.config.digest
        kept = self._read(self._path("content", digest))
        if kept is not None and oci_json.digest(kept) == digest:
            return oci_json.config(kept)
        config = self.registry.config(repository, manifest)
        self._keep(digest, config.raw)
        return config

    def _kept_manifest(self, digest: str) -> Manifest | Index | None:
        kept = self._read(self._path("content", digest)) or b""
        media_type, _, raw = kept.partition(b"\n")
        if media_type.decode(errors="replace") not in _KINDS or oci_json.digest(raw) != digest:
            return None
        try:
            return oci_json.manifest(raw, media_type=media_type.decode())
        except BadManifest:
            return None  # the registry's own words for it are better

    def _last(self, name: str) -> str:
        return (self._read(self._path("tags", _hashed(name))) or b"").decode(errors="replace")

    def _keep(self, digest: str, content: bytes) -> None:
        self._write(self._path("content", digest), content)

    def _path(self, kind: str, name: str) -> Path | None:
        if self._directory is None:
            return None
        algorithm, _, value = name.rpartition(":")
        if not value.isalnum() or not algorithm.isalnum():
            return None  # what a registry calls a digest is no path
        return self._directory / kind / algorithm / value[:2] / value

    @staticmethod
    def _read(path: Path | None) -> bytes | None:
        if path is None:
            return None
        try:
            return path.read_bytes()
        except OSError:
            return None

    @staticmethod
    def _write(path: Path | None, content: bytes) -> None:
        """Whole or not at all; a full disk or a read-only one is no failure of what the caller wants to know."""
        if path is None:
            return
        temporary = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, path)  # noqa: PTH105 - the name is a string
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108


def _hashed(name: str) -> str:
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
