"""What is there to see when services are started, asked, and told to stop?"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from buildkit.decisions import probe
from buildkit.decisions.standing import standing
from buildkit.edges import progress, traffic
from buildkit.edges.conversation import Conversation
from buildkit.values.service import Evidence, Inside, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from buildkit.edges.container import RunningService
    from buildkit.edges.progress import Step
    from buildkit.edges.sandbox import Sandbox
    from buildkit.values.call import Call, Contact
    from buildkit.values.role import Role, Script
    from buildkit.values.service import Readiness, ServiceImage, Stop

# A batch leaves a second after its first span, not after five as by default, since we wait for it. Not
# sooner, or the spans of the last requests would leave by themselves before the stop signal comes.
BATCH_MILLISECONDS = "1000"
_TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"


class Examination:
    """One run of a script on a chain of services: the first takes our requests, the last calls us.

    Args:
        sandbox: where they run.
        roles: the chain, the first one first.
        script: what they are asked.
        step: shows progress.

    Raises:
        docker.errors.DockerException: from any method, if the engine refuses something.
    """

    def __init__(
        self, sandbox: Sandbox, *, roles: Sequence[Role], script: Script, step: Step = progress.step
    ) -> None:
        self._step = step
        self._sandbox = sandbox
        self._roles = tuple(roles)
        self._script = script
        self._addresses: dict[str, str] = {}
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
        self._addresses = {name: service.address for name, service in self._running.items()}
        early = {
            role.name: self._calls(role, until=readiness[role.name].opened or inf) for role in self._roles
        }
        before = [call for calls in early.values() for call in calls]
        first = monotonic()
        talk = self._talk(readiness, since=first)
        complete = talk is not None and talk.ask(self._script, before=before)
        inside = {name: self._look(service, needed=not complete) for name, service in self._running.items()}
        ended = {name: service.exit_code for name, service in self._running.items() if talk}
        stops = self._stop(talk)
        answers = tuple(talk.answers) if talk else ()
        upstream = {role.calls: role.name for role in self._roles if role.calls}
        return tuple(
            Evidence(
                name=role.name,
                image=role.image,
                standing=standings[role.name],
                readiness=readiness[role.name],
                inside=inside[role.name],
                answers=answers,
                calls=self._calls(role, since=first),
                calls_before=early[role.name],
                contacts=self._contacts(role),
                looked_up=self._sandbox.calls.names(),
                catching=self._sandbox.catches,
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

    def _talk(self, readiness: Mapping[str, Readiness], *, since: float) -> Conversation | None:
        """The conversation with the first service, if all are ready for it."""
        if any(found.stage is not Stage.ANSWERS for found in readiness.values()):
            return None
        first, *_ = self._roles
        (host, port, _), *_ = self._running[first.name].doors((readiness[first.name].port or 0,))
        return Conversation(
            self._sandbox,
            services=tuple(self._running.values()),
            door=(host, port),
            calls=lambda: [call for role in self._roles for call in self._calls(role, since=since)],
            step=self._step,
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
        return self._sandbox.add(
            role.image, name=role.name, ports=role.ports, environment=environment, command=role.command
        )

    def _calls(self, role: Role, *, since: float = 0.0, until: float = inf) -> tuple[Call, ...]:
        """What a service called by name, and what came to the address that we gave out."""
        return tuple(
            call
            for call in self._sandbox.calls.calls()
            if since <= call.arrived < until and call.peer in ("", self._addresses.get(role.name))
        )

    def _contacts(self, role: Role) -> tuple[Contact, ...]:
        """Its connections to others that showed no headers."""
        address = self._addresses.get(role.name)
        return tuple(contact for contact in self._sandbox.calls.contacts() if contact.peer == address)

    def _port_of(self, name: str) -> int:
        return next(role.ports[0] for role in self._roles if role.name == name)

    def _start(self) -> dict[str, Readiness]:
        with self._step("start " + ", ".join(self._running)), ThreadPoolExecutor(len(self._roles)) as pool:
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

    def _stop(self, talk: Conversation | None) -> dict[str, Stop]:
        """Ask once more, send the stop signal at once, and wait for the end; a dead one is not stopped."""
        alive = {name: service for name, service in self._running.items() if not service.died.is_set()}
        if not alive:
            return {}
        with self._step("send the last requests and stop"), ThreadPoolExecutor(len(alive)) as pool:
            if talk is not None:
                talk.ask_last(self._script)
            ends = {name: pool.submit(service.stop) for name, service in alive.items()}
            with self._interruptible():
                stops = {name: end.result() for name, end in ends.items()}
            if talk is not None:
                talk.await_last_spans()
        return stops
