"""`rollout --matrix` and `rollout --job`: fan a rollout's work out over a CI system's runners."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from buildkit.decisions import matrix
from buildkit.edges import rollout_display, rollout_jobs, rollout_scene

if TYPE_CHECKING:
    import argparse

    from buildkit.edges.rollout_scene import Scene
    from buildkit.values.plan import Plan
    from buildkit.values.settings import Settings


def told(plan: Plan) -> int:
    """Print the matrix, on one line: that is how CI systems hand values on.

    What cannot be looked at is in no job; `--collect` names it again.
    """
    for service in plan.services:
        if service.failed:
            rollout_display.tell(f"{service.name}: {service.reasons[0]}")
    print(json.dumps(matrix.written(matrix.jobs(plan))))
    return 0


def job(scene: Scene, plan: Plan, arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Do a job and say what came of it; 0 if every service has an image that may be promoted."""
    with rollout_scene.parts(
        scene, plan.services, guard=rollout_jobs.NoGuard(), builder=arguments.builder, settings=settings
    ) as parts:
        results = rollout_jobs.carry(
            plan,
            fleet=scene.fleet,
            parts=parts,
            results=arguments.results,
            tell=lambda name, what: rollout_display.tell(f"{name}: {what}"),
        )
    for result in results:
        print(f"{result.name}: {result.digest or 'failed: ' + result.cause}")
        if result.hint:
            print(f"{result.name}: {result.hint}")
    return int(any(result.cause for result in results))
