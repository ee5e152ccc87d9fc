"""The spans of the detail layer: made by contrib's code through the layer's API, ours in all else."""

from __future__ import annotations

import os

from tracing_bootstrap.instrumentation import opentelemetry_api
from tracing_bootstrap.instrumentation.detail import isolation
from tracing_bootstrap.instrumentation.opentelemetry_context import Api
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import PRODUCER, Frame, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"


class DetailSpan(Span):
    """A span of what a service did inside; its statement is tidied up by the exporter's thread."""

    def describe(self) -> list[bytes]:
        """Return name and kind; take the values out of the statement before the attributes are encoded."""
        if self.attributes is not None:
            from tracing_bootstrap.instrumentation.detail import statements

            self.name = statements.tidy(self.name, self.attributes)
        return super().describe()


def connect() -> None:
    """Make the layer's copy of the API act on our spans, with our tracer and without a look at the environment."""
    api = Api(isolation.PREFIX)
    opentelemetry_api.take_context(isolation.load("opentelemetry.context"), api)
    trace = isolation.load("opentelemetry.trace")
    trace.Span.register(Span)
    trace._TRACER_PROVIDER = _make_provider(trace, api)
    # Loggers below this name write nothing: what they have to say is not the service's.
    import logging

    logging.getLogger(isolation.PREFIX[:-1]).setLevel(logging.CRITICAL + 1)
    if not os.environ.get(_OPT_IN):
        _take_stable_names()


def _make_provider(trace: Any, api: Api) -> Any:
    invalid = trace.INVALID_SPAN

    class Tracer(opentelemetry_api.make_tracer_class(trace, api)):  # type: ignore[misc]
        """Makes a span only below another one: polling and start-up would else fill traces of their own."""

        def _child(self, name: str, number: int) -> Any:
            value = current.get()
            parent = None if value is None else value.span
            if value is None or parent is None:
                return invalid
            if parent.kind == PRODUCER or (isinstance(value, Frame) and value.silent):
                # A queue that uses the library has its own span.
                return tracer.carried(DetailSpan, name, number, parent, value.baggage)
            return tracer.under(tracer.get(), DetailSpan, name, number, parent, value.baggage)

    class Provider(trace.TracerProvider):  # type: ignore[misc]
        """Hands out these tracers, by the names that the packages have outside of the layer."""

        def get_tracer(self, name: str, version: str | None = None, *_args: Any, **_kwargs: Any) -> Any:
            return Tracer(name.removeprefix(isolation.PREFIX), version or "")

    return Provider()


def _take_stable_names() -> None:
    """Use the conventions' stable attribute names, which contrib's packages use only if the environment says so."""
    semconv = isolation.load("opentelemetry.instrumentation._semconv")
    stability, mode = semconv._OpenTelemetrySemanticConventionStability, semconv._StabilityMode
    signal = semconv._OpenTelemetryStabilitySignalType
    stability._OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING = {
        signal.HTTP: mode.HTTP,
        signal.DATABASE: mode.DATABASE,
        signal.GEN_AI: mode.DEFAULT,
    }
    stability._initialized = True
