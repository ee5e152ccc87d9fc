"""What is said between us and the services that are looked at: what they are asked, answer, and report in spans?"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from buildkit.decisions import egress, ports, probe
from buildkit.edges import traffic
from buildkit.values.span import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.edges.container import RunningService
    from buildkit.edges.progress import Step
    from buildkit.edges.sandbox import Sandbox
    from buildkit.values.call import Answer, Call, Request
    from buildkit.values.role import Script
    from buildkit.values.span import Span

SPAN_SECONDS = 6.0
LAST_SPAN_SECONDS = 1.0
#: For how long a service that breaks connections may take to be gone.
ENDING_SECONDS = 1.0


class Conversation:
    """The requests to a chain of services, their answers and their spans.

    Args:
        sandbox: where spans and calls arrive.
        services: those that run.
        door: host and port of the first one.
        calls: those of the services to others, up to now.
        step: shows progress.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        services: Sequence[RunningService],
        door: tuple[str, int],
        calls: Callable[[], Sequence[Call]],
        step: Step,
    ) -> None:
        self.answers: list[Answer] = []
        self._sandbox = sandbox
        self._services = services
        self._door = door
        self._calls = calls
        self._step = step

    def ask(self, script: Script, *, before: Sequence[Call]) -> bool:
        """Send the requests and wait for their spans.

        What a first round leaves open is asked once more: what called a port that nobody listened on, and
        what made a call without our trace that may have been chance.

        Args:
            script: has the requests.
            before: the calls that were made before the services took requests.

        Returns:
            Whether there is nothing to explain: all spans came, and no call lacks its trace.
        """
        with self._step(f"send {len(script.requests)} requests"):
            self._send(script.requests)
        if any(answer.status is None for answer in self.answers):
            # A process that ends sends its last spans first: its connections may be gone before it is.
            any(service.died.wait(ENDING_SECONDS) for service in self._services)
        with self._step("wait for their spans"):
            came = self._await_spans(timeout=SPAN_SECONDS)
        asked_again = self._open_questions(script, before=before)
        if asked_again and came:
            with self._step(f"ask {len(asked_again)} again to be sure, and wait for their spans"):
                self._send(asked_again)
                came = self._await_spans(timeout=SPAN_SECONDS)
        found = egress.sort(self._calls(), answers=self.answers, before=before)
        return came and all(call.header("traceparent") for call in found.judged)

    def ask_last(self, script: Script) -> None:
        """Send the requests that the stop signal follows."""
        self._send(script.last, last=True)

    def await_last_spans(self) -> None:
        self._await_spans(timeout=LAST_SPAN_SECONDS)

    def _open_questions(self, script: Script, *, before: Sequence[Call]) -> tuple[Request, ...]:
        ids = random.SystemRandom()
        refused = egress.refused_ports(self._sandbox.spans.spans(), names=self._sandbox.calls.names())
        missing = ports.further(refused)
        self._sandbox.expect(missing)
        doubtful = egress.to_ask_again(self._calls(), answers=self.answers, before=before)
        return tuple(probe.again(ids, request) for request in (script.requests if missing else doubtful))

    def _send(self, requests: Sequence[Request], *, last: bool = False) -> None:
        host, port = self._door
        self.answers += [traffic.send(request, host=host, port=port, last=last) for request in requests]

    def _await_spans(self, *, timeout: float) -> bool:
        """Wait until each answered request has its server span in each service that it passes through."""
        wanted = {
            (name, answer.request.trace_id)
            for answer in self.answers
            if answer.status is not None
            for name in answer.request.through
        }
        died = [service.died for service in self._services]
        dead = sum(event.is_set() for event in died)

        def missing(spans: Sequence[Span]) -> bool:
            return not wanted <= {(span.source, span.trace_id) for span in spans if span.kind is Kind.SERVER}

        def settled(spans: Sequence[Span]) -> bool:
            return not missing(spans) or sum(event.is_set() for event in died) > dead

        self._sandbox.spans.wait_for(settled, timeout=timeout)
        return not missing(self._sandbox.spans.spans())
