"""What stands in the layer for what detail does not need: metrics, propagators, scans of metadata.

They would take most of the time that loading takes, and would read the service's entry points and environment.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.detail import fits, isolation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Nothing:
    """Whatever is asked of it or done with it, it is itself: a meter, an instrument, a record."""

    def __call__(self, *_args: Any, **_kwargs: Any) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _key: Any) -> Nothing:
        return self

    def __or__(self, _other: Any) -> Nothing:
        return self

    __ror__ = __or__


NOTHING = Nothing()


class Instrumentor:
    """`BaseInstrumentor` without its checks of versions, which were made already."""

    def instrument(self, **kwargs: Any) -> None:
        """Instrument the library."""
        self._instrument(**kwargs)  # type: ignore[attr-defined]


def put() -> None:
    """Put them into the layer."""
    isolation.put("typing_extensions", __getattr__=_typing)
    isolation.put("packaging", __path__=[])
    isolation.put("packaging.version", Version=fits.numbers, parse=fits.numbers)
    isolation.put("opentelemetry.metrics", __getattr__=_nothing)
    isolation.put("opentelemetry.propagate", __getattr__=_nothing)
    isolation.put("opentelemetry.util._importlib_metadata", entry_points=_no_entry_points, version=_version)
    isolation.put("opentelemetry.instrumentation.instrumentor", BaseInstrumentor=Instrumentor)


def _nothing(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return NOTHING


def _typing(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if name == "deprecated":
        return lambda *_args, **_kwargs: lambda decorated: decorated
    import typing

    return getattr(typing, name, NOTHING)


def _no_entry_points(**_asked: Any) -> tuple[()]:
    return ()


def _version(distribution: str) -> str:
    import importlib.metadata

    return importlib.metadata.version(distribution)
