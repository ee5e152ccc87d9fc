"""How are blobs read, written, and shared by repositories?"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from urllib3.exceptions import HTTPError

from buildkit.decisions import digests, oci_json
from buildkit.decisions.registry import patience
from buildkit.edges.registry.manifests import reading, writing
from buildkit.edges.registry.wire import PIECE, Answer
from buildkit.values.errors import RegistryError, RegistryUnavailable
from buildkit.values.oci import Descriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from buildkit.edges.registry.transport import Transport

LARGEST_IN_MEMORY = 16 << 20
OCTETS = "application/octet-stream"
# An upload's session that is gone, or whose end we are wrong about: begun anew, it may well succeed.
SESSION_LOST = frozenset({404, 416})


class Blobs:
    """The blobs of a registry's repositories."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def has(self, repository: str, digest: str) -> bool:
        answer = self._transport.call(
            "HEAD",
            _url(repository, digest),
            what=f"looking for {_name(repository, digest)}",
            scopes=reading(repository),
            expect=frozenset({200, 404}),
        )
        return answer.status == 200

    def read(self, repository: str, digest: str) -> bytes:
        counted = digests.running(digest)
        what = f"reading {_name(repository, digest)}"
        answer = self._transport.call(
            "GET",
            _url(repository, digest),
            what=what,
            scopes=reading(repository),
            expect=frozenset({200}),
            limit=LARGEST_IN_MEMORY,
        )
        counted.update(answer.body)
        digests.check(digest, counted, what=what, host=self._transport.host)
        return answer.body

    def open(self, repository: str, digest: str) -> Iterator[bytes]:
        counted = digests.running(digest)
        what = f"reading {_name(repository, digest)}"
        have = 0
        broken = 0
        while True:
            start = {"Range": f"bytes={have}-"} if have else None
            response = self._transport.stream(
                _url(repository, digest), what=what, scopes=reading(repository), headers=start
            )
            # Whoever knows no ranges begins anew with 200: what we have had is skipped.
            skip = have if response.status == 200 else 0
            before = have
            try:
                for piece in response.stream(PIECE):
                    new = piece[skip:]
                    skip -= len(piece) - len(new)
                    counted.update(new)
                    have += len(new)
                    if new:
                        yield new
                break
            except (HTTPError, OSError) as error:
                # As long as it goes on at all, it may break as often as it likes.
                broken = 1 if have > before else broken + 1
                if broken >= patience.TRIES:
                    raise RegistryUnavailable(
                        f"{what}: {self._transport.host} breaks off again and again ({type(error).__name__})",
                        hint="try again later",
                    ) from None
                self._transport.rest(patience.pause(broken))
            finally:
                response.close() if skip or response.length_remaining else response.release_conn()
        digests.check(digest, counted, what=what, host=self._transport.host)

    def write(self, repository: str, data: bytes, *, media_type: str) -> Descriptor:
        name = oci_json.digest(data)
        return self._upload(repository, lambda: data, digest=name, size=len(data), media_type=media_type)

    def write_stream(
        self,
        repository: str,
        content: Callable[[], Iterable[bytes]],
        *,
        digest: str,
        size: int,
        media_type: str,
    ) -> Descriptor:
        return self._upload(
            repository, lambda: iter(content()), digest=digest, size=size, media_type=media_type
        )

    def mount(self, repository: str, digest: str, *, source: str) -> bool:
        query = urlencode({"mount": digest, "from": source})
        answer = self._transport.call(
            "POST",
            f"/v2/{repository}/blobs/uploads/?{query}",
            what=f"mounting {_name(source, digest)} in {repository}",
            scopes=writing(repository) | reading(source),
            # 202: it will not, or the source does not have it, and an upload has begun instead.
            expect=frozenset({201, 202}),
        )
        if answer.status == 201:
            return True
        self._cancel(repository, answer)
        if not self.has(repository, digest):
            self._copy(repository, digest, source=source)
        return False

    def _copy(self, repository: str, digest: str, *, source: str) -> None:
        answer = self._transport.call(
            "HEAD",
            _url(source, digest),
            what=f"looking for {_name(source, digest)}",
            scopes=reading(source),
            expect=frozenset({200}),
        )
        size = answer.headers.get("Content-Length", "")
        if not size.isdecimal():
            raise RegistryError(f"{self._transport.host} does not tell the size of {_name(source, digest)}")
        self.write_stream(
            repository,
            lambda: self.open(source, digest),
            digest=digest,
            size=int(size),
            media_type=OCTETS,
        )

    def _upload(
        self,
        repository: str,
        content: Callable[[], bytes | Iterator[bytes]],
        *,
        digest: str,
        size: int,
        media_type: str,
    ) -> Descriptor:
        """POST for a session, then PUT everything; after a failure both anew: nothing is ever there by halves."""

        def attempt() -> Answer:
            begun = self._transport.exchange(
                "POST", f"/v2/{repository}/blobs/uploads/", scopes=writing(repository)
            )
            if begun.status != 202:
                return begun
            return self._transport.exchange(
                "PUT",
                self._session(begun, digest=digest),
                scopes=writing(repository),
                headers={"Content-Type": OCTETS, "Content-Length": str(size)},
                body=content(),
            )

        self._transport.persist(
            attempt,
            what=f"writing {_name(repository, digest)}",
            expect=frozenset({201, 204}),
            again=patience.AGAIN | SESSION_LOST,
        )
        return Descriptor(media_type, digest, size)

    def _session(self, begun: Answer, *, digest: str = "") -> str:
        """Where an upload goes on; its URL has a query of its own, and may be relative or on another host."""
        place = begun.headers.get("Location", "")
        if not place:
            raise RegistryError(f"{self._transport.host} begins an upload and does not say where it goes on")
        place = self._transport.local(urljoin(self._transport.root + begun.url, place))
        if not digest:
            return place
        return f"{place}{'&' if '?' in place else '?'}{urlencode({'digest': digest})}"

    def _cancel(self, repository: str, begun: Answer) -> None:
        """Leave no half of an upload behind; a registry that will not have it cancelled purges it by itself."""
        if begun.headers.get("Location"):
            self._transport.exchange("DELETE", self._session(begun), scopes=writing(repository))


def _url(repository: str, digest: str) -> str:
    return f"/v2/{repository}/blobs/{digest}"


def _name(repository: str, digest: str) -> str:
    return f"{repository}@{digest[:19]}..."
