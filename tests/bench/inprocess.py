"""CPU time of a request in the application's process alone: no sockets of a server's, no kernel in between."""

import contextlib
import json

from tests.bench.containers import Program
from tests.bench.lost import check_arrived
from tests.bench.sides import SIDES, in_turn, slices

#: Requests of a round, by route, and of a slice of it: one full batch of 512 spans a round. A slice begins with the
#: CPU's caches full of another process, some 1 to 2 ms of work, so that a shorter one would measure that.
REQUESTS = {
    "hello": (512, 128),
    "chain": (256, 128),
    "wsgi": (512, 128),
    "asgi": (512, 128),
    "fastapi": (512, 128),
}
#: By the image, the program that is driven in it, and its routes.
DRIVEN = {"service": ("drive.py", ("hello", "chain", "wsgi")), "asgi": ("drive_asgi.py", ("asgi", "fastapi"))}
WARM_UP_ROUNDS = 2


def measure(*, images, backend, rounds, tell):
    """Return, by route and side, each round's microseconds a request, its export included."""
    figures = {}
    for service, (program, routes) in DRIVEN.items():
        figures |= _measure(
            program, routes, images=images[service], backend=backend, rounds=rounds, tell=tell
        )
    return figures


def _measure(program, routes, *, images, backend, rounds, tell):
    figures = {route: {side.name: [] for side in SIDES} for route in routes}
    before = {side.name: backend.spans(side.name) for side in SIDES}
    with contextlib.ExitStack() as stack:
        processes = {}
        for side in SIDES:
            command = (*side.wrapper, "python", program)
            started = stack.enter_context(Program(side, *command, images=images, backend=backend))
            processes[side.name] = Process(side, started)
        for process in processes.values():
            process.program.wait_until_ready()
        for route in routes:
            requests, slice_of = REQUESTS[route]
            for number in range(-WARM_UP_ROUNDS, rounds):
                tell(f"{route}, round {number + 1} of {rounds}")
                for side, few in slices(number, requests=requests, slice_of=slice_of):
                    processes[side.name].serve(route, few)
                for side in in_turn(number):
                    cpu_ns = processes[side.name].finish_round()
                    if number >= 0:
                        figures[route][side.name].append(cpu_ns / requests / 1000)
    check_arrived(backend, {name: process.spans for name, process in processes.items()}, before)
    return figures


class Process:
    """One process that is driven, and the spans that it should have sent."""

    def __init__(self, side, program):
        self._side = side
        self.program = program
        self.spans = 0
        self._cpu_ns = 0

    def serve(self, route, requests):
        self.program.ask(json.dumps({"route": route, "requests": requests}))
        self.spans += requests * self._side.spans_of(route)

    def finish_round(self):
        """Return the process's CPU time since the last round's end, in ns."""
        before = self._cpu_ns
        self._cpu_ns = json.loads(self.program.ask('{"flush": true}'))["cpu_ns"]
        return self._cpu_ns - before
