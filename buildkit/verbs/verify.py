"""`verify`: prove that service images, or the sample company, are traced end to end."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException

from buildkit.decisions import naming, reference, single, verdict, verified
from buildkit.edges import images, progress, report, verification_report
from buildkit.edges.engine import Engine, told
from buildkit.edges.examination import Examination
from buildkit.edges.examiner import Examiner
from buildkit.edges.parallel import in_parallel
from buildkit.edges.registry import Registry
from buildkit.edges.sandbox import Sandbox
from buildkit.edges.terminable import terminable
from buildkit.edges.verification import Verifier
from buildkit.values.errors import CommandFailed, Misuse
from buildkit.verbs import sample_company
from buildkit.verbs.verify_options import add_arguments, service_probe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from buildkit.decisions.verified import Result
    from buildkit.values.oci import Reference
    from buildkit.values.service import Evidence
    from buildkit.values.settings import Settings
    from buildkit.values.verification import Verification

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Examine, report on standard output; 0 only if no check failed."""
    settings = naming.check(settings)
    if arguments.fresh and not arguments.attest:
        raise Misuse("--fresh without --attest has nothing to look away from", hint="add --attest")
    engine = Engine.connect()
    try:
        with terminable():
            if not arguments.images:
                return _sample_company(engine, arguments, settings=settings)
            if arguments.attest:
                return _attested(engine, arguments, settings=settings)
            return _images(engine, arguments, settings=settings)
    except APIError as error:
        raise told(error, what="verifying") from None
    except DockerException as error:
        raise CommandFailed(f"verifying failed: {error}", hint="is the Docker Engine still there?") from None
    finally:
        engine.close()


def _sample_company(engine: Engine, arguments: argparse.Namespace, *, settings: Settings) -> int:
    roles, script = sample_company.prepare(engine, settings, timeout=arguments.timeout)
    bases = images.tagged(engine.client, naming.repository(settings))
    relay_image = roles[0].image.name
    with Sandbox(engine, company=settings.company, relay_image=relay_image) as sandbox:
        evidence = Examination(sandbox, roles=roles, script=script).run(bases=bases, company=settings.company)
    return _tell(evidence, arguments)


def _tell(evidence: Sequence[Evidence], arguments: argparse.Namespace) -> int:
    verdicts = [verdict.verdict(found) for found in evidence]
    if arguments.json:
        print(verdict.as_json(verdicts, evidence))
    else:
        report.show(verdicts, evidence)
    return verdict.exit_code(verdicts)


def _images(engine: Engine, arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Look at images as the engine has them, else as a registry has them; nothing is attached."""
    probe = service_probe(arguments)
    bases = images.tagged(engine.client, naming.repository(settings))
    examiner = Examiner(engine, company=settings.company, bases=bases)
    if len(arguments.images) == 1:
        image = images.find(engine.client, arguments.images[0], step=progress.step)
        return _tell([examiner.examine(image, probe=probe, step=progress.step)], arguments)

    def look(name: str) -> Verification:
        image = images.find(engine.client, name, step=progress.silently)
        evidence = examiner.examine(image, probe=probe)
        return single.verification(
            evidence,
            image=name,
            digest=str(engine.image_id(name) or ""),
            asked=probe,
            platform=str(engine.platform),
            time=datetime.now(UTC),
        )

    return _tell_all(
        in_parallel(look, arguments.images, most=arguments.parallel, abort=examiner.abort), arguments
    )


def _attested(engine: Engine, arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Look at images in their registries, and attach the verdicts."""
    probe = service_probe(arguments)
    bases = images.tagged(engine.client, naming.repository(settings))
    wanted = [reference.parse(name, default_registry=settings.registry) for name in arguments.images]
    with ExitStack() as stack:
        verifiers = {
            host: Verifier(
                engine,
                registry=stack.enter_context(Registry.connect(host, ca_bundle=settings.ca_bundle)),
                company=settings.company,
                bases=bases,
                fresh=arguments.fresh,
            )
            for host in {each.registry for each in wanted}
        }

        def look(each: Reference) -> Verification:
            return verifiers[each.registry].verify(each, probe=probe)

        def abort() -> None:
            for verifier in verifiers.values():
                verifier.abort()

        results = in_parallel(look, wanted, most=arguments.parallel, abort=abort)
    return _tell_all(results, arguments)


def _tell_all(results: Sequence[Result], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(verified.as_json(results))
    else:
        verification_report.show(results)
    return verified.exit_code(results)
