"""Tell how a rollout ended: a table or JSON on standard output, and a report in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from buildkit.decisions import rollout_report
from buildkit.edges import files, rollout_tables

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from buildkit.edges.journal import Journal
    from buildkit.values.rollout import Rollout


def told(state: Rollout, arguments: argparse.Namespace, *, report: Path | None) -> int:
    """Show it, write it, and return the exit code."""
    document = json.dumps(rollout_report.document(state), indent=2)
    if report is not None:
        files.write(report, document + "\n")
    if arguments.json:
        print(document)
    else:
        rollout_tables.show_result(state)
    return rollout_report.exit_code(state)


def beside(journal: Journal) -> Path:
    """Where the report is written unless somebody says otherwise."""
    return journal.path.with_suffix(".report.json")
