"""Which jobs does a CI system run for a rollout, and what do their results say?

The matrix is the value of GitHub's `strategy.matrix` as it is; others read its list `include`.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from buildkit.values.errors import BadJobResult
from buildkit.values.job import Job, JobResult
from buildkit.values.rollout import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.values.plan import Plan, PlannedService
    from buildkit.values.rollout import Progress

# GitHub runs no more jobs of one matrix.
MOST = 256


def jobs(plan: Plan, *, most: int = MOST) -> tuple[Job, ...]:
    """One job for each service that is to be moved, in the waves' order; several services a job if they are too many.

    Args:
        plan: of the rollout.
        most: how many jobs there may be.
    """
    moving = sorted(plan.moves, key=lambda service: service.wave)
    share = -(-len(moving) // most) or 1
    return tuple(_job(moving[at : at + share]) for at in range(0, len(moving), share))


def written(found: Sequence[Job]) -> dict[str, Any]:
    """The matrix as JSON's types; `services` are words of a command line."""
    return {"include": [{**asdict(job), "services": " ".join(job.services)} for job in found]}


def result(service: PlannedService, progress: Progress) -> JobResult:
    """What a job brings back of one service."""
    good = progress.last in {Event.MOVED, Event.KEPT}
    return JobResult(
        name=service.name,
        before=service.digest,
        onto=service.onto,
        how=str(progress.how or service.action),
        digest=progress.digest if good else "",
        attestation=progress.attestation if good else "",
        notes=progress.notes,
        cause="" if good else progress.cause or "it was interrupted",
        hint="" if good else progress.hint,
        seconds=round(progress.seconds, 3),
    )


def result_json(found: JobResult) -> str:
    return json.dumps(asdict(found), indent=2) + "\n"


def read(text: str, *, file: str) -> JobResult:
    """The result that was written.

    Raises:
        BadJobResult: it is none.
    """
    try:
        document: Mapping[str, Any] = json.loads(text)
        return JobResult(**{**document, "notes": tuple(document["notes"])})
    except (ValueError, KeyError, TypeError) as error:
        raise BadJobResult(f"{file} is no job's result ({error!r:.80})", hint="run the job again") from None


def refusal(found: JobResult | None, *, service: PlannedService) -> tuple[str, str] | None:
    """Why a service's result cannot be used, and what to do; None if it can."""
    again = "run the jobs again"
    if found is None:
        return "no job has brought a result for it", again
    if found.cause:
        return found.cause, found.hint
    if found.before != service.digest:
        return "its tag was moved after its job looked at it", again
    if found.onto != service.onto:
        return f"its job put it onto {found.onto}, and {service.onto} is wanted now", again
    return None


def _job(services: Sequence[PlannedService]) -> Job:
    actions = {str(service.action) for service in services}
    return Job(
        services=tuple(service.name for service in services),
        action=actions.pop() if len(actions) == 1 else "mixed",
        wave=services[0].wave,
        onto=services[0].onto,
    )
