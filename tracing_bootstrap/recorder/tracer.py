"""The tracer of this process: opened at its first span, and where every span starts."""

from __future__ import annotations

import os

from tracing_bootstrap.propagation import baggage, formats, probability, traceparent, tracestate
from tracing_bootstrap.propagation.remote import Remote
from tracing_bootstrap.propagation.traceparent import FLAGS, match_usual
from tracing_bootstrap.recorder import clock, ids
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import CONSUMER, INTERNAL, SERVER, Frame, Limits, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from typing import TypeVar

    from tracing_bootstrap.recorder.delivery import Encode
    from tracing_bootstrap.recorder.pipeline import Pipeline
    from tracing_bootstrap.recorder.sampler import Sampler
    from tracing_bootstrap.settings import Settings

    S = TypeVar("S", bound=Span)

#: How long the end of a process may wait for its last spans, in seconds, whatever the collector does. Less than
#: the half second that we may cost in all: gunicorn looks after its workers ten times a second, so that up to
#: 0.1 s comes on top, and starting to wait and ending take time too.
EXIT_SECONDS = 0.3

SAMPLED = traceparent.SAMPLED

#: The flags of a sampled trace that begins here. Not the random flag, though our ids are random: readers are in use
#: that take a version 00 header with flags above 02 for invalid (OpenTelemetry for Go was one), and a service that
#: they cut is worse off.
ROOT_FLAGS = SAMPLED

#: Kinds of the spans in which a process receives work.
_ENTRIES = (SERVER, CONSUMER)

_tracer: Tracer | None = None

#: The tracer where every setting that bears on a request is as it is by default: no URL is excluded, a valid
#: traceparent is believed and tells whether the trace is sampled, and nothing but W3C's headers is written. None
#: before it is open. What begins spans on every request's way then need not ask for each of these.
usual: Tracer | None = None

#: The span of the process that started this one, where the environment names it (recorder/environment.py).
starter: Span | None = None

#: For how long a span that has ended may get children (a thread goes on after the answer), and one whose end is not
#: seen here: it is not sampled, or is another process's.
_STALE_AFTER_END_NS = 300 * 10**9
STALE_AFTER_START_NS = 3600 * 10**9


def _open_and_ask(url: str) -> object:
    get()
    return None if excluded is None else excluded(url)


#: Whether OTEL_PYTHON_EXCLUDED_URLS names a URL; None where it names none. The first request opens the tracer.
excluded: Callable[[str], object] | None = _open_and_ask

#: What OTEL_PROPAGATORS asks for. All formats are read, unless it says "none"; those that it names are written.
carries_trace = True
carries_baggage = True
writers: tuple[formats.Writer, ...] = ()
#: Whether a valid traceparent is believed without a look at anything else; known once the tracer is open.
believes_w3c = False
#: Whether what comes from outside is not believed at all (TRACING_BOOTSTRAP_EDGE).
_at_edge = False
_reads_baggage = True

_getpid = os.getpid


class Tracer:
    """What a span needs to start and to leave: settings, sampler, pipeline."""

    __slots__ = (
        "follows_parent",
        "pid",
        "pipeline",
        "reading_order",
        "reads_baggage",
        "sampler",
        "settings",
        "take",
    )

    def __init__(self, settings: Settings, sampler: Sampler, pipeline: Pipeline | None) -> None:
        self.settings = settings
        self.sampler = sampler
        self.follows_parent = sampler.follows_parent
        self.pipeline = pipeline
        self.pid = _getpid()
        #: Called with a span that ended; None where no span is to be recorded.
        self.take: Callable[[Span], None] | None = None if pipeline is None else pipeline.add
        self.reading_order = formats.reading_order(settings.propagators)
        self.reads_baggage = not formats.WITH_BAGGAGE.isdisjoint(settings.propagators)

    def new_trace(self) -> tuple[str, int, str, Callable[[Span], None] | None]:
        """Return id, flags and tracestate of a trace that begins here, and where its spans go at their end."""
        trace_id = ids.trace_id()
        state = self.sampler.root(trace_id)
        return (trace_id, 0, "", None) if state is None else (trace_id, ROOT_FLAGS, state, self.take)


def get() -> Tracer:
    """Return this process's tracer, opened by the first call and started afresh in a fork's child."""
    tracer = _tracer
    if tracer is None:
        tracer = _open()
    elif tracer.pid != _getpid():
        # uwsgi forks in C, where os.register_at_fork does not reach (opentelemetry-python#2266).
        start_afresh()
    return tracer


#: The same, where a parameter has the name.
_get = get


def opened() -> Tracer | None:
    """Return the tracer if this process has opened it, without opening it."""
    return _tracer


def start_afresh() -> None:
    """Forget the parent's unsent spans and its id sequence: a fork's child is a process of its own."""
    tracer = _tracer
    if tracer is None:
        return
    tracer.pid = _getpid()
    ids.reseed()
    if tracer.pipeline is not None:
        tracer.pipeline.after_fork_in_child()


def flush(seconds: float = EXIT_SECONDS) -> None:
    """Send what is queued; wait at most `seconds`."""
    tracer = _tracer
    if tracer is not None and tracer.pipeline is not None and tracer.pid == _getpid():
        tracer.pipeline.flush(seconds)


def shutdown(seconds: float = EXIT_SECONDS) -> None:
    """Send the last spans, for `seconds` at most; count as lost what could not leave. Once a process."""
    tracer = _tracer
    if tracer is not None and tracer.pipeline is not None and tracer.pid == _getpid():
        tracer.pipeline.shutdown(seconds)


def from_headers(
    make: Callable[[str, str, int, str, str, Callable[[Span], None] | None], S],
    parent_header: str | None,
    state_header: str | None,
    baggage_header: str | None,
    get: Callable[[str], str | None] | None = None,
    names: Callable[[], Iterable[str]] | None = None,
) -> S:
    """Start a span whose parent, if any, is named by a request's headers. It is not made current.

    `make` is called with trace id, parent id, flags, tracestate, baggage, and what to call at the end. `get` looks
    a header of another format up by its lower-case name (several of one name joined with a comma); `names` lists
    the lower-case names of all headers, for the formats that put a name into each. Neither is called where
    `parent_header` is valid.
    """
    if not parent_header and not _at_edge and (get is None or not any(map(get, formats.ALL_HEADERS))):
        # Asked anew, since a worker that uwsgi forked in C would else repeat its siblings' ids.
        trace_id, flags, state, take = _get().new_trace()
        carried = baggage.clean(baggage_header) if baggage_header and _reads_baggage else ""
        return make(trace_id, "", flags, state, carried, take)
    tracer = _tracer or _get()
    usual = match_usual(parent_header) if parent_header and believes_w3c else None
    if usual is None:
        from tracing_bootstrap.recorder import inbound

        return inbound.start(tracer, make, parent_header, state_header, baggage_header, get, names)
    # The parser's first step, taken here: one call less for nearly every request.
    trace_id, parent_id, flag = usual.groups()
    flags = FLAGS[flag]
    if tracer.follows_parent:
        take = tracer.take if flags & SAMPLED else None
    elif tracer.sampler.decide(trace_id, parent_sampled=flags & SAMPLED == SAMPLED):
        flags |= SAMPLED
        take = tracer.take
    else:
        flags &= ~SAMPLED
        take = None
    state = tracestate.clean(state_header) if state_header else ""
    if "th:" in state:
        state = probability.checked(
            state, trace_id, sampled=take is not None, decided_anew=not tracer.follows_parent
        )
    carried = baggage.clean(baggage_header) if baggage_header and _reads_baggage else ""
    return make(trace_id, parent_id, flags, state, carried, take)


def headers(span: Span, *, written: Container[str]) -> list[tuple[str, str]]:
    """Return the headers that carry a span's trace on, as OTEL_PROPAGATORS asks; the names are in lower case.

    `written` holds the lower-case names of those that the service set itself: where one of them is a trace's, the
    trace is the service's own affair, and nothing is doubled.
    """
    made = []
    if carries_trace and "traceparent" not in written:
        made.append(("traceparent", traceparent.format_header(span.trace_id, span.span_id, span.flags)))
        if span.tracestate:
            made.append(("tracestate", span.tracestate))
    if carries_baggage and span.baggage and "baggage" not in written:
        made.append(("baggage", span.baggage))
    if writers:
        made += [header for header in other_headers(span) if header[0] not in written]
    return made


def other_headers(span: Span) -> list[tuple[str, str]]:
    """Return the headers of the other formats that OTEL_PROPAGATORS names; the names are in lower case."""
    sampled = span.flags & SAMPLED == SAMPLED
    debug = sampled and (span.debug or (span.entry is not None and span.entry.debug))
    ours = Remote(span.trace_id, span_id=span.span_id, sampled=sampled, debug=debug, baggage=span.baggage)
    return [header for write in writers for header in write(ours)]


def child(kind_of_span: type[S], name: str, kind: int) -> S:
    """Start a span under the current one, or a trace where there is none. It is not made current."""
    frame = current.get()
    if frame is None:
        return _begin(kind_of_span, name, kind, "")
    if isinstance(frame, Frame):
        if frame.silent:
            return carried(kind_of_span, name, kind, None, "")
        if frame.span is not None and frame.span.adopt is not None:
            adopted: S | None = frame.span.adopt(kind_of_span, name, kind, frame.baggage)
            if adopted is not None:
                return adopted
        return under(_tracer or get(), kind_of_span, name, kind, frame.span, frame.baggage)
    return under(_tracer or get(), kind_of_span, name, kind, frame, frame.baggage)


def outgoing(kind_of_span: type[S], name: str, kind: int) -> S:
    """Start a span for a call to another process, as `child`; where nothing is kept, return the current span itself.

    A span below one that is not sampled would only lend its id to the headers. To whoever is called, the id of the
    span that stands for all of our work says as much, and the call costs half.
    """
    parent = current.get()
    if (
        parent is not None
        and parent.__class__ is not Frame
        and not parent.flags & SAMPLED  # type: ignore[union-attr]
        and (_tracer or get()).follows_parent
        and not is_stale(parent)  # type: ignore[arg-type]
    ):
        return parent  # type: ignore[return-value]
    return child(kind_of_span, name, kind)


def carried(kind_of_span: type[S], name: str, kind: int, parent: Span | None, baggage_header: str) -> S:
    """Return a span that is not recorded: what it carries on is its parent, or an unsampled trace."""
    if parent is None:
        return kind_of_span(name, kind, ids.trace_id(), ids.span_id(), "", 0, "", baggage_header, None)
    span = kind_of_span(
        name,
        kind,
        parent.trace_id,
        parent.span_id,
        parent.parent_id,
        parent.flags,
        parent.tracestate,
        baggage_header,
        None,
    )
    span.entry = parent if parent.kind in _ENTRIES else parent.entry
    return span


def under(
    tracer: Tracer, kind_of_span: type[S], name: str, kind: int, parent: Span | None, carried: str
) -> S:
    """Start a span under a parent of this process; `carried` is the baggage header to send on."""
    if parent is None or (parent.on_end is None and is_stale(parent)):
        return _begin(kind_of_span, name, kind, carried)
    flags = parent.flags
    trace_id = parent.trace_id
    if tracer.follows_parent:
        take = tracer.take if flags & SAMPLED else None
    elif tracer.sampler.decide(trace_id, parent_sampled=flags & SAMPLED == SAMPLED):
        flags |= SAMPLED
        take = tracer.take
    else:
        flags &= ~SAMPLED
        take = None
    span = kind_of_span(
        name,
        kind,
        trace_id,
        ids.span_id(),
        parent.known_id or parent.span_id,
        flags,
        parent.tracestate,
        carried,
        take,
    )
    span.entry = parent if parent.kind in _ENTRIES else parent.entry
    return span


def is_stale(span: Span) -> bool:
    """Whether a span that has ended, or that is only carried on, is nobody's parent any more.

    A thread or a task that a request starts carries the request's context for as long as it lives, and that may be
    for ever: a connection pool's keeper, a queue's reader. What it does after a while is no part of the request.
    """
    if span.end_ns:
        return clock.now() - span.end_ns > _STALE_AFTER_END_NS
    return clock.now() - span.start_ns > STALE_AFTER_START_NS


def carried_on(
    parent_header: str | None, state_header: str | None, baggage_header: str | None
) -> Span | None:
    """Return a span of another process, to be a parent here, by what carries its trace; None where that is none."""
    parent = traceparent.parse(parent_header) if parent_header and carries_trace else None
    if parent is None:
        return None
    state = tracestate.clean(state_header) if state_header else ""
    carried = baggage.clean(baggage_header) if baggage_header and carries_baggage else ""
    span = Span("", INTERNAL, parent[0], parent[1], "", parent[2], state, carried, None)
    span.parent_remote = True
    return span


def _begin(kind_of_span: type[S], name: str, kind: int, carried: str) -> S:
    """Start what has no parent in this process: under the one that the environment names, else a trace."""
    tracer = get()
    parent = starter
    if parent is None or is_stale(parent):
        return _root(kind_of_span, name, kind, carried)
    span = under(tracer, kind_of_span, name, kind, parent, carried or parent.baggage)
    span.parent_remote = True
    return span


def _root(kind_of_span: type[S], name: str, kind: int, carried: str) -> S:
    trace_id, flags, state, take = get().new_trace()
    return kind_of_span(name, kind, trace_id, ids.span_id(), "", flags, state, carried, take)


def _encoding(settings: Settings) -> Encode:
    """Return what encodes batches; its modules are imported by the thread that first has one to encode."""
    encode: Encode | None = None

    def first_encode(spans: Sequence[Span], losses: Mapping[str, int]) -> bytes:
        nonlocal encode
        if encode is None:
            from tracing_bootstrap.recorder.batch import Encoder

            encode = Encoder(settings).encode
        return encode(spans, losses)

    return first_encode


def _open() -> Tracer:
    global _tracer, excluded, carries_trace, carries_baggage, writers, believes_w3c, _at_edge, _reads_baggage
    global starter, usual
    from tracing_bootstrap import settings as settings_module
    from tracing_bootstrap.recorder import ending, environment, sampler

    settings = settings_module.current()
    Limits.attributes = settings.span_attribute_count_limit
    Limits.value_length = settings.span_attribute_value_length_limit
    Limits.events = settings.span_event_count_limit
    Limits.links = settings.span_link_count_limit
    Limits.event_attributes = settings.event_attribute_count_limit
    Limits.link_attributes = settings.link_attribute_count_limit
    pipeline = None
    if settings.exporter != "none":
        from tracing_bootstrap.recorder.pipeline import Pipeline

        pipeline = Pipeline(settings, _encoding(settings), opened=ending.prepare)
    tracer = Tracer(settings, sampler.make(settings), pipeline)
    if _tracer is not None:
        # Another thread was first.
        return _tracer
    # A parent that forked before it opened left its children one and the same sequence of ids.
    ids.reseed()
    carries_trace = "tracecontext" in settings.propagators
    carries_baggage = "baggage" in settings.propagators
    writers = tuple(formats.writer(name) for name in settings.propagators if name in formats.WRITERS)
    _at_edge = settings.edge
    believes_w3c = tracer.reading_order[:1] == (formats.W3C,) and not _at_edge
    _reads_baggage = tracer.reads_baggage
    excluded = None
    if settings.excluded_urls:
        import re

        excluded = re.compile("|".join(settings.excluded_urls)).search
    _tracer = tracer
    if believes_w3c and tracer.follows_parent and carries_trace and not writers and excluded is None:
        usual = tracer
    starter = environment.read(os.environ)
    environment.watch()
    ending.watch()
    return tracer
