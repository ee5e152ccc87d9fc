"""Is a shape traced, connected, and otherwise untouched? Two outcomes in, reasons out."""

import collections
import dataclasses
import difflib
import re

from tests.shapes import trees
from tests.shapes.row import REQUESTS

SLOWER_AT_MOST_SECONDS = 0.5

#: What the runtime says of a collector that did not answer within the 0.3 s that an end may wait.
LATE = re.compile(r"tracing: spans are lost \((timeout|shutdown)\)")

#: What two runs of the same program differ in by themselves.
VARYING = (
    (r"0x[0-9a-f]+", "0x-"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
    (r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b", "<id>"),
    (r"trace_id=\S+ span_id=\S+", "trace_id= span_id="),
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b,?", "<day>"),
    (r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b", "<month>"),
    (r"\d+(\.\d+)*", "#"),
)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of a row.

    Attributes:
        spans: Such as "6/6 server, 6/6 client".
        behaviour: "same", or what differs, in a word each.
        reasons: Each a text of some lines; none: the row is green.
        quick: Whether nothing but the machine's other work can be the reason: it took longer to end than without
            tracing, or a span could not be sent in the time that there is for that.
        unsteady: What was wrong in a first run, of a row that was green in a later one.
    """

    spans: str = ""
    behaviour: str = ""
    reasons: tuple[str, ...] = ()
    quick: bool = True
    unsteady: tuple[str, ...] = ()

    @property
    def green(self):
        return not self.reasons


def judge(row, traced, bare):
    """Compare what a row left with what it must leave, and with the same service untraced."""
    wrong_spans = [*_trees(row, traced), *_strays(row, traced), *_connections(row, traced)]
    wrong_answers = _answers(row, traced, bare)
    differences = dict(_differences(row, traced, bare))
    quick = traced.service.seconds <= bare.service.seconds + SLOWER_AT_MOST_SECONDS
    if row.signal is not None and not quick:
        differences["exit time"] = (
            f"it took {traced.service.seconds:.2f} s to end, {bare.service.seconds:.2f} s untraced"
        )
    reasons = [*wrong_spans, *wrong_answers, *(f"{what}: {text}" for what, text in differences.items())]
    if reasons:
        reasons.append(_stderr(traced))
        reasons.append(f"installed: {' '.join(traced.packages.split()) or 'nothing'}")
    return Verdict(
        spans=_count(row, traced),
        behaviour=", ".join([*differences, *(["answers"] if wrong_answers else [])]) or "same",
        reasons=tuple(reasons),
        quick=not LATE.search(traced.service.err)
        and (quick or set(differences) != {"exit time"} or bool(wrong_spans or wrong_answers)),
    )


def _trees(row, traced):
    if row.requests:
        found = [
            (f"request {number}", trees.problems(row.tree, spans, parent=caller.span_id, number=number))
            for number, (caller, spans) in enumerate(traced.traces)
        ]
    else:
        found = [
            (f"trace {number}", trees.problems(row.tree, spans, parent="", number=number))
            for number, (_, spans) in enumerate(traced.traces)
        ]
        if row.tree is not None and not traced.traces:
            yield f"no trace at all; expected\n{trees.draw_expected(row.tree, number=0)}"
    wrong = [(who, problems) for who, problems in found if problems]
    if wrong:
        who, (first, *_) = wrong[0]
        also = f"\n(and {len(wrong) - 1} more of {len(found)})" if len(wrong) > 1 else ""
        yield f"spans of {who}: {first}{also}"


def _strays(row, traced):
    """Traces that nobody asked for: a span that lost its parent, or was made twice.

    Polls for readiness and the probe begin traces of their own, and so may a worker (it polls its queue).
    """
    if row.worker:
        return
    own = {row.ready, row.probe} - {None}
    traces = collections.defaultdict(list)
    for span in traced.strays:
        traces[span.trace_id].append(span)
    for spans in traces.values():
        if not any(span.attributes.get("url.path") in own for span in spans):
            yield f"a trace that nobody asked for:\n{trees.draw(spans)}"
            return


def _connections(row, traced):
    """Each call carries the trace of its request, and names a span that came."""
    for number, (caller, spans) in enumerate(traced.traces):
        trace_ids = {caller.trace_id if caller else "", *(span.trace_id for span in spans)} - {""}
        ids = {span.span_id for span in spans}
        calls = [call for call in traced.calls if any(_names(call, trace_id) for trace_id in trace_ids)]
        if len(calls) != row.calls:
            got = "\n".join(f"  {call.method} {call.path} {dict(call.headers)}" for call in traced.calls)
            yield (
                f"the callee got {len(calls)} calls of request {number}, not {row.calls}; all that it got:\n"
                f"{got or '  nothing'}"
            )
            return
        for call in calls:
            if call.header("traceparent").count(",") or len(call.header("traceparent").split("-")) != 4:
                yield f"request {number}: the callee got traceparent {call.header('traceparent')!r}"
                return
            parent = call.header("traceparent").split("-")[2]
            if row.tree is not None and parent not in ids:
                yield f"request {number}: the callee was called by span {parent}, which did not come"
                return


def _names(call, trace_id):
    return any(trace_id in value for _, value in call.headers)


def _answers(row, traced, bare):
    if not row.requests:
        return []
    found = []
    for number, (ours, theirs) in enumerate(zip(traced.answers, bare.answers, strict=True)):
        wanted = row.requests[number % len(row.requests)].status
        for whose, answer in (("traced", ours), ("untraced", theirs)):
            if answer.status != wanted:
                found.append(
                    f"request {number}, {whose}: answered {answer.status}, not {wanted}: {answer.body[:600]}"
                )
        if (normal(ours.body), ours.headers) != (normal(theirs.body), theirs.headers):
            found.append(
                f"request {number}: answered {ours.headers} {ours.body[:300]!r},"
                f" untraced {theirs.headers} {theirs.body[:300]!r}"
            )
    return found[:2]


#: Some libraries look whether OpenTelemetry's API is there; the image has it on purpose.
LENT = ("opentelemetry", "opentelemetry.version")


def _differences(row, traced, bare):
    for what, ours, theirs in (
        ("", traced.service, bare.service),
        ("worker's ", traced.worker, bare.worker),
    ):
        if ours is None:
            continue
        if ours.code != theirs.code:
            yield f"{what}exit code", f"{ours.code}, untraced {theirs.code}"
        for stream, said, should in (("stdout", ours.out, theirs.out), ("stderr", ours.err, theirs.err)):
            difference = _diff(lines(should, row), lines(said, row))
            if difference:
                yield f"{what}{stream}", f"untraced (-) and traced (+)\n{difference}"
    if row.requests and row.probe is not None and "versions" not in traced.facts:
        yield "probe", f"{row.probe} did not answer with probe.facts(): {traced.facts}"
    for fact in sorted({*traced.facts, *bare.facts}):
        ours, theirs = traced.facts.get(fact), bare.facts.get(fact)
        if fact == "versions" and ours and theirs:
            ours = {name: version for name, version in ours.items() if name in theirs or name not in LENT}
        difference = _diff(_flat(theirs), _flat(ours))
        if difference:
            yield fact, f"untraced (-) and traced (+)\n{difference}"
    difference = _diff(_calls(bare), _calls(traced))
    if difference:
        yield "calls", f"untraced (-) and traced (+)\n{difference}"


#: Headers that tracing is there to add.
TRACE_HEADERS = re.compile(
    r"traceparent|tracestate|baggage|b3|x-b3-.*|uber-.*|ot-.*|x-amzn-trace-id|x-datadog-.*"
)


def _calls(outcome):
    """The calls as lines, without what tracing adds; sorted, since threads and workers interleave."""
    return sorted(
        normal(
            f"{call.method} {call.path} {call.size} bytes, "
            + ", ".join(
                sorted(
                    f"{name}: {value}"
                    for name, value in call.headers
                    if name not in {"host", "date"} and not TRACE_HEADERS.fullmatch(name)
                )
            )
        )
        for call in outcome.calls
    )


def normal(text):
    """Without what differs from one run to the next by itself."""
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return text


#: tini -g signals a whole process group: whether gunicorn's master does so again, to a worker that is ending, is
#: chance.
CHANCE = (
    r"Worker \(pid:\d+\) was sent SIG(TERM|INT|QUIT)!",
    r"Worker with pid \d+ was terminated due to signal (2|3|15)$",  # the same in gunicorn 20
)


def lines(text, row):
    """A log's lines, sorted, since processes and threads interleave as chance has it.

    How often somebody asked before the service was ready is no part of what it does.
    """
    own = tuple(f" {path}" for path in (row.ready, row.probe) if path is not None)
    return sorted(
        normal(line)
        for line in text.splitlines()
        if not any(path in line for path in own)
        and not any(re.search(p, line) for p in (*CHANCE, *row.unstable))
    )


def _flat(value):
    if isinstance(value, dict):
        return [f"{key}: {inner}" for key, inner in sorted(value.items())]
    return [] if value is None else [str(value)]


def _diff(before, after):
    found = difflib.unified_diff(before, after, lineterm="", n=0)
    return "\n".join(line for line in found if not line.startswith(("---", "+++", "@@")))[:4000]


def _stderr(traced):
    said = traced.service.err[-2500:] + (f"\nworker:\n{traced.worker.err[-2500:]}" if traced.worker else "")
    return f"stderr of the service:\n{said or '(nothing)'}"


def _count(row, traced):
    """Such as "6/6 server, 6/6 client": how many came of how many are expected."""
    wanted = collections.Counter()
    todo = [row.tree] if row.tree else []
    while todo:
        node = todo.pop()
        wanted[node.kind] += REQUESTS if row.requests else max(1, len(traced.traces))
        todo += node.below
    came = collections.Counter(span.kind.name for _, spans in traced.traces for span in spans)
    kinds = [*wanted, *(kind for kind in came if kind not in wanted)]
    return ", ".join(f"{came[kind]}/{wanted[kind]} {kind.lower()}" for kind in kinds) or "none, as it must be"
