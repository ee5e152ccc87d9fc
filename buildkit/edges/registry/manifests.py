"""How are manifests and indexes read and written?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from buildkit.decisions import digests, oci_json
from buildkit.decisions.reference import is_digest
from buildkit.decisions.registry import challenge
from buildkit.values.errors import BadManifest, WrongDigest
from buildkit.values.oci import INDEXES, MANIFESTS, Descriptor

if TYPE_CHECKING:
    from buildkit.edges.registry.transport import Transport
    from buildkit.values.oci import Index, Manifest

ACCEPT = {"Accept": ", ".join((*MANIFESTS, *INDEXES))}
DIGEST = "Docker-Content-Digest"
# The specification has registries take 4 MiB at least; none known takes more than 16.
LARGEST = 16 << 20


class Manifests:
    """The manifests of a registry's repositories."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def head(self, repository: str, version: str) -> Descriptor | None:
        """Not every registry says all in a HEAD: then the manifest itself is read."""
        answer = self._transport.call(
            "HEAD",
            _url(repository, version),
            what=f"looking at {_name(repository, version)}",
            scopes=reading(repository),
            expect=frozenset({200, 404}),
            headers=ACCEPT,
        )
        if answer.status == 404:
            return None
        name = answer.headers.get(DIGEST, "")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
        size = answer.headers.get("Content-Length", "")
        if not is_digest(name) or not kind or not size.isdecimal():
            found = self.get(repository, version)
            return Descriptor(found.media_type, found.digest, len(found.raw))
        if is_digest(version) and name != version:
            raise WrongDigest(f"{self._transport.host} has {name} for {_name(repository, version)}")
        return Descriptor(kind, name, int(size))

    def get(self, repository: str, version: str) -> Manifest | Index:
        what = f"reading {_name(repository, version)}"
        answer = self._transport.call(
            "GET",
            _url(repository, version),
            what=what,
            scopes=reading(repository),
            expect=frozenset({200}),
            headers=ACCEPT,
            limit=LARGEST,
        )
        try:
            found = oci_json.manifest(answer.body, media_type=answer.headers.get("Content-Type", ""))
        except BadManifest as error:
            raise BadManifest(
                f"{what}: {self._transport.host} sent {error.message}", hint=error.hint
            ) from None
        claimed = version if is_digest(version) else answer.headers.get(DIGEST, "")
        if claimed:
            digests.check_all(claimed, answer.body, what=what, host=self._transport.host)
        return found

    def put(self, repository: str, raw: bytes, *, media_type: str, version: str) -> str:
        return self.write(repository, raw, media_type=media_type, version=version)[0]

    def write(self, repository: str, raw: bytes, *, media_type: str, version: str) -> tuple[str, str]:
        """Write one; the digest, and the subject that the registry says it noted (`OCI-Subject`)."""
        name = oci_json.digest(raw)
        what = f"writing {_name(repository, version)}"
        if is_digest(version) and version.startswith("sha256:") and version != name:
            raise WrongDigest(f"{what}: the manifest's digest is {name}")
        answer = self._transport.call(
            "PUT",
            _url(repository, version),
            what=what,
            scopes=writing(repository),
            expect=frozenset({200, 201, 202}),
            headers={"Content-Type": media_type},
            body=raw,
        )
        said = answer.headers.get(DIGEST, name)
        if said != name and said.startswith("sha256:"):
            raise WrongDigest(f"{what}: {self._transport.host} made {said} of {name}")
        return name, answer.headers.get("OCI-Subject", "")


def reading(repository: str) -> frozenset[str]:
    return frozenset({challenge.scope(repository, "pull")})


def writing(repository: str) -> frozenset[str]:
    return frozenset({challenge.scope(repository, "pull", "push")})


def _url(repository: str, version: str) -> str:
    return f"/v2/{repository}/manifests/{quote(version, safe=':')}"


def _name(repository: str, version: str) -> str:
    return f"{repository}{'@' if is_digest(version) else ':'}{version}"
