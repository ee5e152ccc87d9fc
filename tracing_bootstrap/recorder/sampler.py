"""Which traces are kept: the samplers of the OpenTelemetry trace SDK specification, and a rate-limited one of ours.

https://opentelemetry.io/docs/specs/otel/trace/sdk/#built-in-samplers
"""

from __future__ import annotations

from math import exp

from tracing_bootstrap.propagation.probability import threshold
from tracing_bootstrap.recorder import clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracing_bootstrap.settings import Settings

    #: Takes the 32 hex digits of the id of a trace that begins here; returns the tracestate with which it is kept
    #: (mostly none, the empty string), or None where it is not.
    Root = Callable[[str], str | None]

#: Over how many seconds the rate-limited sampler looks back.
WINDOW_S = 2.0


class Sampler:
    """A decision at a trace's root and, when parent-based, its parent's decision below it."""

    __slots__ = ("description", "follows_parent", "root")

    def __init__(self, root: Root, *, follows_parent: bool, description: str) -> None:
        self.root = root
        self.follows_parent = follows_parent
        self.description = description

    def decide(self, trace_id: str, *, parent_sampled: bool) -> bool:
        """Decide about a span that has a parent.

        A remote parent and a local one count alike in every sampler that a variable can select.
        """
        return parent_sampled if self.follows_parent else self.root(trace_id) is not None


def make(settings: Settings) -> Sampler:
    """Make the sampler that OTEL_TRACES_SAMPLER and its argument ask for."""
    root, description = _root(settings.sampler.removeprefix("parentbased_"), settings.sampler_arg)
    if not settings.sampler.startswith("parentbased_"):
        return Sampler(root, follows_parent=False, description=description)
    description = (
        f"ParentBased{{root:{description},"
        "remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
        "localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}"
    )
    return Sampler(root, follows_parent=True, description=description)


def _root(name: str, argument: float) -> tuple[Root, str]:
    if name == "always_on":
        return _always_on, "AlwaysOnSampler"
    if name == "always_off":
        return _always_off, "AlwaysOffSampler"
    if name == "ratelimited":
        return RateLimited(argument).decide, f"RateLimited{{{argument:g}/s}}"
    return _by_ratio(argument), f"TraceIdRatioBased{{{argument}}}"


def _always_on(_trace_id: str) -> str | None:
    return ""


def _always_off(_trace_id: str) -> str | None:
    return None


def _by_ratio(ratio: float) -> Root:
    """Keep a trace whose id's last 64 bits lie under the share, where opentelemetry-python keeps it too.

    Services that decide by the same share then decide alike, whichever SDK they run. It writes no threshold: the
    specification leaves this sampler as it was, and its side of the range is not that of the consistent ones.
    """
    bound = round(ratio * (1 << 64))

    def decide(trace_id: str) -> str | None:
        return "" if int(trace_id[16:], 16) < bound else None

    return decide


class RateLimited:
    """Keeps some `per_second` traces a second of those that begin in this process, each with a known probability.

    The probability follows from how many began lately, never from which were kept, and is written into the
    tracestate of each that is kept (see `propagation.probability`): counts can be scaled up without bias. So it is
    no hard limit. What begins after a pause is kept whole, up to `per_second` times the window, and what follows
    thins out; after some windows of even traffic the rate is met.
    """

    __slots__ = ("_count", "_last_ns", "_wanted")

    def __init__(self, per_second: float) -> None:
        self._wanted = per_second * WINDOW_S
        #: Traces that began in the window, the older ones weighing less.
        self._count = 0.0
        self._last_ns = clock.now()

    def decide(self, trace_id: str) -> str | None:
        """Decide about a trace that begins now. Threads may get in each other's way: one in many is not counted."""
        now = clock.now()
        passed = now - self._last_ns
        self._last_ns = now
        count = self._count = self._count * exp(passed * _DECAY) + 1.0
        wanted = self._wanted
        if count <= wanted:
            return "ot=th:0"
        limit = threshold(wanted / count)
        return f"ot=th:{limit}" if trace_id[18:] >= limit else None


_DECAY = -1e-9 / WINDOW_S
