"""Make the detail layer ready: write down what fits what, and leave out what no process will import.

Runs once, inside the build, on what pip installed; so no service's start scans any metadata.
"""

import pathlib
import shutil
import sys
from importlib.metadata import distributions

from pip._vendor.packaging.requirements import Requirement

GROUP = "opentelemetry_instrumentor"

# Command-line tools, type stubs, and parts of the packages that stand_ins.py takes the place of.
LEFT_OUT = (
    "bin",
    "wrapt-stubs",
    "opentelemetry/distro",
    "opentelemetry/instrumentation/auto_instrumentation",
    "opentelemetry/instrumentation/bootstrap.py",
    "opentelemetry/instrumentation/bootstrap_gen.py",
    "opentelemetry/semconv/_incubating/metrics",
)
KEPT = ("opentelemetry/semconv/_incubating/metrics/db_metrics.py",)


def lines(directory):
    """One for each instrumentation, as tracing_bootstrap/instrumentation/detail/fits.py reads it."""
    for distribution in sorted(distributions(path=[str(directory)]), key=lambda each: each.name):
        for entry in distribution.entry_points:
            if entry.group != GROUP:
                continue
            required = [Requirement(text) for text in distribution.requires or ()]
            ranges = [one for one in required if one.marker and _instruments(one)]
            yield " ".join(
                (entry.name, entry.value, *(f"{one.name}{_plain(one.specifier)}" for one in ranges))
            )


def _instruments(requirement):
    extras = ("instruments", "instruments-any")
    return not requirement.marker.evaluate({"extra": ""}) and any(
        requirement.marker.evaluate({"extra": extra}) for extra in extras
    )


def _plain(specifiers):
    """`~=3.25` is `>=3.25,<4`: the reader compares numbers only."""
    plain = []
    for one in specifiers:
        if one.operator == "~=":
            *front, _ = one.version.split(".")
            front[-1] = str(int(front[-1]) + 1)
            plain += [f">={one.version}", f"<{'.'.join(front)}"]
        else:
            plain.append(f"{one.operator}{one.version}")
    # A set's order differs from build to build.
    return ",".join(sorted(plain, reverse=True))


def prune(directory):
    kept = {path: (directory / path).read_bytes() for path in KEPT}
    for path in LEFT_OUT:
        target = directory / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
    for path, content in kept.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)


def main(directory):
    (directory / "ranges").write_text("".join(f"{line}\n" for line in lines(directory)))
    prune(directory)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
