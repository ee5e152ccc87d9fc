"""`python -m tests.bench.patches`: what each library's patch costs at the library's import, in the image.

Every library of the runtime's table is imported in a new interpreter, many times over; what is measured is the
patch alone, with the import of our own modules that it needs. Judged by the best run, which was disturbed least.
"""

import argparse
import json
import statistics
import sys

from buildkit.decisions import naming
from buildkit.edges import environment
from buildkit.values.errors import BuildkitError
from tests.shapes.stage import Stage
from tracing_bootstrap.instrumentation.table import ROWS

TARGET_US = 1000

#: What brings the table's libraries where the first part of a module's name is not what PyPI calls it.
REQUIREMENTS = {
    "aio_pika": "aio-pika",
    "confluent_kafka": "confluent-kafka",
    "grpc": "grpcio",
    "kafka": "kafka-python",
    "mysql": "mysql-connector-python",
    "opentelemetry": "opentelemetry-instrumentation",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "sentry_sdk": "sentry-sdk",
}

#: Libraries that cannot be imported in the image as it is: they want a compiler, or an event loop in C.
LEFT_OUT = frozenset(("MySQLdb", "cassandra"))

PROGRAM = """
import json, subprocess, sys
ONE = '''
import importlib, json, sys, time
from tracing_bootstrap import bootstrap
original, taken = bootstrap._patch, {}
def timed(name, module, row):
    started = time.perf_counter_ns()
    original(name, module, row)
    taken[module.__name__] = time.perf_counter_ns() - started
bootstrap._patch = timed
try:
    importlib.import_module(sys.argv[1])
except ImportError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"ns": taken.get(sys.argv[1]), "state": bootstrap.states.get(sys.argv[1])}))
'''
modules, rounds = json.loads(sys.argv[1]), int(sys.argv[2])
for _ in range(rounds):
    for module in modules:
        done = subprocess.run([sys.executable, "-c", ONE, module], capture_output=True, text=True)
        said = done.stdout.strip().splitlines()
        print(json.dumps([module, json.loads(said[-1]) if said else {"error": done.stderr[-300:]}]), flush=True)
"""


def main(arguments=None):
    """0: all within the target. 1: one is not, or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.patches", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="interpreters for each library (%(default)s)")
    options = parser.parse_args(arguments)
    modules = [module for module in ROWS if module.partition(".")[0] not in LEFT_OUT]
    try:
        answers = _measure(modules, rounds=options.rounds)
    except BuildkitError as error:
        print(error, file=sys.stderr)
        return 1
    slow = 0
    print(f"{'module':45} {'best':>8} {'median':>8}  us at its import")
    for module, runs in answers.items():
        wrong = [run for run in runs if run.get("error") or run.get("state") != "patched"]
        if wrong:
            slow += 1
            print(f"{module:45} {wrong[0].get('error') or wrong[0].get('state')}")
            continue
        # A module that was imported before we could look (by the interpreter itself) has no time.
        taken = [run["ns"] / 1000 for run in runs if run["ns"] is not None]
        if not taken:
            print(f"{module:45} patched at arming")
            continue
        best = min(taken)
        slow += best > TARGET_US
        print(
            f"{module:45} {best:8.0f} {statistics.median(taken):8.0f}{'  over 1 ms' if best > TARGET_US else ''}"
        )
    return 1 if slow else 0


def _measure(modules, *, rounds):
    """Return, by module, what each of its interpreters said."""
    names = sorted({module.partition(".")[0] for module in modules} - sys.stdlib_module_names)
    requirements = tuple(REQUIREMENTS.get(name, name) for name in names)
    with Stage() as stage:
        base = naming.tags(environment.settings(), version="unused")[-1]
        volume, _ = stage.venvs.volume(requirements, base=base)
        client = stage.images._engine.client
        container = client.containers.run(
            base,
            ["python", "-c", PROGRAM, json.dumps(modules), str(rounds)],
            entrypoint=[],
            volumes={volume: {"bind": "/opt/venv", "mode": "ro"}},
            labels=stage.labels,
            detach=True,
        )
        container.wait(timeout=1800)
        lines = container.logs(stdout=True, stderr=False).decode().splitlines()
    answers = {module: [] for module in modules}
    for line in lines:
        module, answer = json.loads(line)
        answers[module].append(answer)
    return answers


if __name__ == "__main__":
    sys.exit(main())
