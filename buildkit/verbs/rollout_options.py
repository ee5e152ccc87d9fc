"""The command line of `rollout` and `rollback`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.edges import fleet

if TYPE_CHECKING:
    import argparse


def add_common(parser: argparse.ArgumentParser) -> None:
    """What both have."""
    add = parser.add_argument
    add("--fleet", type=Path, default=fleet.FILE, help="the file that describes the fleet (%(default)s)")
    add("--journals", type=Path, help="directory of the journals (rollouts/, beside the fleet's file)")
    add("--report", type=Path, help="where the JSON report is written (beside the journal)")
    add("--json", action="store_true", help="print the result for a program")


def add_rollout(parser: argparse.ArgumentParser) -> None:
    """What is to be done, and how much of it."""
    add_common(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--plan", action="store_true", help="only say what would be done with each service, and why"
    )
    what.add_argument(
        "--dry-run", action="store_true", help="the same, and work out every rebase; nothing is written"
    )
    what.add_argument(
        "--resume", action="store_true", help="go on with the last rollout, after a stop or a kill"
    )
    what.add_argument(
        "--fresh", action="store_true", help="leave the last rollout unfinished and start a new one"
    )
    what.add_argument(
        "--matrix", action="store_true", help="print the plan as a CI system's matrix: one job a service"
    )
    what.add_argument(
        "--job",
        nargs="+",
        metavar="NAME",
        help="do a job of a matrix: make and verify these services by digest, move no tag, and write --results",
    )
    what.add_argument(
        "--collect", action="store_true", help="roll out what the jobs have made, by their --results"
    )
    add = parser.add_argument
    add(
        "--results",
        type=Path,
        default=Path("results"),
        metavar="DIRECTORY",
        help="where jobs leave their results (%(default)s/)",
    )
    add("--only", action="append", default=[], metavar="NAME", help="only this service; may be repeated")
    add(
        "--onto",
        default="",
        metavar="VERSION",
        help="a release of the base, like 1.4.0-r2-py3.13 (the newest)",
    )
    add(
        "--on-failure",
        choices=("hold", "rollback"),
        default="hold",
        help="what becomes of a wave that was braked: it stays, or goes back as a whole (%(default)s)",
    )
    add("--builder", default="", metavar="NAME", help="a buildx builder for rebuilds (the engine's own)")
