"""`python -m tests.w3c SUITE`: run the W3C trace-context suite over Flask and Starlette in the image.

SUITE is a checkout of https://github.com/w3c/trace-context. Exit code 0 if every test passed, on both.
"""

import sys
from pathlib import Path

from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.progress import step
from buildkit.values.errors import BuildkitError
from tests.w3c import services, verdict

USAGE = "usage: make w3c SUITE=<a checkout of https://github.com/w3c/trace-context>"
#: The level of Trace Context, and how strictly it is tested: all of it.
LEVELS = {"SPEC_LEVEL": "2", "STRICT_LEVEL": "2"}
SUITE_SECONDS = 300


def run_suite(engine, image, *, suite, url):
    """Run the suite in a container against a service, and return what it printed."""
    container = engine.client.containers.run(
        image,
        ["python", "test.py", f"{url}/test"],
        detach=True,
        network_mode="host",
        working_dir="/suite",
        volumes={str(suite): {"bind": "/suite", "mode": "ro"}},
        environment={**LEVELS, "HARNESS_PORT": str(services.free_port()), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        container.wait(timeout=SUITE_SECONDS)
        return container.logs().decode(errors="replace")
    finally:
        container.remove(force=True)


def main(arguments):
    suite = Path(arguments[0]).resolve() / "test" if len(arguments) == 1 else None
    if suite is None or not (suite / "test.py").is_file():
        print(USAGE, file=sys.stderr)
        return 2
    passed = True
    try:
        engine = Engine.connect()
        try:
            settings = environment.settings()
            harness = services.build(engine, "suite", settings=settings)
            for name, described in services.SERVICES.items():
                image = services.build(engine, name, settings=settings)
                with services.running(engine, image) as url, step(f"test {described}"):
                    output = run_suite(engine, harness, suite=suite, url=url)
                found = verdict.read(output)
                if not found.ran or found.not_passed:
                    passed = False
                    print(output, file=sys.stderr)
                print(f"{described}: {found}")
        finally:
            engine.close()
    except BuildkitError as error:
        print(f"w3c: {error}", file=sys.stderr)
        return error.exit_code
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
