"""What a request's headers say of its caller, whichever format they are written in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    #: Looks a header up by its lower-case name; lists the lower-case names of all headers.
    Get = Callable[[str], str | None]
    Names = Callable[[], Iterable[str]]

_HEX = frozenset("0123456789abcdef")


class Remote:
    """A caller's span; or only its decision, for a trace that it did not begin: then both ids are empty.

    Ids are lower-case hex, padded on the left. `sampled` is None where the decision is left to us; `debug` asks
    that the trace be kept and that whoever is called next be told so. `baggage` is a W3C header's value.
    """

    __slots__ = ("baggage", "debug", "flags", "sampled", "span_id", "trace_id", "tracestate")

    def __init__(
        self,
        trace_id: str,
        *,
        span_id: str,
        sampled: bool | None,
        debug: bool = False,
        baggage: str = "",
        flags: int = 0,
        tracestate: str = "",
    ) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.sampled = sampled
        self.debug = debug
        self.baggage = baggage
        #: Flags of W3C other than the sampled one, which the other formats do not have; so it is with `tracestate`.
        self.flags = flags
        self.tracestate = tracestate


def trace_id(value: str) -> str:
    """Return 32 hex digits of up to 32 in either case; the empty string for no id, or for the id zero."""
    return _id(value, 32)


def span_id(value: str) -> str:
    """Return 16 hex digits of up to 16 in either case; the empty string for no id, or for the id zero."""
    return _id(value, 16)


def _id(value: str, digits: int) -> str:
    lowered = value.strip(" \t").lower()
    if not 0 < len(lowered) <= digits or not _HEX.issuperset(lowered) or not lowered.strip("0"):
        return ""
    return lowered.rjust(digits, "0")
