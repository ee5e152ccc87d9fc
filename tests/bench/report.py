"""How the figures are shown: as a table for people, as JSON for programs."""

import dataclasses
import json

HEAD = ("", "bare", "ours adds", "opentelemetry-instrument adds", "A/A", "ours : theirs", "target", "")


def table(rows):
    """One line for each row: medians, and in brackets the quartiles of the rounds' differences."""
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_json(rows, *, facts):
    rows = [{**dataclasses.asdict(row), "met": row.met} for row in rows]
    return json.dumps({"facts": facts, "rows": rows}, indent=2)


def _cells(row):
    return (
        row.name,
        f"{row.bare:.{_digits(row)}f} {row.unit}",
        _added(row.ours, row),
        _added(row.peer, row),
        _added(row.control, row),
        _share(row),
        _target(row),
        {True: "met", False: "NOT met", None: ""}[row.met],
    )


def _digits(row):
    return 2 if row.unit == "MB" else 1


def _added(added, row):
    digits = _digits(row)
    text = f"{added.median:+.{digits}f}"
    if added.low is not None:
        text += f" ({added.low:.{digits}f} .. {added.high:.{digits}f})"
    return text


def _share(row):
    if row.peer.median <= 0:
        # There is nothing to be a share of.
        return ""
    text = ratio(row.share) + (" of sampled" if row.of_sampled else "")
    return text if row.share_bound is None else f"{text} (95%: {ratio(row.share_bound)})"


def ratio(share):
    """1/20 for 0.05, and 0 where nothing is added."""
    if share <= 0:
        return "0"
    return f"1/{1 / share:.1f}" if share < 1 else f"{share:.1f}"


def _target(row):
    if row.target is None:
        return ""
    return f"<= 1/{1 / row.target:.0f}" if row.target_is_share else f"<= {row.target:.0f} {row.unit}"
