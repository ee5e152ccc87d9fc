"""What became of every service in a rollout: for people, and for programs?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildkit.values.plan import Action
from buildkit.values.rollout import Event, Progress

if TYPE_CHECKING:
    from buildkit.values.plan import PlannedService
    from buildkit.values.rollout import Rollout

# The worst first: what somebody has to do something about is what they see.
ORDER = (
    "failed",
    "not put back",
    "unsettled",
    "blocked",
    "held",
    "put back",
    "moved",
    "unchanged",
    "current",
)
_OUTCOMES = {
    Event.MOVED: "moved",
    Event.KEPT: "unchanged",
    Event.FAILED: "failed",
    Event.RETURNED: "put back",
    Event.NOT_RETURNED: "not put back",
    Event.RETURNING: "unsettled",
    Event.MOVING: "unsettled",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One service in the report.

    Attributes:
        service: its plan.
        progress: how far it came; as if nothing was begun for those that were not to be moved.
        outcome: a word of ORDER. `held`: its turn did not come, or it was stopped before its tag moved.
        cause: why it is not on the newest base; empty if it is.
        hint: what to do about that.
    """

    service: PlannedService
    progress: Progress
    outcome: str
    cause: str = ""
    hint: str = ""

    @property
    def is_new(self) -> bool:
        """Whether its tag stands for an image on the base that the rollout is about."""
        return self.outcome in {"moved", "unchanged", "current"}


def rows(state: Rollout) -> tuple[Row, ...]:
    """Every service, the worst first and then in the fleet's order."""
    found = [_row(service, state) for service in state.plan.services]
    return tuple(sorted(found, key=lambda row: ORDER.index(row.outcome)))


def _row(service: PlannedService, state: Rollout) -> Row:
    progress = state.services.get(service.name, Progress())
    if service.action is Action.KEEP:
        return Row(service, progress, "current")
    if service.action is Action.BLOCKED:
        cause = "; ".join(reason.text for reason in service.reasons)
        hint = next((reason.hint for reason in reversed(service.reasons) if reason.hint), "")
        return Row(service, progress, "failed" if service.failed else "blocked", cause, hint)
    outcome = _OUTCOMES.get(progress.last, "held") if progress.last else "held"
    if outcome in {"failed", "not put back"}:
        return Row(service, progress, outcome, progress.cause, progress.hint)
    if outcome == "held":
        return Row(service, progress, outcome, *_why_held(service, state))
    if outcome == "put back":
        return Row(service, progress, outcome, "it was put back", "`rollout` tries it again")
    if outcome == "unsettled":
        return Row(
            service, progress, outcome, "its tag was about to be moved", "`rollout --resume` looks at it"
        )
    return Row(service, progress, outcome)


def _why_held(service: PlannedService, state: Rollout) -> tuple[str, str]:
    for number, wave in sorted(state.waves.items()):
        if wave.braked and number <= service.wave:
            return f"wave {number} was braked: {wave.braked}", wave.hint
    return "its turn did not come", "`rollout --resume` goes on"


def summary(state: Rollout) -> str:
    """The rollout in one line."""
    found = rows(state)
    new = sum(row.is_new for row in found)
    counts = [f"{count} {word}" for word in ORDER if (count := sum(row.outcome == word for row in found))]
    return f"{new} of {len(found)} services are on {state.plan.onto} ({', '.join(counts)})"


def exit_code(state: Rollout) -> int:
    """0 if all that could be moved was; what is blocked by its state is known and named, and fails nothing."""
    bad = {"failed", "held", "not put back", "unsettled"}
    return int(state.outcome != "done" or any(row.outcome in bad for row in rows(state)))


def document(state: Rollout) -> dict[str, Any]:
    """The whole report as JSON's types."""
    return {
        "rollout": state.name,
        "onto": state.plan.onto,
        "outcome": state.outcome or "unfinished",
        "seconds": round(state.seconds, 3),
        "summary": summary(state),
        "waves": [
            {
                "wave": number,
                "services": [service.name for service in services],
                "done": number in state.waves and state.waves[number].done,
                "braked": state.waves[number].braked if number in state.waves else "",
            }
            for number, services in state.plan.waves
        ],
        "services": [_service(row) for row in rows(state)],
    }


def _service(row: Row) -> dict[str, Any]:
    service, progress = row.service, row.progress
    return {
        "name": service.name,
        "image": service.image,
        "action": str(service.action),
        "outcome": row.outcome,
        "how": str(progress.how) if progress.how else "",
        "wave": service.wave,
        "from": service.version,
        "to": service.onto,
        "before": service.digest,
        "digest": progress.digest,
        "attestation": progress.attestation,
        "notes": list(progress.notes),
        "cause": row.cause,
        "hint": row.hint,
        "seconds": round(progress.seconds, 3),
    }
