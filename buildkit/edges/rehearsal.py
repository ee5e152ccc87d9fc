"""Work out every rebase of a plan without writing anything."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from buildkit.decisions import base_version
from buildkit.edges import rebasing
from buildkit.values.errors import BuildkitError
from buildkit.values.plan import Action
from buildkit.values.reason import Reason

if TYPE_CHECKING:
    from buildkit.edges.rollout_scene import Scene
    from buildkit.values.plan import Plan, PlannedService


def rehearsed(plan: Plan, *, scene: Scene) -> Plan:
    """The plan, with each rebase's digest and settings in conflict among its reasons."""
    entries = {entry.name: entry for entry in scene.entries}

    def one(service: PlannedService) -> PlannedService:
        if service.action is not Action.REBASE:
            return service
        image = entries[service.name].image
        documents = scene.registries.documents(image.registry)
        try:
            result = rebasing.rebase(
                documents.registry,
                dataclasses.replace(image, tag="", digest=service.digest),
                bases=scene.catalogue,
                onto=base_version.parse(service.onto),
                dry=True,
                documents=documents,
            )
        except BuildkitError as error:
            said: tuple[Reason, ...] = (Reason(error.message, error.hint),)
        else:
            conflicts = tuple(Reason(str(conflict)) for conflict in result.conflicts)
            said = (Reason(f"would be {result.digest[:19]}"), *conflicts)
        return dataclasses.replace(service, reasons=(*service.reasons, *said))

    with ThreadPoolExecutor(scene.fleet.budget.registry) as pool:
        return dataclasses.replace(plan, services=tuple(pool.map(one, plan.services)))
