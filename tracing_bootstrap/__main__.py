"""The doctor, from a command line: `python -m tracing_bootstrap [--json]`.

Exit code 0 where tracing is healthy, 1 where it is not, 2 for a wrong command line.
"""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = "usage: python -m tracing_bootstrap [--json]   tells whether this container's Python is traced, and why not"


def main(arguments: Sequence[str]) -> int:
    """Print the doctor's findings and return the exit code."""
    if list(arguments) in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if list(arguments) not in ([], ["--json"]):
        print(f"{USAGE}\ntracing: unknown argument: {' '.join(arguments)}", file=sys.stderr)
        return 2
    from tracing_bootstrap import doctor
    from tracing_bootstrap.doctor import text

    facts = doctor.examine()
    print(json.dumps(facts, indent=2) if arguments else text.render(facts))
    return 0 if facts["healthy"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
