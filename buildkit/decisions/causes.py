"""Why, most likely, does a service that answers send no spans?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.values.service import Evidence, Process


# How every line begins that tracing writes to a service's stderr (tracing_bootstrap/guard.py).
COMPLAINT = "tracing: "


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, and what to do about it."""

    why: str
    hint: str


def causes(evidence: Evidence) -> tuple[Cause, ...]:
    """Name all that is known to keep a service from sending spans, the surest first; never empty."""
    if not evidence.standing.on_base:
        return (
            Cause(
                f"not built on the base: {evidence.standing.reason}",
                "start its Dockerfile with FROM company/python-service and rebuild",
            ),
        )
    found = tuple(_known(evidence))
    return found or (
        Cause(
            "the base is there and not switched off, but the server that it runs calls no traced layer",
            f"look inside: docker run --rm {evidence.image.name} python -m tracing_bootstrap",
        ),
    )


def _known(evidence: Evidence) -> Iterator[Cause]:
    yield from _complaints(evidence.log)
    for place, environment in _environments(evidence):
        yield from _switches(environment, place=place)
    for process in evidence.inside.processes:
        yield from _bypass(process, interpreter=evidence.inside.interpreter)
    yield from _diagnosis(evidence)


def _complaints(log: str) -> Iterator[Cause]:
    """What tracing itself says; the first is the cause, the others follow from it."""
    for line in log.splitlines():
        if line.startswith(COMPLAINT):
            yield Cause(f"it says so itself: {line[:300]}", "read its whole output: docker logs")
            return


def _environments(evidence: Evidence) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The image's ENV first: who looks for the switch finds it there. A start script may set it later."""
    yield "the image's ENV", evidence.image.environment
    for process in evidence.inside.processes:
        if process.environment != evidence.image.environment:
            yield f"process {process.pid} ({_short(process)})", process.environment


def _switches(environment: Mapping[str, str], *, place: str) -> Iterator[Cause]:
    for name, off in (
        ("OTEL_SDK_DISABLED", ("true",)),
        ("OTEL_TRACES_EXPORTER", ("none",)),
        ("OTEL_TRACES_SAMPLER", ("always_off",)),
    ):
        value = environment.get(name, "")
        if value.strip().lower() in off:
            yield Cause(f"tracing is switched off: {place} says {name}={value}", f"remove {name} there")


def _bypass(process: Process, *, interpreter: str) -> Iterator[Cause]:
    """What sitecustomize cannot reach: a Python told to skip `site`, and one that is not the base's."""
    if not process.executable.rsplit("/", 1)[-1].startswith(("python", "pypy")):
        return
    if "S" in _flags(process.arguments):
        yield Cause(
            f"the loader is bypassed: process {process.pid} runs `{_short(process)}`, and -S skips `site`",
            "start Python without -S",
        )
    if interpreter and process.executable != interpreter:
        yield Cause(
            f"the loader is bypassed: process {process.pid} runs another interpreter, {process.executable}",
            f"run the service with the base's own Python, {interpreter}",
        )


def _diagnosis(evidence: Evidence) -> Iterator[Cause]:
    doctor = evidence.inside.doctor
    if doctor is None:
        return
    if doctor.get("armed") is False and not doctor.get("disabled"):
        yield Cause(
            "the loader did not fire: neither sitecustomize nor the .pth armed this Python",
            "look for a service's own sitecustomize or PYTHONPATH that hides them",
        )
    if doctor.get("endpoint_ok") is False:
        yield Cause(
            f"the collector at {doctor.get('endpoint')} cannot be reached from the container",
            "let this machine's firewall accept connections from Docker's bridge networks",
        )


def _is_python(executable: str) -> bool:
    return executable.rsplit("/", 1)[-1].startswith(("python", "pypy"))


def _flags(arguments: tuple[str, ...]) -> str:
    """The single-letter options of the interpreter itself, which end at the first that is no such option."""
    letters = ""
    rest = iter(arguments[1:])
    for argument in rest:
        if not argument.startswith("-") or argument.startswith("--") or argument == "-":
            break
        letters += argument[1:]
        if argument[-1] in "cm":
            break
        if argument in ("-W", "-X"):
            next(rest, None)
    return letters


def _short(process: Process) -> str:
    text = " ".join(process.arguments)
    return text if len(text) <= 60 else text[:57] + "..."
