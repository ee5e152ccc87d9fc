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
        yield from _bypass(process)
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


def _bypass(process: Process) -> Iterator[Cause]:
    if not _is_python(process.executable):
        return
    flags = _flags(process.arguments)
    if "S" in flags:
        yield Cause(
            f"the loader is bypassed: process {process.pid} runs `{_short(process)}`, and -S skips `site`",
            "start Python without -S",
        )


def _diagnosis(evidence: Evidence) -> Iterator[Cause]:
    doctor = evidence.inside.doctor
    if doctor is None:
        return
    base = str(doctor.get("executable_real") or doctor.get("executable") or "")
    for process in evidence.inside.processes:
        if base and _is_python(process.executable) and not _same(process.executable, base):
            yield Cause(
                f"the loader is bypassed: process {process.pid} runs another interpreter, "
                f"{process.executable}, which the base knows nothing of",
                f"run the service with the image's own Python, {base}",
            )
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


def _same(executable: str, base: str) -> bool:
    """Whether they are one file: /proc resolves links, the doctor may name one (python3 -> python3.13)."""
    folder, _, name = executable.rpartition("/")
    base_folder, _, base_name = base.rpartition("/")
    return folder == base_folder and (name.startswith(base_name) or base_name.startswith(name))


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
