"""Does the service stand on the base, start, listen and answer?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.values.check import Check, failed, passed, skipped
from buildkit.values.service import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.values.service import Evidence

BASE = "Stands on the base"
STARTS = "Starts"
LISTENS = "Listens on its port"
ANSWERS = "Answers HTTP requests"


def stands_on_the_base(evidence: Evidence) -> Check:
    standing = evidence.standing
    if standing.on_base:
        return passed(BASE, f"base {standing.version or '?'}: {standing.reason}")
    return failed(
        BASE,
        f"not built on the base: {standing.reason}",
        cause=f"{evidence.image.name} was built FROM something else",
        hint="start its Dockerfile with FROM company/python-service:latest and rebuild",
    )


def comes_up(evidence: Evidence) -> Iterator[Check]:
    """Starts, listens, answers: up to the step that fails; the ones behind it cannot be told."""
    ready = evidence.readiness
    if ready.exit_code is not None:
        yield from _died(evidence)
        return
    yield passed(STARTS, f"up after {ready.seconds:.1f} s" if ready.stage is Stage.ANSWERS else "")
    if ready.stage < Stage.LISTENS:
        yield _does_not_listen(evidence)
        yield skipped(ANSWERS, "it does not listen")
        return
    yield passed(LISTENS, f"port {ready.port}")
    if evidence.ended is not None:
        yield failed(
            ANSWERS,
            f"ended by itself with exit code {evidence.ended} while it was asked",
            cause=f"a request makes it crash{_last_words(evidence)}",
            hint=_EXIT_HINTS.get(evidence.ended, "read its output below"),
        )
        return
    silent = [answer for answer in evidence.answers if answer.status is None and not evidence.upstream]
    if silent:
        request = silent[0].request
        yield failed(
            ANSWERS,
            f"{len(silent)} of {len(evidence.answers)} requests got no answer "
            f"({request.method} {request.path}: "
            f"{silent[0].error})",
            cause="it hangs or breaks the connection on some requests",
            hint="ask it yourself, and read its output below",
        )
    elif ready.stage is Stage.ANSWERS:
        yield _answers_its_probes(evidence)
    else:
        yield failed(
            ANSWERS,
            f"port {ready.port} takes connections, but no HTTP answer came in {ready.seconds:.0f} s: "
            f"{ready.detail}",
            cause="it speaks something else than HTTP/1.1 there, or its first request never ends",
            hint="name the port that speaks HTTP with --port, or a quicker path with --path",
        )


def _answers_its_probes(evidence: Evidence) -> Check:
    probes = [answer for answer in evidence.answers if answer.request.must_succeed]
    wrong = [answer for answer in probes if (answer.status or 0) >= 500]
    if wrong:
        said = ", ".join(
            f"{answer.request.method} {answer.request.path}: {answer.status}" for answer in wrong
        )
        return failed(
            ANSWERS,
            f"{len(wrong)} of its {len(probes)} probes were answered with an error ({said})",
            cause=f"it cannot do what that path asks of it here{_last_words(evidence)}",
            hint="give it what it needs as environment, or name a path that needs nobody else",
        )
    told = f"; {len(probes)} of {len(probes)} probes" if probes else ""
    return passed(ANSWERS, evidence.readiness.detail + told)


def _died(evidence: Evidence) -> Iterator[Check]:
    ready = evidence.readiness
    code = ready.exit_code
    yield failed(
        STARTS,
        f"ended with exit code {code} after {ready.seconds:.1f} s, before it answered",
        cause=f"it crashes at start{_last_words(evidence)}",
        hint=_EXIT_HINTS.get(
            code or 0, "run the image by hand and read its output: docker run --rm " + evidence.image.name
        ),
    )
    yield skipped(LISTENS, "it ended")
    yield skipped(ANSWERS, "it ended")


def _last_words(evidence: Evidence) -> str:
    said = next((line.strip() for line in reversed(evidence.log.splitlines()) if line.strip()), "")
    return f"; its last words: {said[:200]}" if said else ", silently"


_EXIT_HINTS = {
    126: "its command cannot be executed: look at ENTRYPOINT, CMD and the file's mode",
    127: "its command is not in the image: look at ENTRYPOINT, CMD and requirements.txt",
    137: "it was killed, most likely for its memory: look at the container's limit",
}


def _does_not_listen(evidence: Evidence) -> Check:
    ready = evidence.readiness
    ports = ", ".join(str(port) for port in ready_ports(evidence)) or "none"
    others = evidence.inside.listeners
    loopback = [listener for listener in others if listener.loopback]
    outside = [listener for listener in others if not listener.loopback]
    expected = set(ready_ports(evidence))
    detail = f"nothing took a connection in {ready.seconds:.0f} s on port {ports}"
    if any(listener.port in expected for listener in loopback):
        bound = ", ".join(str(listener) for listener in loopback)
        return failed(
            LISTENS,
            f"{detail}; inside the container it listens on {bound}",
            cause="it is bound to the loopback address, which nobody outside the container can reach",
            hint="bind it to 0.0.0.0",
        )
    if outside:
        bound = ", ".join(str(listener) for listener in outside)
        return failed(
            LISTENS,
            f"{detail}; it listens on {bound}",
            cause="it listens on another port than the image exposes",
            hint=f"add EXPOSE {outside[0].port} to its Dockerfile, or say --port {outside[0].port}",
        )
    if loopback:
        bound = ", ".join(str(listener) for listener in loopback)
        return failed(
            LISTENS,
            f"{detail}; inside the container it listens on {bound}",
            cause="it is bound to the loopback address, and to another port than the image exposes",
            hint="bind it to 0.0.0.0 and the exposed port",
        )
    return failed(
        LISTENS,
        f"{detail}; it runs, and listens on no TCP port at all",
        cause="it never opens a port: not a server, or it waits for something before (a database, a lock)",
        hint="read its output below; give it what it waits for with --env, or more time with --timeout",
    )


def ready_ports(evidence: Evidence) -> tuple[int, ...]:
    """The ports at which we knocked."""
    return (evidence.readiness.port,) if evidence.readiness.port else evidence.image.ports
