"""`verify --attest` and `verify --fleet`: look at images in their registries, and leave the verdicts there."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.decisions import naming, reference, single, verified
from buildkit.edges import images, verification_report
from buildkit.edges.parallel import in_parallel
from buildkit.edges.registry import Registry
from buildkit.edges.rollout_scene import opened
from buildkit.edges.verification import Verifier
from buildkit.values.errors import Misuse
from buildkit.verbs.verify_options import service_probe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from buildkit.decisions.verified import Result
    from buildkit.edges.engine import Engine
    from buildkit.values.oci import Reference
    from buildkit.values.service import ServiceImage
    from buildkit.values.service_probe import ServiceProbe
    from buildkit.values.settings import Settings
    from buildkit.values.verification import Verification


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that is to be looked at, how, and what the report calls it."""

    title: str
    reference: Reference
    probe: ServiceProbe


def attested(engine: Engine, arguments: argparse.Namespace, *, settings: Settings) -> int:
    """The images that are named, with what the options say of them."""
    probe = service_probe(arguments)
    wanted = [
        Wanted(name, reference.parse(name, default_registry=settings.registry), probe)
        for name in arguments.images
    ]
    with ExitStack() as stack:

        def registry(host: str) -> Registry:
            return stack.enter_context(Registry.connect(host, ca_bundle=settings.ca_bundle))

        bases = images.tagged(engine.client, naming.repository(settings))
        results = _verify(engine, wanted, arguments, registry=registry, bases=bases, company=settings.company)
    return tell(results, arguments)


def fleet(engine: Engine, arguments: argparse.Namespace, *, settings: Settings) -> int:
    """A fleet's services as their tags stand, all of them or those that are named, with what its file says of them.

    Raises:
        Misuse: it has no such service.
        MissingFile, BadFleetFile: there is no fleet.
    """
    with opened(arguments.fleet, settings=settings) as scene:
        known = {entry.name: entry for entry in scene.entries}
        for name in arguments.images:
            if name not in known:
                some = ", ".join(list(known)[:10]) or "none"
                raise Misuse(f"{arguments.fleet} has no service {name!r}", hint=f"its services: {some}")
        chosen = [known[name] for name in arguments.images or known]
        wanted = [Wanted(entry.name, entry.image, single.probe_of(entry)) for entry in chosen]
        results = _verify(
            engine,
            wanted,
            arguments,
            registry=lambda host: scene.registries.documents(host).registry,
            bases=single.known_images(scene.catalogue),
            company=scene.fleet.company,
        )
    return tell(results, arguments)


def tell(results: Sequence[Result], arguments: argparse.Namespace) -> int:
    """Print them, and return the exit code."""
    if arguments.json:
        print(verified.as_json(results))
    else:
        verification_report.show(results)
    return verified.exit_code(results)


def _verify(
    engine: Engine,
    wanted: Sequence[Wanted],
    arguments: argparse.Namespace,
    *,
    registry: Callable[[str], Registry],
    bases: Sequence[ServiceImage],
    company: str,
) -> tuple[Result, ...]:
    verifiers = {
        host: Verifier(engine, registry=registry(host), company=company, bases=bases, fresh=arguments.fresh)
        for host in {each.reference.registry for each in wanted}
    }

    def look(each: Wanted) -> Verification:
        return verifiers[each.reference.registry].verify(each.reference, probe=each.probe)

    def abort() -> None:
        for verifier in verifiers.values():
            verifier.abort()

    return in_parallel(look, wanted, most=arguments.parallel, abort=abort, title=lambda each: each.title)
