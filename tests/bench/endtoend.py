"""CPU time of a gunicorn worker for a request that comes over a socket, and the memory that the worker needs."""

import contextlib
import itertools
import random
import socket
from dataclasses import dataclass
from pathlib import Path

from buildkit.values.errors import CommandFailed
from tests.bench.containers import Program
from tests.bench.lost import check_arrived
from tests.bench.sides import SIDES, in_turn, slices

#: Requests of a round, by route, and of a slice of it. A round makes one full batch of 512 spans, which leaves at
#: once: so it ends with its own export, at the batch processors' default settings.
REQUESTS = {"hello": (512, 16), "chain": (256, 16)}
ANSWER_SECONDS = 10


def measure(*, images, backend, rounds, memory_after, tell):
    """Return, by route and side, each round's microseconds a request; and, by side, the worker's memory.

    That is read when each worker has served `memory_after` requests.
    """
    figures = {route: {side.name: [] for side in SIDES} for route in REQUESTS}
    with contextlib.ExitStack() as stack:
        workers = _start(stack, images=images, backend=backend)
        while min(worker.requests for worker in workers.values()) < memory_after:
            for route in REQUESTS:
                tell("warm-up")
                _round(workers, route, number=0)
        memory = {name: worker.memory() for name, worker in workers.items()}
        for route in REQUESTS:
            for number in range(rounds):
                tell(f"{route}, round {number + 1} of {rounds}")
                for name, cpu_us in _round(workers, route, number=number).items():
                    figures[route][name].append(cpu_us)
    return figures, memory


def _round(workers, route, *, number):
    """Return, by side, microseconds of CPU a request."""
    requests, slice_of = REQUESTS[route]
    for side, few in slices(number, requests=requests, slice_of=slice_of):
        workers[side.name].drive(route, few)
    return {side.name: workers[side.name].finish_round() / requests / 1000 for side in in_turn(number)}


def _start(stack, *, images, backend):
    workers = {}
    for side in SIDES:
        port = _free_port()
        command = (*side.wrapper, "gunicorn", "--config", "/app/gunicorn.conf.py", "app:app")
        program = Program(
            side, *command, images=images, backend=backend, environment={"BENCH_PORT": str(port)}
        )
        workers[side.name] = (stack.enter_context(program), port)
    for side in SIDES:
        program, port = workers[side.name]
        program.wait_until_ready()
        workers[side.name] = Worker(side, pid=program.pid(), port=port, backend=backend)
    return workers


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes.

    Attributes:
        uss: What only the worker has, and the machine would get back if it ended.
        pss: What the worker and its master have, pages that others share with them counted by their share.
    """

    uss: int
    pss: int


class Worker:
    """One gunicorn worker: driven by one client, one request after the other."""

    def __init__(self, side, *, pid, port, backend):
        self._side = side
        self._pid = pid
        self._port = port
        self._backend = backend
        self._names = itertools.count()
        self._chance = random.Random(1)
        self.requests = 0
        self._spans = 0
        self._before = backend.spans(side.name)
        self._cpu_ns = self._read_cpu_ns()

    def drive(self, route, requests):
        for _ in range(requests):
            self._get(route)
        self.requests += requests
        self._spans += requests * self._side.spans_of(route)

    def finish_round(self):
        """Return the CPU time in ns of all the worker's threads since the last round's end, once all spans came."""
        name = self._side.name
        check_arrived(self._backend, {name: self._spans}, {name: self._before})
        before, self._cpu_ns = self._cpu_ns, self._read_cpu_ns()
        return self._cpu_ns - before

    def memory(self):
        """What the worker takes by now."""
        worker, master = _rollup(self._pid), _rollup(_parent(self._pid))
        return Memory(
            uss=worker["Private_Clean"] + worker["Private_Dirty"], pss=worker["Pss"] + master["Pss"]
        )

    def _read_cpu_ns(self):
        """The scheduler's own count, in ns, of every thread; /proc/PID/stat counts in steps of 10 ms."""
        tasks = Path(f"/proc/{self._pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def _get(self, route):
        lines = (
            f"GET /{route}/name-{next(self._names)} HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "User-Agent: bench",
            "Accept: */*",
            f"traceparent: 00-{self._chance.getrandbits(128):032x}-{self._chance.getrandbits(64):016x}-01",
        )
        # A sync worker closes the connection after each answer.
        with socket.create_connection(("127.0.0.1", self._port), ANSWER_SECONDS) as connection:
            connection.sendall("\r\n".join((*lines, "", "")).encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        if not answer.startswith(b"HTTP/1.1 200 "):
            first = answer.partition(b"\r\n")[0].decode("latin-1")
            raise CommandFailed(f"{self._side.name} answered {first or 'nothing'} to /{route}")


def _parent(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


def _rollup(pid):
    """Sizes of a process in bytes, by name (proc(5), smaps_rollup).

    Raises:
        CommandFailed: It is another user's, and we are not root.
    """
    path = f"/proc/{pid}/smaps_rollup"
    try:
        with open(path) as file:
            lines = [line.split() for line in file if line.endswith(" kB\n")]
    except PermissionError:
        raise CommandFailed(f"{path} cannot be read", hint="run the bench as root") from None
    return {name.rstrip(":"): int(size) * 1024 for name, size, _ in lines}
