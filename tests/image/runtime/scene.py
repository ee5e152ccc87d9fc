"""A collector and a callee on this machine, and services in containers between them."""

import dataclasses
import json
import re
import secrets
import signal
import threading
import time
import urllib.error
import urllib.request

import docker.errors
from testcontainers.core.container import DockerContainer

from buildkit.edges.call_log import CallLog
from buildkit.edges.callee import callee
from buildkit.edges.collector.server import collector
from buildkit.edges.collector.store import SpanStore
from buildkit.values.span import Kind
from tests.image.services import Service, wait_for

PORT = 8000
KILLED_AFTER_SECONDS = 20
SLOWER_AT_MOST_SECONDS = 0.5

#: Signals in the masks of /proc/<pid>/status.
TERM, CHILD = 1 << signal.SIGTERM - 1, 1 << signal.SIGCHLD - 1

#: Milliseconds between two exports: so few that no test has to wait, and so many that a process which does not send
#: its last spans when it ends has sent none.
SOON, AT_THE_END = "100", "60000"


@dataclasses.dataclass(frozen=True)
class Stopped:
    """How a service ended; `seconds` from the signal to the end of the container."""

    code: int
    seconds: float
    out: str
    err: str


class Running(Service):
    """A service in a container, and what the collector and the callee know of it."""

    def __init__(self, container, *, scene, source):
        super().__init__(container, PORT)
        self._scene = scene
        self.source = source

    def ask(self, path, *callers, **headers):
        """The answers' texts, one for each caller."""
        return [self.get(path, traceparent=caller.traceparent, **headers)[1] for caller in callers]

    def get(self, path="/", **headers):
        """Status and body; a keyword `x_forwarded_for` is the header X-Forwarded-For."""
        return super().get(path, **{name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path, body, **headers):
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()

    def status(self, path, **headers):
        """The answer's status, also where it is an error."""
        try:
            return self.get(path, **headers)[0]
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def json(self, path, **headers):
        return json.loads(self.get(path, **headers)[1])

    def wait_for_workers(self, count):
        """Until so many gunicorn workers handle signals.

        gunicorn loses the SIGTERM that it sends to a worker between its fork and that moment, with and without us.
        """
        wait_for(lambda: self._workers() == count, what=f"{count} workers", told=self.logs)

    def _workers(self):
        """Processes that take SIGTERM and, unlike their arbiter, not SIGCHLD: workers set both."""
        caught = [
            int(line.split()[1], 16)
            for line in self.shell("cat /proc/[0-9]*/status").splitlines()
            if line.startswith("SigCgt:")
        ]
        return sum(bool(mask & TERM) and not mask & CHILD for mask in caught)

    def out(self):
        return self.raw.logs(stdout=True, stderr=False).decode()

    def err(self):
        return self.raw.logs(stdout=False, stderr=True).decode()

    def stop(self, *, grace=KILLED_AFTER_SECONDS):
        """Send SIGTERM; kill what has not ended after `grace` seconds."""
        began = time.monotonic()
        self.raw.kill(signal="SIGTERM")
        reaper = threading.Timer(grace, self._kill)
        reaper.start()
        code = self.raw.wait(timeout=grace + 20)["StatusCode"]
        seconds = time.monotonic() - began
        reaper.cancel()
        return Stopped(code, seconds, self.out(), self.err())

    def _kill(self):
        try:
            self.raw.kill()
        except docker.errors.APIError:
            return

    def spans(self, caller=None):
        """What this service has sent: everything, or the spans of one trace, servers' first."""
        found = [
            span
            for span in self._scene.store.spans()
            if span.source == self.source and (caller is None or span.trace_id == caller.trace_id)
        ]
        return sorted(found, key=lambda span: (span.kind != Kind.SERVER, span.start))

    def wait_for_spans(self, count, caller=None, *, seconds=15):
        """The spans, as soon as there are so many."""
        self._scene.store.wait_for(lambda _: len(self.spans(caller)) >= count, timeout=seconds)
        found = self.spans(caller)
        assert len(found) == count, f"{len(found)} spans instead of {count}: {found}\n{self.logs()}"
        return found

    @property
    def address(self):
        """Host and port."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    @property
    def endpoint(self):
        """Where the service's spans go."""
        return self._scene.endpoint(self.source)

    def calls_of_all(self):
        """The calls that the callee got, from whomever."""
        return self._scene.log.calls()

    def calls(self, caller):
        """The calls that the callee got in the caller's trace."""
        return [call for call in self._scene.log.calls() if caller.trace_id in call.header("traceparent")]


class Scene:
    """The servers on this machine, from `with` to its end; `start` puts a service beside them."""

    def __init__(self, network, *, label):
        self.network = network
        self.label = label
        self.store = SpanStore()
        self.log = CallLog()
        self.host = gateway(network)
        self._collector = collector(self.store, address=self.host)
        self._callee = callee(self.log, address=self.host)

    def __enter__(self):
        self._collector.__enter__()
        self._callee.__enter__()
        return self

    def __exit__(self, *exc_info):
        self._callee.__exit__(*exc_info)
        self._collector.__exit__(*exc_info)

    def endpoint(self, source):
        return f"http://{self.host}:{self._collector.port}/from/{source}"

    @property
    def callee_url(self):
        return f"http://{self.host}:{self._callee.port}"

    def start(self, image, *command, environment=None, ready="/", traced=True, **options):
        """A service that answers on `ready`; None: at once."""
        source = secrets.token_hex(6)
        container = DockerContainer(image).with_exposed_ports(PORT)
        container.with_kwargs(network=self.network.name, labels={self.label: "1"}, **options)
        for name, value in self.environment(source, traced=traced, more=environment).items():
            container.with_env(name, value)
        if command:
            container.with_command(list(command))
        container.start()
        running = Running(container, scene=self, source=source)
        if ready is not None:
            try:
                running.wait_until_ready(ready)
            except BaseException:
                container.stop()
                raise
        return running

    def environment(self, source, *, traced=True, more=None):
        """What a platform gives to each of its services, and what a test wants on top."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint(source),
            "PEER_URL": self.callee_url,
            "OTEL_BSP_SCHEDULE_DELAY": SOON,
            # One worker is ready when it answers; of two, the second may be between its fork and its handlers.
            "WEB_CONCURRENCY": "1",
            **({} if traced else {"OTEL_SDK_DISABLED": "true"}),
            **(more or {}),
        }


def gateway(network):
    """This machine's address in a network of the engine's."""
    network.reload()
    return network.attrs["IPAM"]["Config"][0]["Gateway"]


def assert_as_quick(traced, bare, *, again):
    """Ending took at most half a second longer than without tracing.

    The machine has other work, which only ever adds time: a pair of measurements that fails is taken `again`.
    """
    pairs = [(traced, bare)]
    while pairs[-1][0] > pairs[-1][1] + SLOWER_AT_MOST_SECONDS:
        assert len(pairs) < 4, f"seconds to the end, traced and not: {pairs}"
        pairs.append(again())


def normalized(text):
    """A log without what differs from one run to the next: times, pids, addresses, ids, ports."""
    for pattern, instead in (
        (r"0x[0-9a-f]+", "0x-"),
        (r"\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b", "<id>"),
        (
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(,\d{3})?( [+-]\d{4})?|\d\d/\w{3}/\d{4}[: ]\d\d:\d\d:\d\d( [+-]\d{4})?",
            "<time>",
        ),
        (r"\[\d+\]", "[<pid>]"),
        (r"(pid|pid:|PID:?) ?\d+", r"\1 <pid>"),
        (r"(Listening at: \S+) \(\d+\)", r"\1 (<pid>)"),
        (r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b", "<address>"),
    ):
        text = re.sub(pattern, instead, text)
    return text
