"""Which repositories has a registry, and which tags have they?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from buildkit.decisions.registry import answers
from buildkit.edges.registry.manifests import reading
from buildkit.values.errors import CredentialsRefused, NotInRegistry, RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from buildkit.edges.registry.transport import Transport

# Distribution 2.8 refuses more than 1000.
PAGE = 1000
LARGEST = 64 << 20
EVERYTHING = frozenset({"registry:catalog:*"})


def tags(transport: Transport, repository: str) -> tuple[str, ...]:
    """See Registry.tags."""
    pages_ = pages(
        transport,
        f"/v2/{repository}/tags/list?n={PAGE}",
        what=f"listing the tags of {repository}",
        scopes=reading(repository),
    )
    return tuple(str(tag) for page in pages_ for tag in page.get("tags") or ())


def catalogue(transport: Transport) -> Iterator[str]:
    """See Registry.catalogue."""
    what = "listing the repositories"
    try:
        for page in pages(transport, f"/v2/_catalog?n={PAGE}", what=what, scopes=EVERYTHING):
            yield from (str(name) for name in page.get("repositories") or ())
    except (NotInRegistry, CredentialsRefused) as error:
        # Only the administrator may, or nobody; the credentials may be right for everything else.
        hint = "name the services one by one"
        raise type(error)(
            f"{transport.host} does not list its repositories to us ({error.message})", hint=hint
        ) from None


def pages(transport: Transport, url: str, *, what: str, scopes: frozenset[str]) -> Iterator[dict[str, Any]]:
    """A list's JSON objects, page by page.

    Raises:
        RegistryError: It is no list, or has no end.
    """
    seen = set()
    while url:
        if url in seen:
            raise RegistryError(f"{what}: {transport.host} comes back to a page that it had sent before")
        seen.add(url)
        answer = transport.call("GET", url, what=what, scopes=scopes, expect=frozenset({200}), limit=LARGEST)
        try:
            document = json.loads(answer.body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise RegistryError(f"{what}: {transport.host} sent no list ({len(answer.body)} bytes)")
        yield document
        following = answers.next_page(answer.headers.get("Link", ""), url=urljoin(transport.root, url))
        url = transport.local(following) if following else ""
