"""Does the service carry the trace on when it calls somebody?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.decisions.causes import cuts
from buildkit.decisions.egress import egress, names
from buildkit.decisions.probe import BAGGAGE_KEY, TRACESTATE_KEY
from buildkit.values.call import Unread
from buildkit.values.check import Check, failed, passed, skipped
from buildkit.values.span import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.values.call import Answer, Call
    from buildkit.values.service import Evidence

CARRIED = "Carries the trace on"
COMPANIONS = "Passes tracestate and baggage on"
# W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

_CUT = "the call is made where no traced layer sees it: a raw socket, or a client library not covered yet"
_CALL_HINT = (
    "name a path that makes it call others with --path, "
    "or the variable from which it takes an address with --call-env"
)
_SHOWN = 3
_CUT_HINT = "call through a client that is traced: python -m tracing_bootstrap lists them"


def carries_on(evidence: Evidence) -> Check:
    """Each call to the outside has our trace id, and as its parent a client span of the service."""
    return _to_service(evidence) if evidence.downstream else _to_us(evidence)


def _to_us(evidence: Evidence) -> Check:
    calls = egress(evidence).judged
    if not calls:
        return _silent(evidence)
    ours = {answer.request.trace_id for answer in evidence.inbound}
    clients = {(s.trace_id, s.span_id) for s in evidence.own if s.kind is Kind.CLIENT}
    bare = [call for call in calls if not call.header("traceparent")]
    parsed = [(call, _TRACEPARENT.fullmatch(call.header("traceparent"))) for call in calls]
    strangers = [call for call, match in parsed if call not in bare and (not match or match[1] not in ours)]
    orphans = [call for call, match in parsed if match and match[1] in ours and match.groups() not in clients]
    total = len(calls)
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
    whom = names(calls)
    to = f": {_listed(whom)}" if whom else ""
    return passed(CARRIED, f"{total} of {total} calls, each under a client span{to}")


def _silent(evidence: Evidence) -> Check:
    detail, hint = "not proven: it made no outgoing call while we asked it", _CALL_HINT
    untrusted = [str(one) for one in evidence.contacts if one.why is Unread.UNTRUSTED]
    found = egress(evidence)
    if untrusted:
        detail = f"not provable: it called {_listed(untrusted)} {Unread.UNTRUSTED}"
        hint = "let it take its authorities from SSL_CERT_FILE or REQUESTS_CA_BUNDLE, as its libraries do by default"
    elif found.doubtful:
        detail = (
            f"not proven: it made one call without our trace, which may be chance ({_names(found.doubtful)})"
        )
        hint = "name a path that makes it call others every time with --path"
    elif evidence.contacts:
        others = [f"{one} ({one.why})" for one in evidence.contacts]
        detail = f"not proven: it made no call by HTTP while we asked it, but connected to {_listed(others)}"
    elif found.background:
        detail = f"not proven: it called only by itself, outside of requests ({_names(found.background)})"
    elif evidence.looked_up:
        detail += f"; it looked up {_listed(evidence.looked_up)}"
    if not evidence.catching and evidence.standing.on_base:
        detail += "; whom it calls by name could not be caught, since the relay cannot run in this image"
    if evidence.must_call_out:
        return failed(CARRIED, detail, cause="nothing that we asked for makes it call out", hint=hint)
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
    ours = {answer.request.trace_id for answer in evidence.answers}
    carried = [call for call in egress(evidence).judged if call.header("traceparent")[3:35] in ours]
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


def _names(calls: Sequence[Call]) -> str:
    return _listed([f"{call.method} {call.whom}{call.path}" for call in calls])


def _listed(things: Iterable[str]) -> str:
    different = list(dict.fromkeys(things))
    return ", ".join(different[:_SHOWN]) + (", ..." if len(different) > _SHOWN else "")
