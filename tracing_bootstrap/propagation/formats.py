"""Which formats of trace headers there are besides W3C's: one row each; a format is imported when it is met."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracing_bootstrap.propagation.remote import Get, Names, Remote

    Reader = Callable[[Get, Names | None], Remote | None]
    Writer = Callable[[Remote], list[tuple[str, str]]]

W3C = "tracecontext"

#: In the order in which they are read, where several are there: the headers that show that a format is there.
HEADERS = {
    "b3": ("b3", "x-b3-traceid", "x-b3-sampled", "x-b3-flags"),
    "jaeger": ("uber-trace-id",),
    "datadog": ("x-datadog-trace-id",),
    "xray": ("x-amzn-trace-id",),
    "ottrace": ("ot-tracer-traceid",),
}

#: All of them; a request that has none of these is in no format but perhaps W3C's.
ALL_HEADERS = tuple(name for names in HEADERS.values() for name in names)

#: By their names in OTEL_PROPAGATORS, what writes them: the format and its function.
WRITERS = {
    "b3": ("b3", "write"),
    "b3multi": ("b3", "write_several"),
    "jaeger": ("jaeger", "write"),
    "datadog": ("datadog", "write"),
    "xray": ("xray", "write"),
    "ottrace": ("ottrace", "write"),
}
#: Those that carry baggage in headers of their own.
WITH_BAGGAGE = frozenset(("baggage", "jaeger", "ottrace"))


def reading_order(propagators: Sequence[str]) -> tuple[str, ...]:
    """Return the formats in the order in which they are believed.

    W3C's first, unless OTEL_PROPAGATORS leaves it out; then those that are named there, in that order; then all
    others, since whoever calls us may not know our settings. "none" means none.
    """
    if "none" in propagators:
        return ()
    named = [WRITERS[name][0] for name in propagators if name in WRITERS]
    first = [W3C] if W3C in propagators or not named else []
    return tuple(dict.fromkeys((*first, *named, W3C, *HEADERS)))


def reader(name: str) -> Reader:
    """Return what reads a format's headers."""
    made: Reader = _module(name).read
    return made


def writer(propagator: str) -> Writer:
    """Return what writes a format's headers, by its name in OTEL_PROPAGATORS."""
    name, function = WRITERS[propagator]
    made: Writer = getattr(_module(name), function)
    return made


def _module(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    module = f"{__package__}.{name}"
    __import__(module)
    return sys.modules[module]
