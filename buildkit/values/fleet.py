"""What does fleet.toml say: which services there are, and how they are moved?"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.values.oci import Reference

LEAST_CRITICAL = 3


def _empty() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of services, or a share of them: what `"5"` and `"5%"` mean.

    Attributes:
        number: services, or hundredths of all services.
        percent: which of the two.
    """

    number: float
    percent: bool = False

    def at_least(self, total: int) -> int:
        """This many of `total`, rounded up: the size of a wave. A share of something is never nothing."""
        return min(total, math.ceil(total * self.number / 100) if self.percent else int(self.number))

    def at_most(self, total: int) -> int:
        """This many of `total`, rounded down: how many failures are borne."""
        return math.floor(total * self.number / 100) if self.percent else int(self.number)

    def __str__(self) -> str:
        return f"{self.number:g}%" if self.percent else f"{self.number:g}"


class When(StrEnum):
    """How much a policy asks for."""

    REQUIRED = "required"
    IF_PRESENT = "if-present"
    OFF = "off"


class Pinned(StrEnum):
    """What becomes of a service whose Dockerfile names an old base by its digest."""

    KEEP = "keep"  # its author's word stands; the plan says so
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One service of the fleet: where its image is, how to build it, and how to ask whether it is well.

    Attributes:
        name: how plans and reports call it.
        image: its image, with the tag that a rollout moves.
        source: a directory (relative to fleet.toml) or a git URL (`https://...#ref:directory`); empty if lost.
        dockerfile: path of the Dockerfile in the source.
        target: stage to build; empty for the last one.
        build_args: further `--build-arg`s.
        ports: TCP ports on which it speaks HTTP; empty for those that the image exposes.
        path: what verification asks for.
        probes: further paths that must be answered without an error of the server (5xx).
        command: what to start it with instead of the image's own command.
        environment: variables that it needs to run.
        call_env: variables that tell it where to call.
        timeout: seconds until its first answer.
        require_outgoing: whether a service that calls nobody fails.
        wave: the wave (1 is the first) that it must be in; None for where its tier and name put it.
        tier: how much hangs on it: 1 is the most critical and goes last.
        platforms: those that it must have (`linux/arm64`); empty for those that its image has.
        pinned: see `Pinned`.
    """

    name: str
    image: Reference
    source: str = ""
    dockerfile: str = "Dockerfile"
    target: str = ""
    build_args: Mapping[str, str] = field(default_factory=_empty, hash=False)
    ports: tuple[int, ...] = ()
    path: str = "/"
    probes: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=_empty, hash=False)
    call_env: tuple[str, ...] = ()
    timeout: float = 30.0
    require_outgoing: bool = False
    wave: int | None = None
    tier: int = LEAST_CRITICAL
    platforms: tuple[str, ...] = ()
    pinned: Pinned = Pinned.KEEP


@dataclass(frozen=True, slots=True)
class Waves:
    """How much of the fleet is done when each wave is: one canary, 5%, 25%, all."""

    sizes: tuple[Amount, ...] = (Amount(1), Amount(5, percent=True), Amount(25, percent=True))


@dataclass(frozen=True, slots=True)
class Brakes:
    """What stops a rollout.

    Attributes:
        failures: a wave in which more services than this fail (of those that it moves) is braked.
        coverage_drop: a wave after which this many hundredths of its services are traced less is braked.
        minutes: no service is begun after so many minutes; None for no limit.
    """

    failures: Amount = Amount(20, percent=True)
    coverage_drop: float = 5.0
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much may be done at the same time, everywhere and per kind of work.

    Attributes:
        registry: requests to the registry.
        builds: image builds.
        verifications: services that run in order to be verified.
    """

    registry: int = 16
    builds: int = 2
    verifications: int = 4


@dataclass(frozen=True, slots=True)
class Policy:
    """What an image must have before a tag may move to it.

    Attributes:
        signatures: "required": base and services must be signed; "if-present": they are where it can be done.
        key: cosign's private key, which signs what is promoted: a file (relative to fleet.toml), or a KMS's URI.
        public_key: cosign's public key, which checks what is promoted and what it stands on.
        sbom: whether each image gets a bill of materials.
        pinned: see `Pinned`.
    """

    signatures: When = When.IF_PRESENT
    key: str = ""
    public_key: str = ""
    sbom: When = When.IF_PRESENT
    pinned: Pinned = Pinned.KEEP


@dataclass(frozen=True, slots=True)
class Fleet:
    """All of fleet.toml.

    Attributes:
        registry: host (and port) of the registry in which base and services are.
        company: as in the base's labels.
        base: the base's repository in that registry.
        services: in the file's order.
        discover: patterns of repositories (as in fnmatch) whose images are services too; empty for none.
        tag: the tag that is moved where an image is named without one.
        directory: what relative sources are relative to.
    """

    registry: str
    company: str
    base: str
    services: tuple[ServiceEntry, ...] = ()
    discover: tuple[str, ...] = ()
    tag: str = "latest"
    waves: Waves = Waves()
    brakes: Brakes = Brakes()
    budget: Budgets = Budgets()
    policy: Policy = Policy()
    directory: str = "."
