"""Put an image onto another release of the base, in the registry: nothing is pulled, nothing is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import rebase_plan
from buildkit.edges import services
from buildkit.edges.documents import Documents
from buildkit.values.errors import NotInRegistry
from buildkit.values.known_base import KnownBase
from buildkit.values.oci import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST

if TYPE_CHECKING:
    from buildkit.decisions.catalogue import Catalogue
    from buildkit.decisions.rebase_plan import Prepared
    from buildkit.edges.registry import Registry
    from buildkit.values.base_version import BaseVersion
    from buildkit.values.oci import Descriptor, Reference
    from buildkit.values.rebase import Rebased


def rebase(
    registry: Registry,
    reference: Reference,
    *,
    bases: Catalogue,
    onto: KnownBase | BaseVersion | None = None,
    dry: bool = False,
    documents: Documents | None = None,
    source: Registry | None = None,
) -> Rebased:
    """Push the image on its new base by digest, and say what came of it. No tag is moved, ever.

    What was half pushed when something failed does no harm, and need not be done again.

    Args:
        registry: the service's.
        reference: the service's image, by tag or digest.
        bases: the known bases, read once for a fleet.
        onto: the release to go to; None for the newest for the service's Python.
        dry: say what would come of it, push nothing.
        documents: where the image's documents are read, if they may be known already.
        source: the base's registry, if it is another one: its layers are then copied.

    Raises:
        NotRebasable: the contract differs, or the image stands on no known base; all reasons are named.
        NotInRegistry: there is no such image, or no such release.
    """
    target = release(bases, onto)
    read = documents if documents is not None else Documents(registry, directory=None)
    service = services.look(read, reference, base=bases.bases[0].reference.repository)
    prepared = rebase_plan.prepare(service, catalogue=bases, onto=target)
    if not dry:
        push(registry, reference.repository, prepared, source=source)
    return prepared.result


def release(bases: Catalogue, onto: KnownBase | BaseVersion | None) -> KnownBase | None:
    """The release that is meant (raises NotInRegistry)."""
    if onto is None or isinstance(onto, KnownBase):
        return onto
    found = bases.named(onto)
    if found is None:
        newest = ", ".join(str(base.version) for base in bases.bases[:3])
        raise NotInRegistry(f"there is no base {onto}", hint=f"the newest are {newest}")
    return found


def push(registry: Registry, repository: str, prepared: Prepared, *, source: Registry | None = None) -> None:
    """Layers first, then configs, manifests, the index: whatever is there is whole."""
    below = prepared.onto.reference.repository
    mounted: set[str] = set()
    for image in prepared.images:
        for layer in image.mounts:
            if layer.digest not in mounted:
                _bring(registry, repository, layer, below=below, source=source)
                mounted.add(layer.digest)
        registry.put_blob(repository, image.config, media_type=OCI_CONFIG)
        registry.put(repository, image.manifest, media_type=OCI_MANIFEST, version=image.digest)
    if prepared.index:
        digest = prepared.result.digest
        registry.put(repository, prepared.index, media_type=OCI_INDEX, version=digest)


def _bring(
    registry: Registry, repository: str, layer: Descriptor, *, below: str, source: Registry | None
) -> None:
    if source is None or source.host == registry.host:
        registry.mount(repository, layer.digest, source=below)
    elif not registry.has_blob(repository, layer.digest):
        registry.put_stream(
            repository,
            lambda: source.open_blob(below, layer.digest),
            digest=layer.digest,
            size=layer.size,
            media_type=layer.media_type,
        )
