"""Which traces are kept: the samplers of the OpenTelemetry trace SDK specification.

https://opentelemetry.io/docs/specs/otel/trace/sdk/#built-in-samplers
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracing_bootstrap.settings import Settings


class Sampler:
    """A decision at a trace's root and, when parent-based, its parent's decision below it."""

    __slots__ = ("description", "follows_parent", "root")

    def __init__(self, root: Callable[[str], bool], *, follows_parent: bool, description: str) -> None:
        # Takes the 32 hex digits of a trace id; says whether a trace that starts here is kept.
        self.root = root
        self.follows_parent = follows_parent
        self.description = description

    def decide(self, trace_id: str, *, parent_sampled: bool | None, parent_remote: bool) -> bool:  # noqa: ARG002
        """Decide about a span; `parent_sampled` is None for a root, `trace_id` has 32 hex digits.

        A remote parent and a local one count alike in every sampler that a variable can select.
        """
        if parent_sampled is None or not self.follows_parent:
            return self.root(trace_id)
        return parent_sampled


def make(settings: Settings) -> Sampler:
    """Make the sampler that OTEL_TRACES_SAMPLER and its argument ask for."""
    root, description = _root(settings.sampler.removeprefix("parentbased_"), ratio=settings.sampler_ratio)
    if not settings.sampler.startswith("parentbased_"):
        return Sampler(root, follows_parent=False, description=description)
    description = (
        f"ParentBased{{root:{description},"
        "remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,"
        "localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}"
    )
    return Sampler(root, follows_parent=True, description=description)


def _root(name: str, *, ratio: float) -> tuple[Callable[[str], bool], str]:
    if name == "always_on":
        return _always_on, "AlwaysOnSampler"
    if name == "always_off":
        return _always_off, "AlwaysOffSampler"
    return _by_ratio(ratio), f"TraceIdRatioBased{{{ratio}}}"


def _always_on(_trace_id: str) -> bool:
    return True


def _always_off(_trace_id: str) -> bool:
    return False


def _by_ratio(ratio: float) -> Callable[[str], bool]:
    """Keep a trace whose id's last 64 bits lie under the share, where opentelemetry-python keeps it too.

    Services that decide by the same share then decide alike, whichever SDK they run.
    """
    bound = round(ratio * (1 << 64))

    def decide(trace_id: str) -> bool:
        return int(trace_id[16:], 16) < bound

    return decide
