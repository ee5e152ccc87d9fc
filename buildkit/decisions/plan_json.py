"""How is a plan written for programs, and read again from a journal?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.values.plan import Action, Plan, PlannedService
from buildkit.values.reason import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping


def written(plan: Plan) -> dict[str, Any]:
    """A plan as JSON's types."""
    return {"onto": plan.onto, "services": [_service(service) for service in plan.services]}


def read(document: Mapping[str, Any]) -> Plan:
    """The plan that was written (raises KeyError, TypeError or ValueError if it was not)."""
    return Plan(
        onto=document["onto"],
        services=tuple(
            PlannedService(
                **{
                    **service,
                    "action": Action(service["action"]),
                    "reasons": tuple(Reason(**reason) for reason in service["reasons"]),
                }
            )
            for service in document["services"]
        ),
    )


def _service(service: PlannedService) -> dict[str, Any]:
    return {
        "name": service.name,
        "image": service.image,
        "action": str(service.action),
        "wave": service.wave,
        "version": service.version,
        "onto": service.onto,
        "digest": service.digest,
        "source": service.source,
        "failed": service.failed,
        "reasons": [{"text": reason.text, "hint": reason.hint} for reason in service.reasons],
    }
