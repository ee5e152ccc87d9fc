"""What a span is to ours that somebody else made of the same work: another SDK's, or an instrumentation's.

A service that has an SDK of its own keeps its spans and sends them where it wants. If that is where ours go, each
unit of work has one span there: theirs for an outgoing call, ours for the request. If it is elsewhere, ours are
complete by themselves: an outgoing call has one span in either place, with the same id.
"""

from __future__ import annotations

from tracing_bootstrap import settings
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import CLIENT, INTERNAL, SERVER, Span
from tracing_bootstrap.settings import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    S = TypeVar("S", bound=Span)

_CONTRIB = "opentelemetry.instrumentation."

#: Instrumentations of what the skeleton covers, by the names of their tracers.
_SERVERS = frozenset(
    _CONTRIB + name
    for name in (
        "aiohttp_server", "asgi", "django", "falcon", "fastapi", "flask", "pyramid", "starlette", "tornado", "wsgi",
    )
)  # fmt: skip
_CLIENTS = frozenset(
    _CONTRIB + name for name in ("aiohttp_client", "httpx", "requests", "tornado", "urllib", "urllib3")
)

# What our own span of the same work says itself.
_SAID = ("http.", "net.", "network.", "url.", "server.", "client.", "user_agent.", "error.")

_reaches: dict[tuple[int, int], bool] = {}


def of_service(attributes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the service's own hooks said of the work; None where they said nothing."""
    kept = {key: value for key, value in (attributes or {}).items() if not key.startswith(_SAID)}
    return kept or None


class Double(Span):
    """A second span of the request that our server span stands for: it is that one, and never ends."""

    def __init__(self, entry: Span) -> None:
        super().__init__(
            entry.name, INTERNAL, entry.trace_id, entry.span_id, entry.parent_id, entry.flags,
            entry.tracestate, entry.baggage, None,
        )  # fmt: skip
        self.entry: Span = entry

    @property
    def recording(self) -> bool:
        return self.entry.recording

    def set_attribute(self, key: str, value: Any) -> None:
        if not key.startswith(_SAID):
            self.entry.set_attribute(key, value)

    def add_event(
        self, name: str, attributes: Mapping[str, Any] | None = None, timestamp: int | None = None
    ) -> None:
        self.entry.add_event(name, attributes, timestamp)

    def add_link(self, context: Any, attributes: Mapping[str, Any] | None = None) -> None:
        self.entry.add_link(context, attributes)

    def update_name(self, name: str) -> None:
        """Do nothing: the name is the route, which we know as well."""

    def set_status(self, status: Any, description: str | None = None) -> None:
        """Do nothing: the answer says it."""

    def record_exception(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the server sees what escapes, too."""

    def end(self, end_time: int | None = None) -> None:
        """Do nothing: the server ends it."""


class Promised(Span):
    """A span around an outgoing call, made by an instrumentation: the call's own span takes its place."""

    def adopt(self, make: type[S], name: str, kind: int, baggage: str) -> S | None:
        """Return the call's span, with this one's identity; None where that is taken."""
        take = self.on_end
        if kind != CLIENT or take is None or make is Span:
            return None
        self.on_end = None
        span = make(
            name,
            kind,
            self.trace_id,
            self.span_id,
            self.parent_id,
            self.flags,
            self.tracestate,
            baggage,
            take,
        )
        span.attributes = of_service(self.attributes)
        span.entry = self.entry
        return span


class Standing(Span):
    """Stands for a span that another SDK made, and that is only carried on."""

    #: It is of an outgoing call; whose span was not made yet.
    of_call = False
    #: It goes where ours go.
    reaches = False

    def adopt(self, make: type[S], name: str, kind: int, baggage: str) -> S | None:
        """Return the call's span: not recorded where theirs is in the same place, else theirs's twin."""
        if kind != CLIENT or not self.of_call or make is Span:
            return None
        if self.reaches:
            return tracer.carried(make, name, kind, self, baggage)
        self.of_call = False
        take = tracer.get().take if self.flags & tracer.SAMPLED else None
        span = make(
            name, kind, self.trace_id, self.span_id, self.known_id, self.flags, self.tracestate, baggage, take
        )
        span.entry = self.entry
        return span


def begin(scope: str, name: str, kind: int, parent: Span | None) -> Span | None:
    """Return the span that an instrumentation gets for what the skeleton covers; None where it does not."""
    value = current.get()
    span = None if value is None else value.span
    entry = None if span is None else span if span.kind == SERVER else span.entry
    if entry is not None and entry.recording and (kind == SERVER or (kind == INTERNAL and scope in _SERVERS)):
        if parent is None or parent.trace_id == entry.trace_id:
            return Double(entry)
    elif kind == CLIENT and scope in _CLIENTS:
        return tracer.under(
            tracer.get(), Promised, name, kind, parent, "" if value is None else value.baggage
        )
    return None


def ours(span: Any) -> Span | None:
    """Return a span of the API as one of ours: itself, or one that stands for another SDK's and is carried on."""
    if span is None or isinstance(span, Span):
        return span
    context = span.get_span_context()
    if not context.is_valid:
        return None
    known = getattr(span, "_tracing_standing", None)
    if known is not None:
        return known  # type: ignore[no-any-return]
    standing = Standing(
        "",
        INTERNAL,
        f"{context.trace_id:032x}",
        f"{context.span_id:016x}",
        "",
        int(context.trace_flags),
        context.trace_state.to_header() if context.trace_state else "",
        "",
        None,
    )
    standing.parent_remote = context.is_remote
    if not context.is_remote:
        _find_place(standing, span)
    try:
        span._tracing_standing = standing
    except AttributeError:
        # A class with slots: it is made anew every time.
        return standing
    return standing


def _find_place(standing: Standing, span: Any) -> None:
    """Find the span of ours that it is below; that is what our collector knows, unless theirs get there too."""
    value = current.get()
    above = None if value is None else value.span
    if above is None or above.trace_id != standing.trace_id:
        return
    standing.entry = above if above.kind == SERVER else above.entry
    standing.reaches = reaches_our_collector(getattr(span, "_span_processor", None))
    if not standing.reaches:
        standing.known_id = above.known_id or above.span_id
    kind = getattr(getattr(span, "kind", None), "value", 0) + 1
    scope = getattr(getattr(span, "instrumentation_scope", None), "name", "")
    standing.of_call = kind == CLIENT and scope in _CLIENTS


def reaches_our_collector(processor: Any) -> bool:
    """Whether an SDK's spans go to the host that ours go to; an exporter that does not tell goes elsewhere."""
    processors = getattr(processor, "_span_processors", ())
    key = (id(processor), len(processors))
    known = _reaches.get(key)
    if known is None:
        if len(_reaches) > 64:
            _reaches.clear()
        known = _reaches[key] = any(_host(_endpoint(each)) == _own_host() for each in processors)
    return known


def _endpoint(processor: Any) -> str:
    batch = getattr(processor, "_batch_processor", None)
    exporter = getattr(processor, "span_exporter", None) or getattr(batch, "_exporter", None)
    return str(getattr(exporter, "_endpoint", ""))


def _host(endpoint: str) -> str:
    """Return an endpoint's host, for gRPC's `host:4317` as well."""
    try:
        return parse.split_url(endpoint if "://" in endpoint else f"http://{endpoint}")[2].lower()
    except ValueError:
        return ""


def _own_host() -> str:
    read = settings.current()
    return "-" if read.exporter == "none" else _host(read.traces_endpoint)
