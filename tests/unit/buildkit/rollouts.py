"""Plans, and journals' records, as rollouts write them."""

from types import MappingProxyType

from buildkit.decisions import plan_json
from buildkit.values.plan import Action, Plan, PlannedService
from buildkit.values.reason import Reason
from buildkit.values.rollout import Event, Record

BEFORE, AFTER, REBUILT = "sha256:before", "sha256:after", "sha256:rebuilt"


def service(name, *, wave=1, action=Action.REBASE, **more):
    fields = {"digest": f"{BEFORE}-{name}", "version": "1.4.0-r1-py3.13", "onto": "1.5.0-r1-py3.13"} | more
    return PlannedService(
        name, f"registry.test/{name}:latest", action, (Reason("1 release behind"),), wave=wave, **fields
    )


def plan(*services):
    return Plan("1.5.0-r1-py3.13", services)


def records(planned, *events, on_failure="hold"):
    """Records from (event, service, fields) tuples; the first is the plan's own."""
    begun = {"name": "0001", "plan": plan_json.written(planned), "on_failure": on_failure}
    lines = [(Event.BEGUN, "", begun), *events]
    return [
        Record(number, "2026-01-01T00:00:00+00:00", event, name, MappingProxyType(fields))
        for number, (event, name, fields) in enumerate(lines, start=1)
    ]


def making(name, how="rebase"):
    return Event.MAKING, name, {"how": how}


def made(name, digest=AFTER):
    return Event.MADE, name, {"digest": digest, "notes": [], "seconds": 1.0, "how": "rebase"}


def verified(name, *, passed=True, cause="", counted=True, before=None, proven=True):
    return (
        Event.VERIFIED,
        name,
        {
            "digest": AFTER,
            "passed": passed,
            "attestation": "sha256:statement",
            "cause": cause,
            "hint": "",
            "counted": counted,
            "proven_before": before,
            "proven": proven,
            "seconds": 2.0,
        },
    )


def moved(name):
    return Event.MOVED, name, {"digest": AFTER, "seconds": 0.5}


def failed(name, cause="it broke", *, counted=True):
    return Event.FAILED, name, {"cause": cause, "hint": "mend it", "counted": counted}


def wave(number, **more):
    return Event.WAVE, "", {"wave": number, "services": [], "coverage": None} | more


def wave_done(number):
    return Event.WAVE_DONE, "", {"wave": number}


def braked(number, cause="too many"):
    return Event.BRAKED, "", {"wave": number, "cause": cause, "hint": "look"}


def ended(outcome):
    return Event.ENDED, "", {"outcome": outcome, "seconds": 9.0}
