"""What is there to see when services are started, asked, and told to stop?"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from buildkit.decisions import probe
from buildkit.decisions.standing import standing
from buildkit.edges import traffic
from buildkit.edges.progress import step
from buildkit.values.service import Evidence, Inside, Stage
from buildkit.values.span import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.edges.container import RunningService
    from buildkit.edges.sandbox import Sandbox
    from buildkit.values.call import Answer, Request
    from buildkit.values.role import Role, Script
    from buildkit.values.service import Readiness, ServiceImage, Stop
    from buildkit.values.span import Span

# A batch leaves a second after its first span, not after five as by default, since we wait for it. Not
# sooner, or the spans of the last requests would leave by themselves before the stop signal comes.
BATCH_MILLISECONDS = "1000"
SPAN_SECONDS = 6.0
LAST_SPAN_SECONDS = 1.0
#: For how long a service that breaks connections may take to be gone.
ENDING_SECONDS = 1.0
_TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"


class Examination:
    """One run of a script on a chain of services: the first takes our requests, the last calls us.

    Args:
        sandbox: where they run.
        roles: the chain, the first one first.
        script: what they are asked.

    Raises:
        docker.errors.DockerException: from any method, if the engine refuses something.
    """

    def __init__(self, sandbox: Sandbox, *, roles: Sequence[Role], script: Script) -> None:
        self._sandbox = sandbox
        self._roles = tuple(roles)
        self._script = script
        self._answers: list[Answer] = []
        self._running = {role.name: self._create(role) for role in self._roles}

    def run(self, *, bases: Sequence[ServiceImage], company: str) -> tuple[Evidence, ...]:
        """Start, ask, look, ask again and stop; one piece of evidence for each role, in their order."""
        standings = {
            role.name: standing(
                role.image, bases=bases, company=company, facts=self._running[role.name].facts()
            )
            for role in self._roles
        }
        readiness = self._start()
        calls_before = len(self._sandbox.calls.calls())
        up = all(found.stage is Stage.ANSWERS for found in readiness.values())
        complete = up and self._ask(port=readiness[self._roles[0].name].port or 0)
        inside = {name: self._look(service, needed=not complete) for name, service in self._running.items()}
        ended = {name: service.exit_code for name, service in self._running.items() if up}
        stops = self._stop(port=readiness[self._roles[0].name].port if up else None)
        calls = self._sandbox.calls.calls()[calls_before:]
        upstream = {role.calls: role.name for role in self._roles if role.calls}
        return tuple(
            Evidence(
                name=role.name,
                image=role.image,
                standing=standings[role.name],
                readiness=readiness[role.name],
                inside=inside[role.name],
                answers=tuple(self._answers),
                calls=calls,
                spans=self._sandbox.spans.spans(),
                refused_spans=self._sandbox.spans.refused,
                log=self._running[role.name].log(),
                stop=stops.get(role.name),
                ended=ended.get(role.name),
                upstream=upstream.get(role.name, ""),
                downstream=role.calls,
                must_call_out=role.must_call_out,
            )
            for role in self._roles
        )

    def _create(self, role: Role) -> RunningService:
        endpoint = self._sandbox.endpoint(role.name)
        peer = f"http://{role.calls}:{self._port_of(role.calls)}" if role.calls else self._sandbox.callee_url
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": BATCH_MILLISECONDS,
            **dict.fromkeys(role.peers, peer),
            **role.environment,
        }
        if _TRACES_ENDPOINT in role.image.environment:
            # It would win over the general one, and the spans would go to the service's own collector.
            environment[_TRACES_ENDPOINT] = f"{endpoint}/v1/traces"
        return self._sandbox.add(role.image, name=role.name, ports=role.ports, environment=environment)

    def _port_of(self, name: str) -> int:
        return next(role.ports[0] for role in self._roles if role.name == name)

    def _start(self) -> dict[str, Readiness]:
        with step("start " + ", ".join(self._running)), ThreadPoolExecutor(len(self._roles)) as pool:
            for role in reversed(self._roles):
                self._running[role.name].start()
            waits = {role.name: pool.submit(self._await_answer, role) for role in self._roles}
            with self._interruptible():
                return {name: wait.result() for name, wait in waits.items()}

    def _await_answer(self, role: Role) -> Readiness:
        service = self._running[role.name]
        path, traceparent = probe.readiness_request(random.SystemRandom(), path=self._script.path)
        return traffic.wait_until_ready(
            partial(service.doors, role.ports),
            died=service.died,
            exit_code=lambda: service.exit_code,
            path=path,
            traceparent=traceparent,
            timeout=self._script.timeout,
        )

    def _ask(self, *, port: int) -> bool:
        """Send the requests, and wait for their spans; whether all came, and a call of the last service's."""
        with step(f"send {len(self._script.requests)} requests"):
            self._answers += self._send(self._script.requests, port=port)
        if any(answer.status is None for answer in self._answers):
            # A process that ends sends its last spans first: its connections may be gone before it is.
            any(service.died.wait(ENDING_SECONDS) for service in self._running.values())
        with step("wait for their spans"):
            came = self._await_spans(timeout=SPAN_SECONDS)
        return came and all(call.header("traceparent") for call in self._sandbox.calls.calls())

    def _send(self, requests: Sequence[Request], *, port: int, last: bool = False) -> list[Answer]:
        (host, knock, _), *_ = self._running[self._roles[0].name].doors((port,))
        return [traffic.send(request, host=host, port=knock, last=last) for request in requests]

    def _await_spans(self, *, timeout: float) -> bool:
        """Wait until each answered request has its server span in each service that it passes through."""
        wanted = {
            (name, answer.request.trace_id)
            for answer in self._answers
            if answer.status is not None
            for name in answer.request.through
        }
        died = [service.died for service in self._running.values()]
        dead = sum(event.is_set() for event in died)

        def missing(spans: Sequence[Span]) -> bool:
            return not wanted <= {(span.source, span.trace_id) for span in spans if span.kind is Kind.SERVER}

        def settled(spans: Sequence[Span]) -> bool:
            return not missing(spans) or sum(event.is_set() for event in died) > dead

        self._sandbox.spans.wait_for(settled, timeout=timeout)
        return not missing(self._sandbox.spans.spans())

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """On Ctrl-C, let the threads that wait for services stop waiting: the pool's end waits for them."""
        try:
            yield
        except BaseException:
            for service in self._running.values():
                service.died.set()
            raise

    def _look(self, service: RunningService, *, needed: bool) -> Inside:
        """Looking takes a second: only where there is something to explain."""
        return service.look_inside() if needed and not service.died.is_set() else Inside()

    def _stop(self, *, port: int | None) -> dict[str, Stop]:
        """Ask once more, send the stop signal at once, and wait for the end; a dead one is not stopped."""
        alive = {name: service for name, service in self._running.items() if not service.died.is_set()}
        if not alive:
            return {}
        with step("send the last requests and stop"), ThreadPoolExecutor(len(alive)) as pool:
            if port is not None:
                self._answers += self._send(self._script.last, port=port, last=True)
            ends = {name: pool.submit(service.stop) for name, service in alive.items()}
            with self._interruptible():
                stops = {name: end.result() for name, end in ends.items()}
            if port is not None:
                self._await_spans(timeout=LAST_SPAN_SECONDS)
        return stops
