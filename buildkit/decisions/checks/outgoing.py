"""Does the service carry the trace on when it calls somebody?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.decisions.causes import cuts
from buildkit.decisions.probe import BAGGAGE_KEY, TRACESTATE_KEY
from buildkit.values.check import Check, failed, passed, skipped
from buildkit.values.span import Kind

if TYPE_CHECKING:
    from buildkit.values.call import Answer, Call
    from buildkit.values.service import Evidence

CARRIED = "Carries the trace on"
COMPANIONS = "Passes tracestate and baggage on"
# W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

_CUT = "the call is made where no traced layer sees it: a raw socket, or a client library not covered yet"
_CUT_HINT = "call through a client that is traced: python -m tracing_bootstrap lists them"


def carries_on(evidence: Evidence) -> Check:
    """Each call to the outside has our trace id, and as its parent a client span of the service."""
    return _to_service(evidence) if evidence.downstream else _to_us(evidence)


def _to_us(evidence: Evidence) -> Check:
    if not evidence.calls:
        return _silent(evidence)
    ours = {answer.request.trace_id for answer in evidence.inbound}
    clients = {(s.trace_id, s.span_id) for s in evidence.own if s.kind is Kind.CLIENT}
    bare = [call for call in evidence.calls if not call.header("traceparent")]
    parsed = [(call, _TRACEPARENT.fullmatch(call.header("traceparent"))) for call in evidence.calls]
    strangers = [call for call, match in parsed if call not in bare and (not match or match[1] not in ours)]
    orphans = [call for call, match in parsed if match and match[1] in ours and match.groups() not in clients]
    total = len(evidence.calls)
    if bare:
        why = cuts(evidence)
        if why:
            cause, hint = "; ".join(cut.why for cut in why), "; ".join(cut.hint for cut in why)
        elif evidence.own:
            cause, hint = _CUT, _CUT_HINT
        else:
            cause, hint = "tracing does not run in this service at all: see the checks above", ""
        return failed(
            CARRIED,
            f"{len(bare)} of {total} outgoing calls had no traceparent ({_names(bare)})",
            cause=cause,
            hint=hint,
        )
    if strangers:
        return failed(
            CARRIED,
            f"{len(strangers)} of {total} outgoing calls carried another trace than their request's "
            f"({_names(strangers)})",
            cause="the call is made where the request's context is not known, as in a thread of its own",
            hint="hand the context over: contextvars.copy_context().run(...)",
        )
    if orphans:
        return failed(
            CARRIED,
            f"{len(orphans)} of {total} outgoing calls name a parent that is no client span that arrived "
            f"({_names(orphans)})",
            cause="the headers are merely passed through, or the client span was lost",
            hint="look at the tree above for the call",
        )
    return passed(CARRIED, f"{total} of {total} calls, each under a client span")


def _silent(evidence: Evidence) -> Check:
    hint = (
        "name the variable from which it takes an address with --call-env, and a path that calls with --path"
    )
    detail = "not proven: it made no outgoing call while we asked it"
    if evidence.must_call_out:
        return failed(CARRIED, detail, cause="it did not use the address that it was given", hint=hint)
    return skipped(CARRIED, detail, hint=hint)


def _to_service(evidence: Evidence) -> Check:
    passing = [answer for answer in evidence.inbound if evidence.downstream in answer.request.through]
    cut = [answer for answer in passing if not _reaches(evidence, answer)]
    if not passing:
        return skipped(CARRIED, f"no request of ours makes it call {evidence.downstream}")
    if cut:
        return failed(
            CARRIED,
            f"in {len(cut)} of {len(passing)} traces no server span of {evidence.downstream} hangs under a "
            f"client span of {evidence.name}",
            cause=_CUT,
            hint=_CUT_HINT,
        )
    return passed(CARRIED, f"{len(passing)} of {len(passing)} calls to {evidence.downstream}")


def _reaches(evidence: Evidence, answer: Answer) -> bool:
    in_trace = [span for span in evidence.spans if span.trace_id == answer.request.trace_id]
    clients = {s.span_id for s in in_trace if s.source == evidence.name and s.kind is Kind.CLIENT}
    servers = [s for s in in_trace if s.source == evidence.downstream and s.kind is Kind.SERVER]
    return any(span.parent_id in clients for span in servers)


def carries_companions(evidence: Evidence) -> Check:
    """The tracestate and the baggage that came in go out with each call (W3C Trace Context, W3C Baggage).

    Of a chain of services we see what leaves its end: it must have passed through all of them.
    """
    carried = [call for call in evidence.calls if call.header("traceparent")]
    if not carried:
        return skipped(COMPANIONS, "no outgoing call carried the trace")
    lost = [
        name
        for name, key in (("tracestate", TRACESTATE_KEY), ("baggage", BAGGAGE_KEY))
        if any(not re.search(rf"(^|,)\s*{re.escape(key)}=", call.header(name)) for call in carried)
    ]
    if lost:
        return failed(
            COMPANIONS,
            f"{' and '.join(lost)} did not reach the callee",
            cause="OTEL_PROPAGATORS lacks it, or the service sets the header itself",
            hint="OTEL_PROPAGATORS=tracecontext,baggage is the default",
        )
    return passed(COMPANIONS, f"{len(carried)} of {len(carried)} calls")


def _names(calls: list[Call]) -> str:
    names = list(dict.fromkeys(f"{call.method} {call.path}" for call in calls))
    return ", ".join(names[:2]) + (", ..." if len(names) > 2 else "")
