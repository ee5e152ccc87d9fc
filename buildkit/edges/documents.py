"""Read manifests and configs from a registry, each only once: they are named by their content.

What was read is kept in files, by digest, and checked against it when it is read again: the cache can be deleted at
any time, and nothing in it can be out of date. Of tags it keeps what they last stood for, so that a short question
(HEAD) suffices next time; the registry's word is always asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import oci_json
from buildkit.edges.cache_files import CacheFiles
from buildkit.values.errors import BadManifest
from buildkit.values.oci import INDEXES, MANIFESTS

if TYPE_CHECKING:
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
        self._content = CacheFiles(directory, kind="content")
        self._tags = CacheFiles(directory, kind="tags")

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

    def _kept_manifest(self, digest: str) -> Manifest | Index | None:
        media_type, _, raw = (self._content.read(digest) or b"").partition(b"\n")
        if media_type not in _KINDS or oci_json.digest(raw) != digest:
            return None
        try:
            return oci_json.manifest(raw, media_type=media_type.decode())
        except BadManifest:
            return None  # the registry's own words for it are better
