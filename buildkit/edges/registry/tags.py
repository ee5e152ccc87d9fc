"""How does a tag move, and how does it go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions.registry import challenge
from buildkit.values.errors import RegistryError, TagMoved

if TYPE_CHECKING:
    from buildkit.edges.registry.manifests import Manifests
    from buildkit.edges.registry.transport import Transport

# DELETE by tag came with distribution 3; before, it is "unsupported" or an "invalid digest".
UNSUPPORTED = frozenset({400, 405, 501})


def move(manifests: Manifests, repository: str, tag: str, *, to: str, expected: str | None) -> None:
    """See Registry.move_tag."""
    target = manifests.get(repository, to)
    found = manifests.head(repository, tag)
    now = found.digest if found is not None else None
    if now == to:
        return
    if now != expected:
        raise TagMoved(
            f"{repository}:{tag} is {now or 'gone'}, not {expected or 'missing'} any more",
            hint="somebody else has moved it: plan anew",
        )
    manifests.put(repository, target.raw, media_type=target.media_type, version=tag)
    after = manifests.head(repository, tag)
    if after is None or after.digest != to:
        raise TagMoved(
            f"{repository}:{tag} was moved to {to}, and is {after.digest if after else 'gone'} now",
            hint="somebody else moves it at the same time: plan anew",
        )


def delete(transport: Transport, repository: str, tag: str) -> None:
    """See Registry.delete_tag."""
    answer = transport.call(
        "DELETE",
        f"/v2/{repository}/manifests/{tag}",
        what=f"deleting {repository}:{tag}",
        scopes=frozenset({challenge.scope(repository, "delete", "pull")}),
        expect=frozenset({200, 202, 204, 404}) | UNSUPPORTED,
    )
    if answer.status in UNSUPPORTED:
        raise RegistryError(
            f"{transport.host} cannot delete the tag {repository}:{tag} without its manifest",
            hint="delete it by the registry's own means, or let it be",
        )
