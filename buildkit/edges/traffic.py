"""What does the service answer to our requests, and from when on does it answer at all?"""

from __future__ import annotations

import http.client
import socket
from time import monotonic
from typing import TYPE_CHECKING

from buildkit.decisions.probe import BAGGAGE_KEY, TRACESTATE_KEY
from buildkit.values.call import Answer, Request
from buildkit.values.service import Readiness, Stage

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

REQUEST_SECONDS = 10.0
_PAUSE = 0.03  # seconds between two knocks at a door that nobody has opened yet


def send(request: Request, *, host: str, port: int, last: bool = False) -> Answer:
    """Send one request on a connection of its own; a failure is an answer without a status."""
    headers = {
        "traceparent": request.traceparent,
        "tracestate": f"{TRACESTATE_KEY}={request.span_id}",
        "baggage": f"{BAGGAGE_KEY}={request.trace_id[:8]}",
        "User-Agent": "buildkit-verify",
        "Connection": "close",
    }
    if request.body:
        headers["Content-Type"] = "application/json"
    started = monotonic()
    connection = http.client.HTTPConnection(host, port, timeout=REQUEST_SECONDS)
    try:
        connection.request(request.method, request.path, request.body or None, headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return Answer(request, None, started, monotonic(), error=_plain(error), last=last)
    finally:
        connection.close()
    return Answer(request, response.status, started, monotonic(), last=last)


def wait_until_ready(
    where: Callable[[], Sequence[tuple[str, int, int]]],
    *,
    died: threading.Event,
    exit_code: Callable[[], int | None],
    path: str,
    traceparent: str,
    timeout: float,
) -> Readiness:
    """Knock until the service answers HTTP, ends, or the time is over.

    Args:
        where: tells host, port to knock at and port inside the container, for each door that may open.
        died: set as soon as the container has ended.
        exit_code: the ended container's.
        path: what to ask for; any status is an answer.
        traceparent: sent along, so that the knocking leaves no spans.
        timeout: seconds.
    """
    began = monotonic()
    stage, detail, open_port, opened = Stage.STARTED, "", None, 0.0
    while (spent := monotonic() - began) < timeout:
        if died.is_set():
            return Readiness(stage, spent, open_port, detail, exit_code=exit_code(), opened=opened)
        for host, port, inside in where():
            knocked = monotonic()
            step, said = _knock(host, port, path=path, traceparent=traceparent, timeout=timeout - spent)
            opened = opened or (knocked if step >= Stage.LISTENS else 0.0)
            if step is Stage.ANSWERS:
                return Readiness(step, monotonic() - began, inside, said, opened=opened)
            if step >= stage:
                stage, detail = step, said
                open_port = inside if step is Stage.LISTENS else open_port
        died.wait(_PAUSE)
    ended = exit_code() if died.is_set() else None
    return Readiness(stage, monotonic() - began, open_port, detail, ended, opened=opened)


def _knock(host: str, port: int, *, path: str, traceparent: str, timeout: float) -> tuple[Stage, str]:
    limit = max(0.1, min(timeout, REQUEST_SECONDS))
    try:
        link = socket.create_connection((host, port), timeout=min(limit, 1.0))
    except OSError as error:
        return Stage.STARTED, _plain(error)
    with link:
        link.settimeout(limit)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = link
        try:
            connection.request("GET", path, headers={"traceparent": traceparent, "Connection": "close"})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            return Stage.LISTENS, _plain(error)
    return Stage.ANSWERS, f"{response.status} {response.reason}".strip()


def _plain(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
