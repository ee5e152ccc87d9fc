"""How is a verdict written down so that anybody can read it, and which one counts?

An in-toto statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) whose predicate is the
test result of the same project (spec/predicates/test-result.md), so that policy engines read `result` without
knowing us; what is ours besides is in its member `verification`.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from buildkit.decisions.checks import VERSION
from buildkit.values.check import Check, Outcome
from buildkit.values.verification import Verification

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.values.service_probe import ServiceProbe

ARTIFACT_TYPE = MEDIA_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
# Says in a list of attachments what each of this type is, as BuildKit's attestations do.
KIND = "in-toto.io/predicate-type"
TIME = "org.opencontainers.image.created"
NAME = "python -m buildkit verify"
_LINES, _LINE = 15, 500
_NUMBER = re.compile(r"\d+(\.\d+)?")


def listed(found: Verification) -> dict[str, str]:
    """What the list of an image's attachments is to say of this one."""
    return {KIND: PREDICATE, TIME: _written(found.time), "in-toto.io/test-result": _result(found)}


def write(found: Verification) -> bytes:
    """A statement about the digest; the same bytes for the same verdict.

    Variables' values are left out: they may be secrets. That they were the same shows in `settings`, a digest.
    """
    algorithm, _, value = found.digest.partition(":")
    by_outcome = {outcome: [c.name for c in found.checks if c.outcome is outcome] for outcome in Outcome}
    document = {
        "_type": STATEMENT,
        "subject": [{"name": found.image, "digest": {algorithm: value}}],
        "predicateType": PREDICATE,
        "predicate": {
            "result": _result(found),
            "configuration": [{"name": NAME, "digest": {"sha256": found.settings}}],
            "passedTests": by_outcome[Outcome.PASS],
            "warnedTests": by_outcome[Outcome.SKIP],
            "failedTests": by_outcome[Outcome.FAIL],
            "verification": {
                "checksVersion": found.checks_version,
                "baseVersion": found.base_version,
                "platform": found.platform,
                "time": _written(found.time),
                "bypass": found.bypass,
                "called": list(found.called),
                "checks": [
                    {
                        "name": check.name,
                        "outcome": check.outcome.value,
                        "detail": check.detail,
                        "cause": check.cause,
                        "hint": check.hint,
                    }
                    for check in found.checks
                ],
                "lastLines": [line[:_LINE] for line in found.last_lines[-_LINES:]],
            },
        },
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def read(raw: bytes, *, digest: str, attestation: str = "") -> Verification | None:
    """Read a statement of ours; None if it is somebody else's, about something else, or damaged.

    Args:
        raw: what is attached.
        digest: what it is attached to: a statement about another image is no word on this one.
        attestation: the digest of the artifact, to be told on.
    """
    try:
        document = json.loads(raw)
        algorithm, _, value = digest.partition(":")
        about = [each for each in document["subject"] if each["digest"].get(algorithm) == value]
        if document["_type"] != STATEMENT or document["predicateType"] != PREDICATE or not about:
            return None
        predicate = document["predicate"]
        said = predicate["verification"]
        found = Verification(
            image=str(about[0].get("name", "")),
            digest=digest,
            checks=tuple(_check(each) for each in said["checks"]),
            time=datetime.fromisoformat(said["time"]).astimezone(UTC),
            checks_version=int(said["checksVersion"]),
            settings=str(predicate["configuration"][0]["digest"]["sha256"]),
            bypass=str(said["bypass"]),
            called=tuple(str(each) for each in said["called"]),
            base_version=str(said["baseVersion"]),
            platform=str(said["platform"]),
            attestation=attestation,
            reused=True,
            last_lines=tuple(str(line) for line in said["lastLines"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        return None
    # A verdict whose own checks contradict it is no verdict.
    return found if found.checks and predicate.get("result") == _result(found) else None


def latest(found: Iterable[Verification]) -> Verification | None:
    """The last word on an image."""
    return max(found, key=lambda each: (each.time, each.attestation), default=None)


def says_the_same(one: Verification, other: Verification) -> bool:
    """Whether two verdicts differ in their times and measured values only, so that one of them is enough."""
    return _gist(one) == _gist(other)


def reusable(found: Iterable[Verification], *, probe: ServiceProbe, platform: str) -> Verification | None:
    """The last verdict, if it is good, and the same checks with the same settings would run again.

    A failure does not count: it may have been chance, or the machine's, and is worth another look.
    """
    same = (
        each
        for each in found
        if each.checks_version == VERSION and each.settings == settings(probe) and each.platform == platform
    )
    last = latest(same)
    return last if last is not None and last.passed else None


def settings(probe: ServiceProbe) -> str:
    """SHA-256 of how a service is started and asked, in hex; not of how long we wait for it."""
    said: dict[str, Any] = {
        "ports": probe.ports,
        "path": probe.path,
        "probes": probe.probes,
        "command": probe.command,
        "environment": dict(probe.environment),
        "call_env": probe.call_env,
        "require_outgoing": probe.require_outgoing,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _gist(found: Verification) -> tuple[object, ...]:
    """What two looks at the same service have in common: numbers of processes and seconds are not."""
    checks = tuple((check.name, check.outcome, _NUMBER.sub("0", check.cause)) for check in found.checks)
    bypass = _NUMBER.sub("0", found.bypass)
    return found.digest, checks, bypass, found.checks_version, found.settings, found.platform


def _check(said: dict[str, str]) -> Check:
    return Check(
        str(said["name"]),
        Outcome(said["outcome"]),
        detail=str(said["detail"]),
        cause=str(said["cause"]),
        hint=str(said["hint"]),
    )


def _result(found: Verification) -> str:
    return "PASSED" if found.passed else "FAILED"


def _written(time: datetime) -> str:
    """RFC 3339, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
