"""What can be asked of a container registry?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from buildkit.decisions import oci_json
from buildkit.decisions.reference import HUB, is_loopback
from buildkit.edges import environment
from buildkit.edges.registry import listing, logins, referrers, tags, trust
from buildkit.edges.registry.blobs import Blobs
from buildkit.edges.registry.entry import Entry
from buildkit.edges.registry.manifests import Manifests
from buildkit.edges.registry.transport import Transport
from buildkit.edges.registry.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from buildkit.decisions.registry.logins import Login
    from buildkit.values.oci import Descriptor, ImageConfig, Index, Manifest

# Docker Hub's API is at another name than its images' (https://docs.docker.com/reference/api/registry/latest/).
HUB_API = "registry-1.docker.io"


class Registry:
    """One registry; threads may share it, and should: connections, tokens and the budget are common to all.

    Whatever is read is checked against its digest. Every method may raise RegistryUnavailable, CredentialsRefused,
    UntrustedCertificate or another RegistryError; below are only those that a method adds.

    Attributes:
        host: As references name it.
    """

    def __init__(self, host: str, *, transport: Transport) -> None:
        self.host = host
        self._transport = transport
        self._manifests = Manifests(transport)
        self._blobs = Blobs(transport)
        self._referrers = referrers.Referrers(transport, manifests=self._manifests, blobs=self._blobs)

    @classmethod
    def connect(
        cls,
        host: str,
        *,
        budget: int = 16,
        insecure: bool | None = None,
        ca_bundle: Path | None = None,
        login: Login | None = None,
        proxy: str | None = None,
    ) -> Self:
        """Get ready; the first connection is made when something is asked.

        Args:
            host: `name:port`, without a scheme.
            budget: How many requests may be under way at once, and how many connections are kept.
            insecure: Whether it speaks plain HTTP; None: only on this machine, as the engine has it.
            ca_bundle: PEM file with certificates that are trusted beside the system's and certs.d's.
            login: Credentials; None for those of docker's own configuration.
            proxy: URL of the proxy on the way, empty for none; None for the environment's.

        Raises:
            MissingFile: The bundle or docker's configuration cannot be read.
            BadSetting: One of them does not say what it must.
        """
        plain = is_loopback(host) if insecure is None else insecure
        if login is None:
            login = logins.find(host, directory=environment.docker_directory())
        if proxy is None:
            proxy = environment.proxy(host, secure=not plain)
        wire = Wire(
            f"{'http' if plain else 'https'}://{HUB_API if host == HUB else host}",
            connections=budget,
            trust=lambda: trust.context(host, ca_bundle=ca_bundle),
            proxy=proxy,
        )
        transport = Transport(host, wire=wire, entry=Entry(host, login=login, wire=wire), budget=budget)
        return cls(host, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; whoever still waits for another try gives up."""
        self._transport.close()

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, with tokens, redirects and further tries."""
        return self._transport.requests

    def head(self, repository: str, version: str) -> Descriptor | None:
        """What a tag or digest stands for, None if it is not there."""
        return self._manifests.head(repository, version)

    def get(self, repository: str, version: str) -> Manifest | Index:
        """A manifest or index by tag or digest.

        Raises:
            NotInRegistry: There is none.
            BadManifest: It is of a kind that we do not know.
            WrongDigest: The registry's word and the content differ.
        """
        return self._manifests.get(repository, version)

    def put(self, repository: str, raw: bytes, *, media_type: str, version: str) -> str:
        """Write a manifest under a tag, or under its digest only, and return the digest.

        Raises:
            WrongDigest: The registry took it for something else, or `version` is another content's digest.
        """
        return self._manifests.put(repository, raw, media_type=media_type, version=version)

    def config(self, repository: str, manifest: Manifest) -> ImageConfig:
        """A manifest's config.

        Raises:
            NotInRegistry: The blob is missing.
            BadManifest: It is no JSON object.
        """
        return oci_json.config(self.blob(repository, manifest.config.digest))

    def blob(self, repository: str, digest: str) -> bytes:
        """A small blob, at most 16 MiB (raises NotInRegistry, WrongDigest)."""
        return self._blobs.read(repository, digest)

    def open_blob(self, repository: str, digest: str) -> Iterator[bytes]:
        """A blob piece by piece; goes on where it was when the connection breaks in the middle.

        Use the pieces only after the last has come: it is then that the digest is checked.

        Raises:
            NotInRegistry: There is none.
            WrongDigest: At the end: it was another's content.
        """
        return self._blobs.open(repository, digest)

    def has_blob(self, repository: str, digest: str) -> bool:
        return self._blobs.has(repository, digest)

    def put_blob(self, repository: str, data: bytes, *, media_type: str) -> Descriptor:
        """Upload a blob that fits into memory."""
        return self._blobs.write(repository, data, media_type=media_type)

    def put_stream(
        self,
        repository: str,
        content: Callable[[], Iterable[bytes]],
        *,
        digest: str,
        size: int,
        media_type: str,
    ) -> Descriptor:
        """Upload a blob of any size.

        Args:
            repository: Where to.
            content: Begins to give the blob's pieces, anew for each try.
            digest: Of the whole.
            size: In bytes.
            media_type: For the descriptor; a registry does not keep it.
        """
        return self._blobs.write_stream(repository, content, digest=digest, size=size, media_type=media_type)

    def mount(self, repository: str, digest: str, *, source: str) -> bool:
        """Have a blob of another repository of this registry in this one.

        Returns:
            Whether the registry did it by itself; else it was read and written again.

        Raises:
            NotInRegistry: The source has no such blob.
        """
        return self._blobs.mount(repository, digest, source=source)

    def move_tag(self, repository: str, tag: str, *, to: str, expected: str | None) -> None:
        """Let a tag stand for another manifest of its repository, if nobody else has moved it.

        A registry knows no compare-and-swap: the tag is read right before and right after the write, so a change by
        somebody else is seen unless it falls between two requests. Done already is done.

        Args:
            repository: Its repository.
            tag: Which.
            to: The new manifest's digest.
            expected: The digest that it stands for now; None if there is no such tag.

        Raises:
            TagMoved: It stands for something else, before or after.
            NotInRegistry: There is no manifest `to`.
        """
        tags.move(self._manifests, repository, tag, to=to, expected=expected)

    def delete_tag(self, repository: str, tag: str) -> None:
        """Remove a tag and leave its manifest; a missing one is removed already.

        Raises:
            RegistryError: This registry can only delete manifests, with all their tags.
        """
        tags.delete(self._transport, repository, tag)

    def tags(self, repository: str) -> tuple[str, ...]:
        """All tags (raises NotInRegistry if there is no such repository)."""
        return listing.tags(self._transport, repository)

    def catalogue(self) -> Iterator[str]:
        """All repositories that we may see, page by page.

        Raises:
            RegistryError: It does not list them: public registries do not.
        """
        return listing.catalogue(self._transport)

    def referrers(self, repository: str, digest: str, *, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """What is attached to a manifest; only those of a type if one is given."""
        return self._referrers.of(repository, digest, artifact_type=artifact_type)

    def attach(
        self,
        repository: str,
        subject: Descriptor,
        data: bytes,
        *,
        artifact_type: str,
        media_type: str,
        annotations: Mapping[str, str] | None = None,
    ) -> str:
        """Attach data to a manifest, as an artifact that names it as its subject, and return the artifact's digest.

        The same data attached twice is there once.
        """
        return self._referrers.attach(
            repository,
            subject,
            data,
            artifact_type=artifact_type,
            media_type=media_type,
            annotations=annotations or {},
        )
