"""Replaces a library's function by one that calls it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MARK = "__tracing_bootstrap__"


def replace(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Set `owner.name` to `make(original)`, looking like the original; once, however often it is called.

    `owner` must have the attribute itself, not by inheritance: else another class would be changed with it.

    Raises:
        KeyError: there is no such attribute; the library is of a version that we do not know.
    """
    original = vars(owner)[name]
    if is_replaced(original):
        return
    wrapper = make(original)
    for attribute in ("__name__", "__qualname__", "__module__", "__doc__", "__annotations__"):
        if hasattr(original, attribute):
            setattr(wrapper, attribute, getattr(original, attribute))
    setattr(wrapper, _MARK, True)
    wrapper.__wrapped__ = original  # type: ignore[attr-defined]
    setattr(owner, name, wrapper)


def is_replaced(function: Any) -> bool:
    """Whether the function is one of ours."""
    return getattr(function, _MARK, False) is True
