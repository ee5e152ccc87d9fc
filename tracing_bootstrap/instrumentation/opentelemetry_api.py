"""Makes OpenTelemetry's API, whichever version the service imports, act on our spans.

Two seams of the API are used, both there since 1.0: the runtime context, which we answer from our own
request-local storage, and the proxy tracer, whose no-op is replaced by a tracer of ours. A service that sets a
TracerProvider of its own still can, and its spans go to where it sends them: the proxy prefers it.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import is_replaced, mark, replace
from tracing_bootstrap.propagation import baggage
from tracing_bootstrap.recorder import clock, tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import INTERNAL, Frame, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Token:
    """What `attach` returns: the value to go back to. It may be used in any context (see recorder.context)."""

    __slots__ = ("before",)

    def __init__(self, before: Any) -> None:
        self.before = before


class RuntimeContext:
    """The API's `_RuntimeContext`, over our own storage."""

    def __init__(self, context_class: type, original: Any) -> None:
        self._context_class = context_class
        self._original = original
        self._empty = context_class()

    def attach(self, context: Any) -> Token:
        """Make an API context current; its span, whoever made it, becomes the parent of ours."""
        before = current.get()
        frame = guard.call("an OpenTelemetry context could not be attached", _frame, context)
        current.set(Frame(None, "", context) if frame is None else frame)
        return Token(before)

    def get_current(self) -> Any:
        """Return the current API context, made from our span where the service attached none."""
        value = current.get()
        if value is None:
            return self._empty
        context = value.api_context
        if context is None:
            context = guard.call("the OpenTelemetry context could not be made", self._context_of, value)
            value.api_context = context
        return self._empty if context is None else context

    def detach(self, token: Any) -> None:
        """Go back to what was current before the matching `attach`."""
        if isinstance(token, Token):
            current.set(token.before)
        else:
            # Attached before we came.
            self._original.detach(token)

    def _context_of(self, value: Span | Frame) -> Any:
        from opentelemetry.trace.propagation import _SPAN_KEY

        entries: dict[str, Any] = {_SPAN_KEY: value.span}
        if value.baggage:
            from opentelemetry.baggage import _BAGGAGE_KEY

            # A dict and nothing like it: the API takes anything else for no baggage at all.
            entries[_BAGGAGE_KEY] = baggage.read(value.baggage)
        return self._context_class(entries)


def patch_context(module: Any) -> None:
    """Answer the API's context from ours (opentelemetry.context)."""
    original = module._RUNTIME_CONTEXT
    if not isinstance(original, RuntimeContext):
        module._RUNTIME_CONTEXT = RuntimeContext(module.Context, original)


def _frame(context: Any) -> Frame:
    from opentelemetry.trace.propagation import _SPAN_KEY

    carried = ""
    api = sys.modules.get("opentelemetry.baggage")
    if api is not None:
        entries = context.get(api._BAGGAGE_KEY)
        if entries:
            carried = baggage.write(entries)
    return Frame(_ours(context.get(_SPAN_KEY)), carried, context)


def _ours(span: Any) -> Span | None:
    """Return the span as one of ours: itself, or one that stands for another SDK's, and is only carried on."""
    if span is None or isinstance(span, Span):
        return span
    context = span.get_span_context()
    if not context.is_valid:
        return None
    standing = Span(
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
    return standing


def patch_trace(module: Any) -> None:
    """Make the tracers that the API hands out ours, until the service sets a provider (opentelemetry.trace)."""
    module.Span.register(Span)
    tracer_class = _make_tracer_class(module)

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - stands for the original
            original(self, *args, **kwargs)
            self._noop_tracer = tracer_class(
                getattr(self, "_instrumenting_module_name", "") or "",
                getattr(self, "_instrumenting_library_version", "") or "",
            )

        return __init__

    replace(module.ProxyTracer, "__init__", make)


def patch_entry_points(module: Any) -> None:
    """Let the image's API find its own entry points (opentelemetry.util._importlib_metadata)."""
    from tracing_bootstrap.instrumentation import api_fallback

    if not str(module.__file__).startswith(api_fallback.directory()):
        return
    original = module.entry_points
    if is_replaced(original):
        return

    def entry_points(**asked: Any) -> Any:
        return original(**asked) or api_fallback.entry_points(**asked)

    module.entry_points = mark(entry_points)


def _make_tracer_class(trace: Any) -> type:
    """Return our Tracer, a subclass of the API's own in the service's version."""
    import contextlib

    # Newer versions have one that decorates coroutines too.
    as_context_manager = getattr(trace, "_agnosticcontextmanager", contextlib.contextmanager)
    span_key = sys.modules["opentelemetry.trace.propagation"]._SPAN_KEY

    class Tracer(trace.Tracer):  # type: ignore[misc]
        """Makes our spans; the scope they belong to is named by whoever asked for the tracer."""

        def __init__(self, name: str, version: str) -> None:
            self._scope = (name, version)

        def start_span(
            self,
            name: str,
            context: Any = None,
            kind: Any = trace.SpanKind.INTERNAL,
            attributes: Any = None,
            links: Any = None,
            start_time: int | None = None,
            record_exception: bool = True,  # noqa: FBT001, FBT002, ARG002 - the API's signature
            set_status_on_exception: bool = True,  # noqa: FBT001, FBT002, ARG002
        ) -> Any:
            """Start a span; it is not made current."""
            span = guard.call(
                "a span of the service's own could not be started",
                self._start,
                name,
                context,
                kind,
                attributes,
                links,
                start_time,
            )
            return trace.INVALID_SPAN if span is None else span

        def _start(
            self, name: str, context: Any, kind: Any, attributes: Any, links: Any, start_time: int | None
        ) -> Span:
            number = kind.value + 1
            if context is None:
                span = tracer.child(Span, name, number)
            else:
                frame = _frame(context)
                span = tracer.under(tracer.get(), Span, name, number, frame.span, frame.baggage)
                remote = context.get(span_key)
                if frame.span is not None and not isinstance(remote, Span):
                    span.parent_remote = remote.get_span_context().is_remote
            span.scope = self._scope
            if start_time is not None:
                span.start_ns = start_time - clock.offset()
            if attributes:
                span.set_attributes(attributes)
            for link in links or ():
                span.add_link(link.context, link.attributes)
            return span

        @as_context_manager  # type: ignore[untyped-decorator, unused-ignore]
        def start_as_current_span(
            self,
            name: str,
            context: Any = None,
            kind: Any = trace.SpanKind.INTERNAL,
            attributes: Any = None,
            links: Any = None,
            start_time: int | None = None,
            record_exception: bool = True,  # noqa: FBT001, FBT002 - the API's signature
            set_status_on_exception: bool = True,  # noqa: FBT001, FBT002
            end_on_exit: bool = True,  # noqa: FBT001, FBT002
        ) -> Any:
            """Start a span and make it current for the block."""
            span = self.start_span(name, context, kind, attributes, links, start_time)
            with trace.use_span(
                span,
                end_on_exit=end_on_exit,
                record_exception=record_exception,
                set_status_on_exception=set_status_on_exception,
            ):
                yield span

    return Tracer
