"""The OpenTracing API, OpenTelemetry's predecessor: what a service makes with it are our spans, in our traces.

Its global tracer does nothing until a service sets one. Ours stands in that place; a service that sets its own
keeps that, as it was. Follows the OpenTracing specification 1.1 and the package `opentracing` 2.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import foreign_span
from tracing_bootstrap.propagation import baggage, traceparent, tracestate
from tracing_bootstrap.recorder import clock, tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import CLIENT, CONSUMER, ERROR, INTERNAL, PRODUCER, SERVER, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCOPE = ("opentracing", "")
_KINDS = {"client": CLIENT, "server": SERVER, "producer": PRODUCER, "consumer": CONSUMER}
_NS = 1_000_000_000


def patch(module: Any) -> None:
    """Put our tracer in the place of the one that does nothing (opentracing)."""
    if not module.is_global_tracer_registered():
        module.tracer = _make(module)


def _make(api: Any) -> Any:  # noqa: C901 - classes of the service's version of the API can only be made here
    class SpanContext(api.SpanContext):  # type: ignore[misc]
        def __init__(self, span: Span) -> None:
            self.of = span

        @property
        def baggage(self) -> Any:
            return baggage.read(self.of.baggage) if self.of.baggage else {}

    class OpenSpan(api.Span):  # type: ignore[misc]
        """OpenTracing's span, over one of ours."""

        def __init__(self, made_by: Any, span: Span) -> None:
            super().__init__(made_by, SpanContext(span))
            self.of = span

        def set_operation_name(self, operation_name: str) -> Any:
            self.of.update_name(operation_name)
            return self

        def finish(self, finish_time: float | None = None) -> None:
            self.of.end(None if finish_time is None else int(finish_time * _NS))

        def set_tag(self, key: str, value: Any) -> Any:
            if key == "error":
                if value:
                    self.of.set_status(ERROR)
            elif key != "span.kind":
                self.of.set_attribute(key, value)
            return self

        def log_kv(self, key_values: Any, timestamp: float | None = None) -> Any:
            guard.call("an OpenTracing log could not be recorded", self._log, dict(key_values), timestamp)
            return self

        def _log(self, values: dict[str, Any], timestamp: float | None) -> None:
            error = values.get("error.object")
            if isinstance(error, BaseException):
                self.of.record_exception(error)
            else:
                texts = {
                    key: value if isinstance(value, (str, int, float)) else str(value)
                    for key, value in values.items()
                }
                when = None if timestamp is None else int(timestamp * _NS)
                self.of.add_event(str(values.get("event", "log")), texts, when)

        def set_baggage_item(self, key: str, value: str) -> Any:
            self.of.baggage = baggage.write({**self.context.baggage, key: value})
            return self

        def get_baggage_item(self, key: str) -> Any:
            return self.context.baggage.get(key)

    class Scope(api.Scope):  # type: ignore[misc]
        def __init__(self, manager: Any, span: Any, before: Any, finish: Any) -> None:
            super().__init__(manager, span)
            self._before = before
            self._finish = finish

        def close(self) -> None:
            if self._finish:
                self.span.finish()
            current.set(self._before)

    class ScopeManager(api.ScopeManager):  # type: ignore[misc]
        """What is active is what is current for us, whoever made it."""

        def activate(self, span: Any, finish_on_close: Any) -> Any:
            before = current.get()
            if isinstance(span, OpenSpan):
                current.set(span.of)
            return Scope(self, span, before, finish_on_close)

        @property
        def active(self) -> Any:
            value = current.get()
            span = None if value is None else value.span
            return None if span is None else Scope(self, _shown(span), value, finish=False)

    class Tracer(api.Tracer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(ScopeManager())

        def start_active_span(
            self, operation_name: str, *args: Any, finish_on_close: Any = True, **kwargs: Any
        ) -> Any:
            return self.scope_manager.activate(
                self.start_span(operation_name, *args, **kwargs), finish_on_close
            )

        def start_span(
            self,
            operation_name: str | None = None,
            child_of: Any = None,
            references: Any = None,
            tags: Any = None,
            start_time: float | None = None,
            ignore_active_span: Any = False,  # noqa: FBT002 - the API's signature
        ) -> Any:
            above = child_of or next((reference.referenced_context for reference in references or ()), None)
            tags = tags or {}
            kind = _KINDS.get(tags.get("span.kind"), INTERNAL)
            parent = getattr(above, "of", None)
            value = current.get()
            if parent is None and not ignore_active_span:
                parent = None if value is None else value.span
            carried = "" if parent is None else parent.baggage
            name = operation_name or ""
            span = foreign_span.begin("opentracing", name, kind, parent)
            if span is None:
                span = tracer.under(tracer.get(), Span, name, kind, parent, carried)
            span.scope = _SCOPE
            if start_time is not None:
                span.start_ns = int(start_time * _NS) - clock.offset()
            shown = _shown(span)
            for key, tag in tags.items():
                shown.set_tag(key, tag)
            return shown

        def inject(self, span_context: Any, format: Any, carrier: Any) -> None:  # noqa: A002 - the API's name
            if format not in (api.Format.TEXT_MAP, api.Format.HTTP_HEADERS):
                raise api.UnsupportedFormatException(format)
            if isinstance(span_context, SpanContext):
                carrier.update(tracer.headers(span_context.of, written=()))

        def extract(self, format: Any, carrier: Any) -> Any:  # noqa: A002 - the API's name
            if format not in (api.Format.TEXT_MAP, api.Format.HTTP_HEADERS):
                raise api.UnsupportedFormatException(format)
            headers = {str(key).lower(): value for key, value in carrier.items()}
            parent = traceparent.parse(headers.get("traceparent"))
            if parent is None:
                return None
            trace_id, span_id, flags = parent
            state = tracestate.clean(headers["tracestate"]) if headers.get("tracestate") else ""
            carried = baggage.clean(headers["baggage"]) if headers.get("baggage") else ""
            return SpanContext(Span("", INTERNAL, trace_id, span_id, "", flags, state, carried, None))

    ours = Tracer()

    def _shown(span: Span) -> Any:
        """Return the one that stands for our span: `active_span` is the span that was activated."""
        known = getattr(span, "_opentracing", None)
        if known is None:
            known = OpenSpan(ours, span)
            span._opentracing = known  # type: ignore[attr-defined]
        return known

    return ours
