"""Makes OpenTelemetry's API, whichever version the service imports, act on our spans.

Two seams of the API are used, both there since 1.0: the runtime context, which we answer from our own
request-local storage, and the proxy tracer, whose no-op is replaced by a tracer of ours. A service that sets a
TracerProvider of its own still can, and its spans go to where it sends them: the proxy prefers it.
"""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import foreign_span
from tracing_bootstrap.instrumentation.opentelemetry_context import Api, RuntimeContext
from tracing_bootstrap.instrumentation.patching import is_replaced, mark, replace
from tracing_bootstrap.recorder import clock, tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The copy that the service imports as `opentelemetry`.
SERVICES = Api()


def patch_context(module: Any) -> None:
    """Answer the API's context from ours (opentelemetry.context)."""
    take_context(module, SERVICES)


def take_context(module: Any, api: Api) -> None:
    """Do so with either copy of the API."""
    original = module._RUNTIME_CONTEXT
    if not isinstance(original, RuntimeContext):
        module._RUNTIME_CONTEXT = RuntimeContext(api, module.Context, original)


def patch_trace(module: Any) -> None:
    """Make the tracers that the API hands out ours, until the service sets a provider (opentelemetry.trace)."""
    module.Span.register(Span)
    tracer_class = make_tracer_class(module, SERVICES)

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


def make_tracer_class(trace: Any, api: Api) -> Any:
    """Return our Tracer, a subclass of the API's own in that copy's version."""
    import contextlib

    # Newer versions have one that decorates coroutines too.
    as_context_manager = getattr(trace, "_agnosticcontextmanager", contextlib.contextmanager)

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
            frame = current.get() if context is None else api.frame(context)
            double = foreign_span.begin(self._scope[0], name, number, None if frame is None else frame.span)
            if double is not None:
                span = double
            elif context is None or frame is None:
                span = self._child(name, number)
            else:
                span = tracer.under(tracer.get(), Span, name, number, frame.span, frame.baggage)
                remote = context.get(api.span_key)
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

        def _child(self, name: str, number: int) -> Span:
            return tracer.child(Span, name, number)

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
