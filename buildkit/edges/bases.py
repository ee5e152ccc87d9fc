"""Which releases of the base does a registry have?"""

from __future__ import annotations

import dataclasses
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING

from buildkit.decisions import base_version, platforms, release_time, support
from buildkit.decisions.catalogue import Catalogue
from buildkit.edges.services import read_images
from buildkit.values.errors import NotInRegistry, RegistryError
from buildkit.values.known_base import BaseImage, KnownBase

if TYPE_CHECKING:
    from buildkit.edges.documents import Documents
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Reference
    from buildkit.values.support import SupportRules

_AT_ONCE = 8


def read(
    documents: Documents,
    repository: Reference,
    *,
    company: str,
    rules: SupportRules | None = None,
    now: dt.datetime | None = None,
) -> Catalogue:
    """Read all releases, by their immutable tags. A broken one is named in the catalogue, and the rest is read.

    Args:
        documents: of the registry that has them.
        repository: the base's, without tag.
        company: as in its labels.
        rules: until when releases are supported; None if nobody wants to know.
        now: today, for the support's end.

    Raises:
        NotInRegistry: there is no release.
        RegistryError: the registry cannot be asked, or every release is broken.
    """
    hint = "run `python -m buildkit release`, or name the base's repository"
    try:
        versions = base_version.released(documents.registry.tags(repository.repository))
    except NotInRegistry:
        raise NotInRegistry(f"there is no base {repository.name}", hint=hint) from None
    if not versions:
        raise NotInRegistry(f"{repository.name} has no release of the base", hint=hint)
    today = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).date()

    def one(version: BaseVersion) -> KnownBase | str:
        try:
            return _read(documents, repository, version=version, company=company, rules=rules, today=today)
        except RegistryError as error:
            return f"base {version} cannot be read: {error}"

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(one, versions))
    problems = [problem for problem in found if isinstance(problem, str)]
    if len(problems) == len(found):
        raise RegistryError(f"no release of {repository.name} can be read: {problems[0]}")
    return Catalogue(
        [base for base in found if isinstance(base, KnownBase)],
        company=company,
        problems=problems,
    )


def _read(
    documents: Documents,
    repository: Reference,
    *,
    version: BaseVersion,
    company: str,
    rules: SupportRules | None,
    today: dt.date,
) -> KnownBase:
    reference = dataclasses.replace(repository, tag=str(version))
    document = documents.manifest(reference.repository, reference.tag)
    images = read_images(documents, document, reference=reference)
    released = release_time.released(document, images=images, company=company)
    return KnownBase(
        version=version,
        reference=dataclasses.replace(repository, tag="", digest=document.digest),
        platforms=MappingProxyType(
            {
                platform: BaseImage(platform, image.manifest, image.config)
                for image in images
                for platform in [platforms.normal(image.config.platform)]
            }
        ),
        released=released,
        support=support.support(version, released=released, rules=rules, today=today) if rules else None,
    )
