"""CPU time of a request in the application's process alone: no sockets of a server's, no kernel in between."""

import contextlib
import json

from tests.bench.containers import Program
from tests.bench.lost import check_arrived
from tests.bench.sides import SIDES, UNSAMPLED, in_turn, slices

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
#: How often all processes are started anew. Where its memory lies makes one process faster than its twin by some
#: microseconds for as long as it lives; what is said of a side must not hang on one throw of that.
SERIES = 4


def measure(*, images, backend, rounds, tell):
    """Return, by route and side, each round's microseconds a request, its export included."""
    figures = {}
    for service, (program, routes) in DRIVEN.items():
        figures |= _measure(
            program, routes, images=images[service], backend=backend, rounds=rounds, tell=tell
        )
    return figures


def _measure(program, routes, *, images, backend, rounds, tell):
    routes = [name for route in routes for name in (route, route + UNSAMPLED)]
    figures = {route: {side.name: [] for side in SIDES} for route in routes}
    done = 0
    for series in range(SERIES):
        until = rounds * (series + 1) // SERIES
        if until > done:
            some = range(done, until)
            _measure_series(program, figures, images=images, backend=backend, rounds=some, tell=tell)
            done = until
    return figures


def _measure_series(program, figures, *, images, backend, rounds, tell):
    """Add these rounds' figures, of processes that live for them alone."""
    before = {side.name: backend.spans(side.name) for side in SIDES}
    with contextlib.ExitStack() as stack:
        processes = {}
        for side in SIDES:
            command = (*side.wrapper, "python", program)
            started = stack.enter_context(Program(side, *command, images=images, backend=backend))
            processes[side.name] = Process(side, started)
        for process in processes.values():
            process.program.wait_until_ready()
        # Route after route within a round: sampled and unsampled requests are compared with each other as well.
        for number in range(rounds.start - WARM_UP_ROUNDS, rounds.stop):
            for route in figures:
                tell(f"{route}, round {number + 1} of {rounds.stop}")
                requests, slice_of = REQUESTS[route.removesuffix(UNSAMPLED)]
                for side, few in slices(number, requests=requests, slice_of=slice_of):
                    processes[side.name].serve(route, few)
                for side in in_turn(number):
                    cpu_ns = processes[side.name].finish_round()
                    if number in rounds:
                        figures[route][side.name].append(cpu_ns / requests / 1000)
    check_arrived(backend, {name: process.spans for name, process in processes.items()}, before)


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
