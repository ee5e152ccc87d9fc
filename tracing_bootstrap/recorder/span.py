"""A span: what one unit of work leaves behind.

It has the methods of OpenTelemetry's API (`opentelemetry.trace.Span`) without importing it, so that what a
service finds by `trace.get_current_span()` is this very object. Values are kept as they come; all formatting and
encoding is the exporter thread's work.
"""

from __future__ import annotations

from tracing_bootstrap.recorder import clock, protobuf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any, Self

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
UNSET, OK, ERROR = 0, 1, 2

_LONGEST_STACKTRACE = 16_384


class Limits:
    """How much one span may hold (OpenTelemetry SDK specification, "Span limits"); set once, at opening."""

    attributes = 128
    events = 128
    links = 128
    event_attributes = 128
    link_attributes = 128
    value_length: int | None = None


class Span:
    """One recorded, or merely carried on, span. Times are readings of `clock.now`; ids are lower-case hex."""

    # What few spans have stands here as a default and costs a span nothing. No __slots__: a slot cannot have a
    # default, and setting two dozen of them took a request twice as long.
    parent_remote = False
    tracestate = ""
    baggage = ""
    #: Whether the caller asked that the trace be kept, come what may, and that this be passed on (B3, Jaeger).
    debug = False
    attributes: dict[str, Any] | None = None
    events: list[tuple[str, int, Mapping[str, Any] | None]] | None = None
    links: list[tuple[str, str, str, int, Mapping[str, Any] | None]] | None = None
    #: How many attributes, events and links the limits cut.
    dropped: list[int] | None = None
    status = UNSET
    status_message = ""
    #: Name and version of who made the span, where it was not us.
    scope: tuple[str, str] | None = None
    #: The span that this process received the request in, where this one is below it.
    entry: Span | None = None
    #: The nearest span above that our collector gets, where this one is another SDK's and goes elsewhere.
    known_id = ""
    #: Called for a call's span below this one, which may take its place (instrumentation.foreign_span).
    adopt: Any = None
    #: The context of the OpenTelemetry API in which this span is the current one, once somebody asked for it.
    api_context: Any = None
    end_ns = 0

    def __init__(
        self,
        name: str,
        kind: int,
        trace_id: str,
        span_id: str,
        parent_id: str,
        flags: int,
        tracestate: str,
        baggage: str,
        on_end: Callable[[Span], None] | None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.trace_id = trace_id
        self.span_id = span_id
        self.parent_id = parent_id
        self.flags = flags
        if tracestate:
            self.tracestate = tracestate
        if baggage:
            self.baggage = baggage
        #: Called with the span at its end; None where it is not recorded, and once it has ended.
        self.on_end = on_end
        self.start_ns = clock.now()

    @property
    def span(self) -> Span:
        """The span itself; a `Frame` answers the same question with the span that it wraps."""
        return self

    @property
    def recording(self) -> bool:
        """Whether what is set on the span is kept."""
        return self.on_end is not None

    def describe(self) -> list[bytes]:
        """Return, encoded, name, kind and the attributes that this kind of span knows (exporter thread)."""
        return [protobuf.name_and_kind(self.name, self.kind)]

    # What follows is OpenTelemetry's API, by shape.

    def get_span_context(self) -> Any:
        from opentelemetry.trace import SpanContext, TraceFlags, TraceState

        return SpanContext(
            trace_id=int(self.trace_id, 16),
            span_id=int(self.span_id, 16),
            is_remote=False,
            trace_flags=TraceFlags(self.flags),
            trace_state=TraceState.from_header([self.tracestate]) if self.tracestate else TraceState(),
        )

    def is_recording(self) -> bool:
        return self.recording

    def set_attribute(self, key: str, value: Any) -> None:
        if not self.recording or not key:
            return
        attributes = self.attributes
        if attributes is None:
            attributes = self.attributes = {}
        if len(attributes) >= Limits.attributes and key not in attributes:
            self._drop(0)
            return
        attributes[key] = tuple(value) if isinstance(value, list) else value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        for key, value in attributes.items():
            self.set_attribute(key, value)

    def add_event(
        self, name: str, attributes: Mapping[str, Any] | None = None, timestamp: int | None = None
    ) -> None:
        if not self.recording:
            return
        if self.events is None:
            self.events = []
        if len(self.events) >= Limits.events:
            self._drop(1)
            return
        when = clock.now() if timestamp is None else timestamp - clock.offset()
        self.events.append((name, when, dict(attributes) if attributes else None))

    def add_link(self, context: Any, attributes: Mapping[str, Any] | None = None) -> None:
        if not self.recording or context is None or not context.is_valid:
            return
        if self.links is None:
            self.links = []
        if len(self.links) >= Limits.links:
            self._drop(2)
            return
        state = context.trace_state.to_header() if context.trace_state else ""
        self.links.append(
            (
                f"{context.trace_id:032x}",
                f"{context.span_id:016x}",
                state,
                int(context.trace_flags),
                dict(attributes) if attributes else None,
            )
        )

    def update_name(self, name: str) -> None:
        if self.recording:
            self.name = name

    def set_status(self, status: Any, description: str | None = None) -> None:
        """Take a `Status`, a `StatusCode`, or 0, 1, 2. OK is final, and UNSET changes nothing."""
        if not self.recording or self.status == OK:
            return
        code = getattr(status, "status_code", status)
        code = getattr(code, "value", code)
        if code == UNSET:
            return
        self.status = code
        message = getattr(status, "description", None) or description
        self.status_message = message if code == ERROR and isinstance(message, str) else ""

    def record_exception(
        self,
        exception: BaseException,
        attributes: Mapping[str, Any] | None = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002, ARG002 - the API's signature
    ) -> None:
        """Add the event `exception` (OpenTelemetry semantic conventions, "Exceptions on spans").

        It is formatted here and now: a kept traceback would keep every frame's locals alive.
        """
        if not self.recording:
            return
        import traceback

        stack = "".join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        described = {
            "exception.type": qualified_name(type(exception)),
            "exception.message": str(exception),
            "exception.stacktrace": stack[-_LONGEST_STACKTRACE:],
        }
        if attributes:
            described.update(attributes)
        self.add_event("exception", described, timestamp)

    def end(self, end_time: int | None = None) -> None:
        """End the span once; what is called on it afterwards changes nothing."""
        on_end = self.on_end
        if on_end is None:
            return
        self.on_end = None
        self.api_context = None
        self.end_ns = clock.now() if end_time is None else end_time - clock.offset()
        on_end(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(exc, Exception) and self.recording:
            self.fail(exc)
        self.end()

    # What the instrumentation uses on top.

    def fail(self, exc: BaseException) -> None:
        """Record what escaped from the work that the span stands for."""
        if not self.recording:
            return
        self.record_exception(exc)
        name = qualified_name(type(exc))
        self.set_attribute("error.type", name)
        self.set_status(ERROR, f"{name}: {exc}"[:1024])

    def _drop(self, which: int) -> None:
        if self.dropped is None:
            self.dropped = [0, 0, 0]
        self.dropped[which] += 1


class Frame:
    """A context of the OpenTelemetry API that the service attached, and the span in it.

    Attributes:
        beneath: The context of another copy of the API that was current when this one was attached.
        silent: No span is to be recorded: an exporter at work, say.
    """

    __slots__ = ("api_context", "baggage", "beneath", "silent", "span")

    def __init__(self, span: Span | None, baggage: str, api_context: Any) -> None:
        self.span = span
        self.baggage = baggage
        self.api_context = api_context
        self.beneath: Any = None
        self.silent = False


def qualified_name(kind: type) -> str:
    """Return a class's name as the conventions want it: with its module, unless it is a builtin."""
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"
