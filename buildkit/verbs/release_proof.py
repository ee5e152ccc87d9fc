"""Are services on a base, exactly as the registry has it, traced end to end?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from buildkit.decisions import verdict
from buildkit.edges import images, report
from buildkit.edges.examination import Examination
from buildkit.edges.progress import say, step
from buildkit.edges.sandbox import Sandbox
from buildkit.values.errors import NotVerified
from buildkit.verbs import sample_company

if TYPE_CHECKING:
    from buildkit.edges.engine import Engine
    from buildkit.values.oci import Reference
    from buildkit.values.settings import Settings

READY_SECONDS = 60.0


def prove(engine: Engine, base: Reference, *, what: str, settings: Settings) -> None:
    """Build the sample company on exactly this digest, and look at it.

    Args:
        engine: runs it.
        base: its digest is set.
        what: the base's name for people.
        settings: the company's.

    Raises:
        NotVerified: a check failed; the whole report is on standard error.
        BuildkitError: it cannot be pulled, or nothing can be built on it.
    """
    tag = f"release-{base.digest.removeprefix('sha256:')[:12]}"
    with step(f"pull {what}"):
        name = engine.pull(base.name, version=base.digest)
    try:
        roles, script = sample_company.on_base(engine, settings, base=name, tag=tag, timeout=READY_SECONDS)
        below = images.inspect(engine.client, name)
        with Sandbox(engine, company=settings.company, relay_image=name) as sandbox:
            examination = Examination(sandbox, roles=roles, script=script)
            evidence = examination.run(bases=(below,), company=settings.company)
    finally:
        for sample in sample_company.names(settings, tag=tag).values():
            engine.forget(sample)
    verdicts = [verdict.verdict(found) for found in evidence]
    if verdict.exit_code(verdicts):
        report.show(verdicts, evidence, stream=sys.stderr)
        raise NotVerified(
            f"{what} is not proven: {verdict.summary(verdicts)}",
            hint="no tag has moved; see the report above",
        )
    say(f"  {what}: {verdict.summary(verdicts)}")
