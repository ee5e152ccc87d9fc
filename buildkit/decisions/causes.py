"""Why, most likely, does a service that answers send no spans?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit.values.service import Evidence, Process


_EXCLUDED = re.compile(r"OTEL_PYTHON_(\w+_)?EXCLUDED_URLS")
# How every line begins that tracing writes to a service's stderr (tracing_bootstrap/guard.py).
COMPLAINT = "tracing: "
EDGE = "TRACING_BOOTSTRAP_EDGE"
_SAMPLING = ("OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG")
# Programs that start a service, or stand beside it.
_AROUND = frozenset(("tini", "sh", "dash", "bash", "busybox", "env", "sleep", "cat", "tail", "uwsgi"))


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, and what to do about it."""

    why: str
    hint: str


def causes(evidence: Evidence) -> tuple[Cause, ...]:
    """Name all that is known to keep a service from sending spans, the surest first; never empty.

    Our own eyes come before the doctor's: it runs in the service's environment, but it is not the service.
    """
    if not evidence.standing.on_base:
        return (
            Cause(
                f"not built on the base: {evidence.standing.reason}",
                "start its Dockerfile with FROM company/python-service and rebuild",
            ),
        )
    found = tuple(_known(evidence)) or tuple(_diagnosis(evidence)) or tuple(_likely(evidence))
    return found or (
        Cause(
            f"the base is there and not switched off, but the server that it runs{_servers(evidence)} "
            "calls no traced layer",
            f"look inside: {_consult(evidence)}",
        ),
    )


def _known(evidence: Evidence) -> Iterator[Cause]:
    yield from _complaints(evidence.log)
    yield from _switches(evidence.image.environment, place="the image's ENV")
    for process in evidence.inside.processes:
        # What a start script has set; what stands in ENV every process has.
        own = dict(process.environment.items() - evidence.image.environment.items())
        yield from _switches(own, place=f"process {process.pid} ({_short(process)})")
        yield from _bypass(process, interpreter=evidence.inside.interpreter)


def _complaints(log: str) -> Iterator[Cause]:
    """What tracing itself says; the first is the cause, the others follow from it."""
    for line in log.splitlines():
        if line.startswith(COMPLAINT):
            yield Cause(f"it says so itself: {line[:300]}", "read its whole output: docker logs")
            return


def _switches(environment: Mapping[str, str], *, place: str) -> Iterator[Cause]:
    for name, off in (
        ("OTEL_SDK_DISABLED", ("true",)),
        ("OTEL_TRACES_EXPORTER", ("none",)),
        ("OTEL_TRACES_SAMPLER", ("always_off",)),
    ):
        value = environment.get(name, "")
        if value.strip().lower() in off:
            yield Cause(f"tracing is switched off: {place} says {name}={value}", f"remove {name} there")
    sampler, share = (environment.get(name, "").strip() for name in _SAMPLING)
    if sampler.lower() == "traceidratio" and share and not share.strip("0."):
        yield Cause(
            f"tracing is switched off: {place} says OTEL_TRACES_SAMPLER={sampler} with an argument of {share}",
            "remove OTEL_TRACES_SAMPLER_ARG there",
        )


def cuts(evidence: Evidence) -> tuple[Cause, ...]:
    """Name the settings by which a service neither joins its callers' traces nor hands them on in W3C's format."""
    found: dict[str, Cause] = {}
    for environment in _environments(evidence):
        propagators = environment.get("OTEL_PROPAGATORS", "").strip().lower()
        names = [name.strip() for name in propagators.split(",")]
        if propagators and ("none" in names or "tracecontext" not in names):
            found["propagators"] = Cause(
                f"its trace headers are not W3C's: OTEL_PROPAGATORS={propagators}",
                "name tracecontext in OTEL_PROPAGATORS",
            )
        if environment.get(EDGE, "").strip().lower() == "true":
            found["edge"] = Cause(
                f"it stands at the edge, where callers are linked and not joined: {EDGE}=true",
                f"remove {EDGE}, unless its callers are outsiders",
            )
    return tuple(found.values())


def _environments(evidence: Evidence) -> list[Mapping[str, str]]:
    return [evidence.image.environment, *(process.environment for process in evidence.inside.processes)]


def gaps(evidence: Evidence) -> tuple[Cause, ...]:
    """Name the settings that leave out some requests on purpose."""
    found: dict[str, Cause] = {}
    for environment in _environments(evidence):
        for name, value in environment.items():
            if name == "OTEL_TRACES_SAMPLER" and not value.strip().lower().startswith("parentbased_"):
                why = f"its sampler decides anew, whatever the caller has decided: {name}={value}"
                found[name] = Cause(why, "use the parentbased_ sampler of that name, or traces are cut here")
            if _EXCLUDED.fullmatch(name) and value:
                found[name] = Cause(
                    f"it leaves out some addresses: {name}={value}", "ask for others with --path"
                )
    return tuple(found.values())


def _bypass(process: Process, *, interpreter: str) -> Iterator[Cause]:
    """What sitecustomize cannot reach: a Python told to skip `site`, and one that is not the base's."""
    if not _is_python(process):
        return
    if "S" in _flags(process.arguments):
        yield Cause(
            f"the loader is bypassed: process {process.pid} runs `{_short(process)}`, and -S skips `site`",
            "start Python without -S",
        )
    home = process.environment.get("PYTHONHOME")
    if home:
        yield Cause(
            f"the loader is bypassed: process {process.pid} has another standard library, PYTHONHOME={home}",
            "remove PYTHONHOME",
        )
    if interpreter and process.executable != interpreter:
        yield Cause(
            f"the loader is bypassed: process {process.pid} runs another interpreter, {process.executable}",
            f"run the service with the base's own Python, {interpreter}",
        )


def _diagnosis(evidence: Evidence) -> Iterator[Cause]:
    """What the image's own doctor says, who was started beside the service in the same environment."""
    doctor = evidence.inside.doctor or {}
    target = doctor.get("collector") or {}
    if target.get("sends") and not target.get("answers"):
        yield Cause(
            f"the collector at {target.get('url')} cannot be reached from the container: {target.get('detail')}",
            "let this machine's firewall accept connections from Docker's bridge networks",
        )
        return
    for problem in doctor.get("problems") or ():
        yield Cause(f"the doctor says: {problem}", f"see {_consult(evidence)}")


def _likely(evidence: Evidence) -> Iterator[Cause]:
    """What can be guessed where nothing is known to be wrong."""
    for limit in (evidence.inside.doctor or {}).get("limits") or ():
        yield Cause(f"the doctor says: {limit}", f"see {_consult(evidence)}")
    programs = [p for p in evidence.inside.processes if _name(p) not in _AROUND]
    if programs and not any(_is_python(process) for process in programs):
        found = ", ".join(sorted({process.executable for process in programs}))
        yield Cause(
            f"no process runs Python as a program of its own: {found}",
            "a program with a Python inside (PyInstaller, Nuitka) brings its own: run the sources on the base",
        )


def _servers(evidence: Evidence) -> str:
    """Name the commands of the Python processes, which are what serves."""
    found = [f"`{_short(process)}`" for process in evidence.inside.processes if _is_python(process)]
    return f" ({', '.join(dict.fromkeys(found))})" if found else ""


def _is_python(process: Process) -> bool:
    return _name(process).startswith(("python", "pypy"))


def _name(process: Process) -> str:
    return process.executable.rsplit("/", 1)[-1]


def _consult(evidence: Evidence) -> str:
    return f"docker run --rm {evidence.image.name} python -m tracing_bootstrap"


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
