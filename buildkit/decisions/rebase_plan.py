"""Can a whole image, with all of its platforms, be put onto a release of the base, and what comes out?"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from buildkit.decisions import oci_json, platforms, rebase, rebase_index
from buildkit.values.errors import NotRebasable
from buildkit.values.oci import OCI_INDEX, OCI_MANIFEST, Index
from buildkit.values.reason import Reason
from buildkit.values.rebase import NewImage, Rebased

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.values.known_base import BaseImage, KnownBase
    from buildkit.values.oci import Image
    from buildkit.values.stand import Match, ServiceAt


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be pushed, in this order: the images, then the index.

    Attributes:
        onto: the release whose layers are mounted.
        images: those that are new; empty if there is nothing to do.
        index: the bytes of the new index; empty if there is none, or nothing to do.
        result: what is told about it.
    """

    onto: KnownBase
    images: tuple[NewImage, ...]
    index: bytes
    result: Rebased


@dataclass(frozen=True, slots=True)
class _Pair:
    """One platform's image, the base below it, and the one that comes below it; None where there is none."""

    image: Image
    match: Match | None
    new: BaseImage | None

    def stays(self, onto: KnownBase) -> bool:
        """Whether it stands there already."""
        return self.match is not None and self.match.base.version == onto.version


def goal(service: ServiceAt, *, catalogue: Catalogue) -> KnownBase | None:
    """The newest release for the Python that a service stands on; None if it stands on no base."""
    below = (catalogue.find(image.config) for image in service.images)
    python = next((match.base.python for match in below if match is not None), "")
    return catalogue.newest(python)


def blockers(
    service: ServiceAt, *, catalogue: Catalogue, onto: KnownBase | None = None
) -> tuple[Reason, ...]:
    """Name everything that stops a rebase of an image on any of its platforms; empty means go.

    Args:
        service: the image.
        catalogue: the known bases.
        onto: the release to go to; None for the newest for its Python.
    """
    target = onto or goal(service, catalogue=catalogue)
    found: dict[str, Reason] = {}
    for pair in _pairs(service, catalogue=catalogue, onto=target):
        if target is not None and pair.stays(target):
            continue
        where = f"{pair.image.config.platform}: " if len(service.images) > 1 else ""
        for reason in rebase.blockers(pair.image, match=pair.match, new=pair.new, company=catalogue.company):
            found.setdefault(reason.text, Reason(where + reason.text, reason.hint))
    return tuple(found.values())


def prepare(service: ServiceAt, *, catalogue: Catalogue, onto: KnownBase | None = None) -> Prepared:
    """Make the image's documents on the new base.

    A platform that stands there already keeps its manifest. If all do, nothing is to be done.

    Raises:
        NotRebasable: something stops it; all of it is named.
    """
    reasons = blockers(service, catalogue=catalogue, onto=onto)
    target = onto or goal(service, catalogue=catalogue)
    if reasons or target is None:
        raise NotRebasable(
            f"{service.reference} cannot be rebased: {'; '.join(str(reason) for reason in reasons)}",
            hint="; ".join(dict.fromkeys(reason.hint for reason in reasons if reason.hint)),
        )
    pairs = _pairs(service, catalogue=catalogue, onto=target)
    made = {pair.image.manifest.digest: _made(pair, onto=target, company=catalogue.company) for pair in pairs}
    images = tuple(new for new in made.values() if new is not None)
    index = b""
    if images and isinstance(service.document, Index):
        index = rebase_index.index_of(service.document, entries=made, onto=target)
    return Prepared(target, images, index, _result(service, pairs, made=made, index=index, onto=target))


def _pairs(service: ServiceAt, *, catalogue: Catalogue, onto: KnownBase | None) -> tuple[_Pair, ...]:
    pairs = []
    for image in service.images:
        offered = onto.platforms if onto is not None else {}
        platform = platforms.choose(image.config.platform, among=offered)
        new = offered[platform] if platform is not None else None
        pairs.append(_Pair(image, catalogue.find(image.config), new))
    return tuple(pairs)


def _made(pair: _Pair, *, onto: KnownBase, company: str) -> NewImage | None:
    if pair.stays(onto) or pair.match is None or pair.new is None:
        return None
    return rebase.put_onto(pair.image, old=pair.match.image, new=pair.new, onto=onto, company=company)


def _result(
    service: ServiceAt,
    pairs: tuple[_Pair, ...],
    *,
    made: Mapping[str, NewImage | None],
    index: bytes,
    onto: KnownBase,
) -> Rebased:
    images = tuple(new for new in made.values() if new is not None)
    if not images:
        digest, media_type = service.document.digest, service.document.media_type
    elif index:
        digest, media_type = oci_json.digest(index), OCI_INDEX
    else:
        digest, media_type = images[0].digest, OCI_MANIFEST
    now = {pair.image.config.platform: made[pair.image.manifest.digest] for pair in pairs}
    was = {pair.image.config.platform: pair.image.manifest.digest for pair in pairs}
    return Rebased(
        reference=service.reference,
        before=service.document.digest,
        digest=digest,
        media_type=media_type,
        changed=bool(images),
        platforms=MappingProxyType(
            {platform: new.digest if new is not None else was[platform] for platform, new in now.items()}
        ),
        before_bases=MappingProxyType(
            {pair.image.config.platform: pair.match.base.version for pair in pairs if pair.match is not None}
        ),
        onto=onto.version,
        conflicts=tuple(dict.fromkeys(conflict for image in images for conflict in image.conflicts)),
        notes=tuple(dict.fromkeys(note for image in images for note in image.notes)),
    )
