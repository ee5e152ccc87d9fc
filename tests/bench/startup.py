"""Wall-clock time of an interpreter's start and of the service's boot."""

import contextlib

from tests.bench.containers import Program
from tests.bench.sides import SIDES, in_turn

# -S: the program that starts and times the others runs without tracing, on every side.
AGENT = ("python", "-S", "boot.py")


def measure(*, images, backend, passes, boots, tell):
    """Return, by verb (`pass`, `boot`) and side, each run's microseconds."""
    rounds = {"pass": passes, "boot": boots}
    figures = {verb: {side.name: [] for side in SIDES} for verb in rounds}
    with contextlib.ExitStack() as stack:
        programs = {}
        for side in SIDES:
            program = Program(side, *AGENT, *side.wrapper, images=images, backend=backend)
            programs[side.name] = stack.enter_context(program)
        for program in programs.values():
            program.wait_until_ready()
        for verb, runs in rounds.items():
            for program in programs.values():
                # Once for the disk's cache.
                program.ask(verb)
            for number in range(runs):
                tell(f"{verb}, run {number + 1} of {runs}")
                for side in in_turn(number):
                    figures[verb][side.name].append(int(programs[side.name].ask(verb)) / 1000)
    return figures
