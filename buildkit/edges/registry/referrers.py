"""What is attached to a manifest?

Where the registry knows referrers, it keeps the list; where it does not, the tag `sha256-<hex>` is one, which all
who attach keep in step (distribution-spec 1.1, "Referrers Tag Schema").
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from buildkit.decisions import oci_json
from buildkit.decisions.registry import answers, attachments, patience
from buildkit.edges.registry.listing import LARGEST
from buildkit.edges.registry.manifests import reading
from buildkit.values.errors import BadManifest, NotInRegistry, RegistryError, TagMoved
from buildkit.values.oci import OCI_EMPTY, OCI_INDEX, OCI_MANIFEST, Index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.edges.registry.blobs import Blobs
    from buildkit.edges.registry.manifests import Manifests
    from buildkit.edges.registry.transport import Transport
    from buildkit.values.oci import Descriptor

# 404 by the specification; the others from what stands before registries that have no such path.
NO_SUCH_API = frozenset({400, 404, 405, 501})
TRIES = 8
# A tag cannot be compared and swapped, so whoever writes a list in this process waits for the others; by the subject,
# since lists of different subjects have nothing to do with each other.
_WRITING = tuple(threading.Lock() for _ in range(64))


class Referrers:
    """The attachments of a registry's manifests."""

    def __init__(self, transport: Transport, *, manifests: Manifests, blobs: Blobs) -> None:
        self._transport = transport
        self._manifests = manifests
        self._blobs = blobs
        self._has_api: bool | None = None

    def of(self, repository: str, digest: str, *, artifact_type: str) -> tuple[Descriptor, ...]:
        """See Registry.referrers."""
        found = None
        if self._has_api is not False:
            found = self._listed(repository, digest, artifact_type=artifact_type)
            self._has_api = found is not None
        if found is None:
            index = self._index(repository, digest)
            found = () if index is None else index.manifests
        return attachments.of_type(found, artifact_type=artifact_type)

    def attach(
        self,
        repository: str,
        subject: Descriptor,
        data: bytes,
        *,
        artifact_type: str,
        media_type: str,
        annotations: Mapping[str, str],
    ) -> str:
        """See Registry.attach."""
        layer = self._blobs.write(repository, data, media_type=media_type)
        self._blobs.write(repository, attachments.EMPTY, media_type=OCI_EMPTY)
        raw = attachments.artifact(subject, layer, artifact_type=artifact_type, annotations=annotations)
        name, noted = self._manifests.write(
            repository, raw, media_type=OCI_MANIFEST, version=oci_json.digest(raw)
        )
        if not noted:
            self._list(repository, subject.digest, attachments.entry(raw))
        return name

    def _listed(self, repository: str, digest: str, *, artifact_type: str) -> tuple[Descriptor, ...] | None:
        """The registry's own list; None if it keeps none."""
        found: list[Descriptor] = []
        query = f"?{urlencode({'artifactType': artifact_type})}" if artifact_type else ""
        url = f"/v2/{repository}/referrers/{digest}{query}"
        while url:
            answer = self._transport.call(
                "GET",
                url,
                what=f"listing what is attached to {repository}@{digest}",
                scopes=reading(repository),
                expect=frozenset({200}) | NO_SUCH_API,
                limit=LARGEST,
            )
            if answer.status != 200:
                return None
            try:
                index = oci_json.manifest(answer.body, media_type=answer.headers.get("Content-Type", ""))
            except BadManifest:
                return None  # a page for people, from a registry that answers every path
            if not isinstance(index, Index):
                return None
            found += index.manifests
            following = answers.next_page(
                answer.headers.get("Link", ""), url=urljoin(self._transport.root, url)
            )
            url = self._transport.local(following) if following else ""
        return tuple(found)

    def _index(self, repository: str, digest: str) -> Index | None:
        try:
            found = self._manifests.get(repository, attachments.tag(digest))
        except NotInRegistry:
            return None
        if not isinstance(found, Index):
            raise RegistryError(
                f"{repository}:{attachments.tag(digest)} is no list of attachments", hint="delete that tag"
            )
        return found

    def _list(self, repository: str, digest: str, new: Descriptor) -> None:
        """Add to the list; again if somebody else's write was the last.

        What another process writes between our reading and our writing is lost, as the specification warns: a
        registry with the referrers API has no such gap.
        """
        lock = _WRITING[hash((self._transport.host, repository, digest)) % len(_WRITING)]
        for tries in range(1, TRIES + 1):
            with lock:
                raw = attachments.added(self._index(repository, digest), new)
                if raw is None:
                    return
                self._manifests.put(repository, raw, media_type=OCI_INDEX, version=attachments.tag(digest))
                after = self._index(repository, digest)
            if after is not None and any(each.digest == new.digest for each in after.manifests):
                return
            self._transport.rest(patience.pause(tries))
        raise TagMoved(f"others keep writing {repository}:{attachments.tag(digest)}", hint="try again later")
