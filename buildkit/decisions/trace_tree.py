"""How does a trace look as a tree, and which of many is worth a look?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from buildkit.values.call import Answer
    from buildkit.values.span import Span


@dataclass(frozen=True, slots=True)
class Row:
    """One span in a tree; `branch` is the line drawing in front of it, the root's is empty."""

    branch: str
    span: Span


def rows(spans: Iterable[Span], *, trace_id: str) -> tuple[Row, ...]:
    """Order the spans of one trace: parents before children, siblings by their start.

    A span whose parent did not arrive stands at the top level, and so does one of a circle of spans that
    are each other's parents: nothing is left out, nothing comes twice.
    """
    ours = {span.span_id: span for span in spans if span.trace_id == trace_id}
    ordered = sorted(ours.values(), key=lambda span: (span.start, span.end, span.span_id))
    children: dict[str, list[Span]] = {}
    for span in ordered:
        children.setdefault(span.parent_id, []).append(span)
    seen: set[str] = set()
    found: list[Row] = []
    # Those without a parent here first; what is left after them hangs in circles.
    for root in [s for s in ordered if s.parent_id not in ours] + ordered:
        found.extend(_below(root, children=children, seen=seen, lead="", branch=""))
    return tuple(found)


def _below(
    span: Span, *, children: dict[str, list[Span]], seen: set[str], lead: str, branch: str
) -> Iterator[Row]:
    """Walk with a stack of our own: a trace may be deeper than Python's."""
    stack = [(span, lead, branch)]
    while stack:
        current, lead, branch = stack.pop()
        if current.span_id in seen:
            continue
        seen.add(current.span_id)
        yield Row(branch, current)
        below = [child for child in children.get(current.span_id, ()) if child.span_id not in seen]
        for child in reversed(below):
            last = child is below[-1]
            stack.append((child, lead + ("   " if last else "│  "), lead + ("└─ " if last else "├─ ")))


def worth_showing(answers: Sequence[Answer], *, spans: Iterable[Span], most: int) -> tuple[Answer, ...]:
    """Pick the requests whose traces show something new: the longest first, then other routes and answers."""
    counts: dict[str, int] = {}
    for span in spans:
        counts[span.trace_id] = counts.get(span.trace_id, 0) + 1
    by_size = sorted(
        (answer for answer in answers if counts.get(answer.request.trace_id)),
        key=lambda answer: -counts[answer.request.trace_id],
    )
    chosen: dict[tuple[object, ...], Answer] = {}
    for answer in by_size:
        request = answer.request
        kind = (request.method, request.route or request.path.split("?")[0], answer.status)
        chosen.setdefault(kind, answer)
    return tuple(chosen.values())[:most]


def cells(span: Span) -> tuple[str, str, str, str, str, str]:
    """What a line of the tree says beside service and name: kind, duration, route, status, client, size."""
    have = span.attributes
    status = have.get("http.response.status_code")
    error = have.get("error.type")
    shown = str(status) if status is not None else ""
    if error is not None and str(error) != shown:
        shown = f"{shown} {str(error).rsplit('.', 1)[-1]}".strip()
    size = have.get("http.request.body.size")
    return (
        span.kind.name.lower(),
        f"{span.milliseconds:.1f} ms",
        str(have.get("http.route") or ""),
        shown,
        str(have.get("client.address") or ""),
        f"{size} B" if isinstance(size, int) else "",
    )
