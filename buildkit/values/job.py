"""What does a CI system's job do for a rollout, and what does it bring back?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of a matrix.

    Attributes:
        services: their names; one, unless there are more services than a matrix may have entries.
        action: `rebase` or `rebuild`; `mixed` for several services with both.
        wave: the earliest of theirs, for people: the tags move in waves all the same.
        onto: the base, as people call it; of the first.
    """

    services: tuple[str, ...]
    action: str
    wave: int
    onto: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of one service in a job: its new image is pushed by digest and verified, and no tag has moved.

    Attributes:
        name: the service.
        before: the digest that its tag stood for.
        onto: the version of the base.
        how: `rebase` or `rebuild`.
        digest: of the new image; empty if none passed.
        attestation: the digest of what verification has attached to it.
        notes: what its authors should know.
        cause: why there is no new image; empty if there is.
        hint: what to do about that.
        seconds: how long was worked on it.
    """

    name: str
    before: str
    onto: str
    how: str = ""
    digest: str = ""
    attestation: str = ""
    notes: tuple[str, ...] = ()
    cause: str = ""
    hint: str = ""
    seconds: float = 0.0
