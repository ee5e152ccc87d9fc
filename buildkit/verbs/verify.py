"""`verify`: prove that service images, or the sample company, are traced end to end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException

from buildkit.decisions import naming, single, verdict
from buildkit.edges import images, progress, report
from buildkit.edges.engine import Engine, told
from buildkit.edges.examination import Examination
from buildkit.edges.examiner import Examiner
from buildkit.edges.parallel import in_parallel
from buildkit.edges.sandbox import Sandbox
from buildkit.edges.terminable import terminable
from buildkit.values.errors import CommandFailed
from buildkit.verbs import sample_company, verify_options, verify_registry
from buildkit.verbs.verify_options import add_arguments, service_probe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from buildkit.values.service import Evidence
    from buildkit.values.settings import Settings
    from buildkit.values.verification import Verification

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Examine, report on standard output; 0 only if no check failed."""
    settings = naming.check(settings)
    verify_options.check(arguments)
    engine = Engine.connect()
    try:
        with terminable():
            if arguments.fleet:
                return verify_registry.fleet(engine, arguments, settings=settings)
            if not arguments.images:
                return _sample_company(engine, arguments, settings=settings)
            if arguments.attest:
                return verify_registry.attested(engine, arguments, settings=settings)
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

    return verify_registry.tell(
        in_parallel(look, arguments.images, most=arguments.parallel, abort=examiner.abort), arguments
    )
