"""How far did a rollout come, by its journal?"""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from buildkit.decisions import plan_json
from buildkit.values.errors import BadJournal
from buildkit.values.plan import Action
from buildkit.values.rollout import Event, Progress, Rollout, WaveState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.values.rollout import Record


def rollout(records: Iterable[Record]) -> Rollout:
    """The state that a journal's lines add up to.

    Raises:
        BadJournal: its first line is not a rollout's beginning, or a line cannot follow those before it.
    """
    lines = iter(records)
    first = next(lines, None)
    if first is None or first.event is not Event.BEGUN:
        raise BadJournal("the journal does not begin with a rollout's plan", hint="start a new rollout")
    try:
        state = _begun(first.fields)
        for record in lines:
            state = after(state, record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadJournal(
            f"the journal cannot be understood: {type(error).__name__} {error}",
            hint="was it written by another version? start a new rollout with --fresh",
        ) from None
    return state


def after(state: Rollout, record: Record) -> Rollout:
    """The state after one more line."""
    fields = record.fields
    if record.service:
        return _changed(state, record.service, _service(state.services[record.service], record))
    match record.event:
        case Event.RESUMED:
            return _resumed(state)
        case Event.WAVE:
            return _wave(state, fields["wave"], WaveState(coverage=fields["coverage"]))
        case Event.BRAKED:
            now = state.waves[fields["wave"]]
            return _wave(
                state, fields["wave"], dataclasses.replace(now, braked=fields["cause"], hint=fields["hint"])
            )
        case Event.WAVE_DONE:
            now = state.waves[fields["wave"]]
            return _wave(state, fields["wave"], dataclasses.replace(now, done=True))
        case Event.ROLLBACK:
            return dataclasses.replace(state, rollback=tuple(fields["waves"]), outcome="")
        case Event.ROLLBACK_DONE:
            return dataclasses.replace(state, rollback=None, outcome="rolled-back")
        case Event.ENDED:
            seconds = state.seconds + float(fields["seconds"])
            return dataclasses.replace(state, outcome=fields["outcome"], seconds=seconds, rollback=None)
        case _:
            raise BadJournal(f"line {record.number} of the journal ({record.event}) names no service")


def _begun(fields: Mapping[str, Any]) -> Rollout:
    plan = plan_json.read(fields["plan"])
    return Rollout(
        name=fields["name"],
        plan=plan,
        on_failure=fields["on_failure"],
        services=MappingProxyType({service.name: Progress() for service in plan.moves}),
    )


def _resumed(state: Rollout) -> Rollout:
    """After a brake, somebody has looked at it and goes on: what is known brakes no more.

    After a kill nobody has, and the brakes must do what they would have done.
    """
    if state.outcome != "braked":
        return dataclasses.replace(state, outcome="")
    waves = {
        number: wave
        if wave.done
        else WaveState(forgiven=_failed_in(state, number), pardoned=True, coverage=wave.coverage)
        for number, wave in state.waves.items()
    }
    return dataclasses.replace(state, waves=MappingProxyType(waves), outcome="")


def _failed_in(state: Rollout, wave: int) -> frozenset[str]:
    names = {service.name for service in state.plan.moves if service.wave == wave}
    return frozenset(name for name in names if state.services[name].last is Event.FAILED)


def _service(now: Progress, record: Record) -> Progress:
    fields = record.fields
    now = dataclasses.replace(now, last=record.event, seconds=now.seconds + float(fields.get("seconds", 0)))
    match record.event:
        case Event.MAKING:
            how = Action(fields["how"])
            return dataclasses.replace(now, how=how, tried=now.tried | {how}, digest="", passed=None)
        case Event.MADE:
            return dataclasses.replace(now, digest=fields["digest"], notes=tuple(fields.get("notes", ())))
        case Event.VERIFIED:
            return dataclasses.replace(
                now,
                passed=bool(fields["passed"]),
                attestation=fields["attestation"],
                cause=fields["cause"],
                hint=fields["hint"],
                proven=(fields["proven_before"], fields["proven"]),
                counted=bool(fields["counted"]),
            )
        case Event.NOT_MADE if now.cause:  # the second way was tried because the first had failed
            cause = f"{now.cause}; and it could not be rebuilt: {fields['cause']}"
            return dataclasses.replace(now, cause=cause)
        case Event.NOT_MADE | Event.FAILED | Event.NOT_RETURNED:
            counted = bool(fields.get("counted", now.counted))
            return dataclasses.replace(now, cause=fields["cause"], hint=fields["hint"], counted=counted)
        case _:
            return now


def _changed(state: Rollout, name: str, progress: Progress) -> Rollout:
    return dataclasses.replace(state, services=MappingProxyType({**state.services, name: progress}))


def _wave(state: Rollout, number: int, wave: WaveState) -> Rollout:
    return dataclasses.replace(state, waves=MappingProxyType({**state.waves, number: wave}))
