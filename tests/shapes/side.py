"""What does a shape do, once: traced, or not?"""

import dataclasses
import json
import secrets
import threading
import time
from contextlib import ExitStack, suppress

import docker
import docker.errors
import requests.exceptions

from tests.caller import Caller
from tests.shapes import sending, trees
from tests.shapes.callee import Callee
from tests.shapes.errors import NotRunnable
from tests.shapes.row import REQUESTS, Request

PORT = 8000
READY_SECONDS = 60
WORK_SECONDS = 30
KILLED_AFTER_SECONDS = 20
ENGINE_SECONDS = 120

#: Milliseconds between two exports: so many that a process which does not send its last spans when it ends has sent
#: none; or so few that who waits for spans does not wait for that.
AT_THE_END, SOON = "60000", "100"


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a container ended; `seconds` from the signal to the end."""

    code: int | None
    seconds: float
    out: str
    err: str
    killed: bool = False


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One run of a shape.

    Attributes:
        traces: What came of each request's trace: the request's caller, and all spans of its trace and of those
            that are linked to it. Of a program: one for each trace that it began, its caller None.
        strays: Spans of traces that nobody asked for.
        answers: One for each request.
        calls: What the callee got.
        facts: What the probe said.
        service: How the service ended.
        worker: How its worker ended.
        packages: What `pip freeze` said when the requirements were installed.
    """

    traces: tuple
    strays: tuple
    answers: tuple
    calls: tuple
    facts: dict
    service: Ended
    worker: Ended | None
    packages: str


def run(row, *, stage, traced):
    """Start it, send the requests, end it, and collect everything.

    Raises:
        NotRunnable: It could not be started, or did not become ready; the text has its logs.
    """
    with ExitStack() as stack:
        client = docker.from_env(timeout=ENGINE_SECONDS)
        stack.callback(client.close)
        callee = stack.enter_context(Callee(address=stage.bind))
        scene = _Scene(row, stage, client, callee, traced=traced)
        service = stack.enter_context(scene.container(row.command))
        worker = stack.enter_context(scene.container(row.worker)) if row.worker else None
        if worker is not None:
            worker.start()
        service.start()
        callers, answers, facts = (), (), {}
        if row.requests:
            callers = tuple(Caller() for _ in range(REQUESTS))
            answers, facts = _ask(row, service, callers)
        if row.wait_for_tree:
            _wait_for_work(scene, callers)
        ended = service.end(row.signal)
        worker_ended = worker.end(row.signal or "SIGTERM") if worker is not None else None
        traces, strays = scene.traces(callers)
        return Outcome(
            traces, strays, answers, callee.log.calls(), facts, ended, worker_ended, scene.packages
        )


def _ask(row, service, callers):
    """The probe is asked before the last request: the signal comes at once after that one's answer."""
    if row.ready is not None:
        service.wait_until_ready(row.ready)
    answers, facts = [], {}
    for number, caller in enumerate(callers):
        if number == REQUESTS - 1 and row.probe is not None:
            facts = _facts(service, row.probe)
        request = row.requests[number % len(row.requests)]
        answers.append(sending.send(request, address=service.address, number=number, caller=caller))
    return tuple(answers), facts


def _facts(service, path):
    answer = sending.send(Request(path), address=service.address, number=0)
    try:
        return json.loads(answer.body)
    except ValueError:
        return {"probe": f"{answer.status} {answer.body[:2000]}"}


def _wait_for_work(scene, callers):
    """Until everything is there that must be; judging says what was not."""
    if scene.traced and scene.row.tree is not None:
        scene.stage.store.wait_for(lambda: scene.complete(callers), timeout=WORK_SECONDS)
    scene.callee.wait_for(scene.row.calls * REQUESTS, timeout=WORK_SECONDS)


class _Scene:
    """What the containers of one run share."""

    def __init__(self, row, stage, client, callee, *, traced):
        self.row = row
        self.stage = stage
        self.callee = callee
        self.traced = traced
        self.source = secrets.token_hex(8)
        self._client = client
        self._image = stage.images.app(row)
        self._venv, self.packages = stage.venvs.volume(row.requirements, base=stage.images.base(row.python))
        for name in row.beside:
            stage.beside.have(name)

    def container(self, command):
        if self.stage.is_over:
            raise NotRunnable("interrupted")
        options = dict(self.row.docker)
        volumes = {self._venv: {"bind": "/opt/venv", "mode": "ro"}} if self._venv else {}
        volumes |= options.pop("volumes", {})
        container = self._client.containers.create(
            self._image,
            ["sh", "-c", command] if isinstance(command, str) else list(command),
            environment=self._environment(),
            network=self.stage.network.name,
            ports={} if self.stage.direct else {f"{PORT}/tcp": ("127.0.0.1", None)},
            volumes=volumes,
            labels=self.stage.labels,
            **options,
        )
        return _Container(container, stage=self.stage)

    def _environment(self):
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.stage.endpoint(self.source),
            "OTEL_BSP_SCHEDULE_DELAY": SOON if self.row.wait_for_tree else AT_THE_END,
            "CALLEE_URL": f"http://{self.stage.name}:{self.callee.port}",
            "PORT": str(PORT),
            # Servers beside it are shared with other runs: who puts something there puts this into its name.
            "RUN": self.source,
            # One worker is ready when it answers; of two, the second may be between its fork and its handlers,
            # where gunicorn loses a SIGTERM.
            "WEB_CONCURRENCY": "1",
            **({} if self.traced else {"OTEL_SDK_DISABLED": "true"}),
            **self.row.environment,
        }
        # A name without a value takes the image's variable away.
        return [name if value is None else f"{name}={value}" for name, value in variables.items()]

    def traces(self, callers):
        """What the collector has of each caller's trace, or of each trace; then everything else."""
        if callers and self.traced and self.row.tree is not None:
            self.stage.store.wait_for(lambda: self.complete(callers), timeout=1)
        spans = self._spans()
        if not callers:
            ids = dict.fromkeys(span.trace_id for span in spans)
            return tuple((None, _related(spans, trace_id)) for trace_id in ids), ()
        traces = tuple((caller, _related(spans, caller.trace_id)) for caller in callers)
        known = {span.span_id for _, found in traces for span in found}
        return traces, tuple(span for span in spans if span.span_id not in known)

    def complete(self, callers):
        spans = self._spans()
        return all(
            not trees.problems(
                self.row.tree, _related(spans, caller.trace_id), parent=caller.span_id, number=number
            )
            for number, caller in enumerate(callers)
        )

    def _spans(self):
        return self.stage.store.of(self.source)


def _related(spans, trace_id):
    """The spans of a trace, and of all traces that link to it, however far."""
    wanted, size = {trace_id}, 0
    while size < len(wanted):
        size = len(wanted)
        wanted |= {span.trace_id for span in spans if any(link.trace_id in wanted for link in span.links)}
    return tuple(
        sorted((span for span in spans if span.trace_id in wanted), key=lambda span: (span.start, span.end))
    )


class _Container:
    """One container, removed at the end of `with`, and a thread that knows at once when it ends."""

    def __init__(self, container, *, stage):
        self._container = container
        self._stage = stage
        self._ended = threading.Event()
        self._code = None
        self._end = 0.0
        self._address = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            self._container.remove(force=True, v=True)

    def start(self):
        try:
            self._container.start()
        except docker.errors.APIError as error:
            raise NotRunnable(f"it cannot be started: {error.explanation or error}") from None
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            self._code = self._container.wait(timeout=None)["StatusCode"]
        self._end = time.monotonic()
        self._ended.set()

    @property
    def address(self):
        if self._address is None:
            self._container.reload()
            if self._stage.direct:
                networks = self._container.attrs["NetworkSettings"]["Networks"]
                self._address = (networks[self._stage.network.name]["IPAddress"], PORT)
            else:
                (binding,) = self._container.ports[f"{PORT}/tcp"]
                self._address = (binding["HostIp"], int(binding["HostPort"]))
        return self._address

    def wait_until_ready(self, path):
        """Until the path answers 200; a container that has ended, or a deadline, is told with its logs."""
        deadline = time.monotonic() + READY_SECONDS
        request = Request(path)
        last = "nothing"
        while not self._ended.wait(0.05):
            if self.address[0]:
                answer = sending.send(request, address=self.address, number=0)
                if answer.status == 200 and self._is_running():
                    return
                last = f"{answer.status} {answer.body[:500]}"
            if time.monotonic() > deadline:
                raise NotRunnable(f"not ready after {READY_SECONDS} s ({last})\n{self._logs()}")
        raise NotRunnable(f"it ended ({self._code}) before it was ready\n{self._logs()}")

    def _is_running(self):
        """Whether it was this container that answered: the address of one that has ended is another's at once."""
        self._container.reload()
        return self._container.status == "running"

    def end(self, signal):
        """Send the signal and wait; killed after a while. None: it ends by itself."""
        began = time.monotonic()
        if signal is not None:
            with suppress(docker.errors.APIError):  # it may have ended by itself
                self._container.kill(signal=signal)
        killed = not self._ended.wait(KILLED_AFTER_SECONDS if signal is not None else READY_SECONDS)
        if killed:
            with suppress(docker.errors.APIError):
                self._container.kill()
            self._ended.wait(KILLED_AFTER_SECONDS)
        return Ended(
            self._code,
            max(0.0, self._end - began),
            self._container.logs(stdout=True, stderr=False).decode(errors="replace"),
            self._container.logs(stdout=False, stderr=True).decode(errors="replace"),
            killed=killed,
        )

    def _logs(self):
        return self._container.logs(stdout=True, stderr=True).decode(errors="replace")[-6000:]
