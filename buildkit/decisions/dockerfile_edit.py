"""What must change in a service's Dockerfile so that it builds here, without its author's doing anything?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.decisions import footing
from buildkit.decisions.dockerfile import lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildkit.values.dockerfile import Dockerfile, Instruction

# Every tool that a build may call reads one of these. ARG, not ENV: gone when the build is.
CA_VARIABLES = (
    "PIP_CERT",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
)
CA_PATH = "/run/secrets/ca_bundle"
CA_MOUNT = f"--mount=type=secret,id=ca_bundle,target={CA_PATH},mode=0444"


def with_ca(dockerfile: Dockerfile) -> str:
    """The same Dockerfile, each of whose RUN steps sees the secret `ca_bundle` and tells its tools about it.

    Nothing of it stays in the image but the variables' names in the history: secrets are never in a layer,
    and an ARG ends with its stage.
    """
    out = lines(dockerfile.text)
    # From the end, so that the lines above keep their numbers.
    for instruction in reversed(dockerfile.instructions):
        at = instruction.first - 1
        if instruction.word == "RUN":
            out[at] = re.sub(r"(?i)^(\s*RUN)\b", rf"\1 {CA_MOUNT}", out[at], count=1)
        elif instruction.word == "FROM":
            out[instruction.last : instruction.last] = [f"ARG {name}={CA_PATH}" for name in CA_VARIABLES]
    return "\n".join(out)


def with_base(dockerfile: Dockerfile, *, names: Iterable[str], replacement: str) -> str:
    """The same Dockerfile, built on `replacement` wherever it names the base, with whatever tag or digest.

    Line numbers stay: they are what a builder's errors are about.
    """
    known = tuple(names)
    out = lines(dockerfile.text)
    for stage in dockerfile.stages:
        if stage.parent is None and footing.is_base(stage.image, base=known):
            _replace_from(out, stage.start, replacement)
        for instruction in stage.body:
            for source in footing.sources_of(instruction):
                if footing.is_base(source, base=known):
                    _replace_source(out, instruction, source, replacement)
    return "\n".join(out)


def _replace_from(out: list[str], instruction: Instruction, replacement: str) -> None:
    words = ("FROM", *instruction.flags, replacement, *instruction.values[1:])
    blank = [""] * (instruction.last - instruction.first)
    out[instruction.first - 1 : instruction.last] = [" ".join(words), *blank]


def _replace_source(out: list[str], instruction: Instruction, source: str, replacement: str) -> None:
    for at in range(instruction.first - 1, instruction.last):
        changed = re.sub(rf"\bfrom={re.escape(source)}(?=[\s,]|$)", f"from={replacement}", out[at])
        if changed != out[at]:
            out[at] = changed
            return
