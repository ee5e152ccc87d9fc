"""How the doctor's facts read on a terminal: plain aligned text."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any


def render(facts: Mapping[str, Any]) -> str:
    """Write the facts as lines; what is wrong comes last, where people look."""
    sections = (
        ("Tracing", _tracing(facts)),
        ("Libraries", _libraries(facts["patches"])),
        ("Collector", _collector(facts["collector"])),
        ("Settings", _settings(facts["settings"])),
        ("Resource", [(name, str(value)) for name, value in facts["resource"].items()]),
        ("Lost in this process", [(cause, f"{count} spans") for cause, count in facts["losses"].items()]),
        (
            "Errors of ours in this process",
            [(cause, f"{count}x") for cause, count in facts["errors"].items()],
        ),
    )
    lines: list[str] = []
    for title, rows in sections:
        if rows:
            lines += [title, *_aligned(rows), ""]
    lines += list(_verdict(facts["problems"], facts["limits"]))
    return "\n".join(lines)


def _tracing(facts: Mapping[str, Any]) -> list[Sequence[str]]:
    image, interpreter, api = facts["image"], facts["interpreter"], facts["api"]
    base = (
        f"{image.get('company', 'company')}/python-service {image.get('version', '?')}" if image else "none"
    )
    armed = "no leg"
    if facts["legs"]:
        first, *others = facts["legs"]
        armed = first + (f" (then, without effect: {', '.join(others)})" if others else "")
    opentelemetry = f"the {api['from']}'s {api['version']}".rstrip() + f" ({api['path']})" if api else "none"
    return [
        ("version", facts["version"]),
        ("base image", base),
        ("interpreter", f"{interpreter['version']} ({interpreter['executable']})"),
        ("armed by", armed),
        ("off", f"by {facts['disabled_by']}" if facts["disabled_by"] else "no"),
        ("opentelemetry API", opentelemetry),
    ]


def _libraries(patches: Iterable[Mapping[str, str]]) -> list[Sequence[str]]:
    return [
        (
            f"{row['module']} {row['version']}".rstrip(),
            row["state"] + (f": {row['reason']}" if row["reason"] else ""),
            row["brings"],
        )
        for row in patches
    ]


def _collector(collector: Mapping[str, Any]) -> list[Sequence[str]]:
    took = f" ({collector['ms']} ms)" if collector["sends"] else ""
    return [(collector["url"], collector["detail"] + took)]


def _settings(rows: Iterable[Mapping[str, Any]]) -> list[Sequence[str]]:
    return [(row["names"][-1], row["value"], _source(row)) for row in rows]


def _source(row: Mapping[str, Any]) -> str:
    layer, _, name = row["source"].partition(" ")
    # The name again only where it is another one than the line's own.
    return f"{layer} ({name})" if name and name != row["names"][-1] else layer


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Pad all columns but the last; one value that is very long moves its own line only."""
    widths = [min(48, max(len(row[at]) for row in rows)) for at in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield ("  " + "  ".join([*cells, row[-1]])).rstrip()


def _verdict(problems: Sequence[str], limits: Sequence[str]) -> Iterator[str]:
    if limits:
        yield "Left out on purpose, or by what is installed:"
        yield from (f"  - {limit}" for limit in limits)
    if not problems:
        yield "Healthy: this process is traced" + (
            ", as far as that." if limits else ", and its spans arrive."
        )
        return
    yield f"Not healthy, {len(problems)} problem{'s' if len(problems) > 1 else ''}:"
    yield from (f"  - {problem}" for problem in problems)
