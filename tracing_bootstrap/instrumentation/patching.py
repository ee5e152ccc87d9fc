"""Replaces a library's function by one that calls it."""

from __future__ import annotations

from tracing_bootstrap import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

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
    wrapper.__wrapped__ = original  # type: ignore[attr-defined]
    setattr(owner, name, mark(wrapper))


def before(owner: Any, name: str, cause: str, hook: Callable[..., object]) -> None:
    """Have `hook(*args)` called before the function."""
    replace(owner, name, lambda original: guard.before(cause, hook, original))


def after(owner: Any, name: str, cause: str, hook: Callable[..., object]) -> None:
    """Have `hook(result, *args)` called when the function has returned."""
    replace(owner, name, lambda original: guard.after(cause, hook, original))


def finally_(owner: Any, name: str, cause: str, hook: Callable[..., object]) -> None:
    """Have `hook(*args)` called when the function has returned or raised."""
    replace(owner, name, lambda original: guard.finally_(cause, hook, original))


def changed(
    owner: Any,
    name: str,
    cause: str,
    change: Callable[[tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]],
) -> None:
    """Have the function called with what `change(args, kwargs)` makes of its arguments."""
    replace(owner, name, lambda original: guard.changed(cause, change, original))


def around(
    owner: Any,
    name: str,
    cause: str,
    enter: Callable[..., object],
    leave: Callable[[Any, Any, BaseException | None], object],
) -> None:
    """Have `enter(*args)` called before the function, and `leave` with what it returned at the function's end."""
    replace(owner, name, lambda original: guard.around(cause, enter, leave, original))


def around_async(
    owner: Any,
    name: str,
    cause: str,
    enter: Callable[..., object],
    leave: Callable[[Any, Any, BaseException | None], object],
) -> None:
    """Do the same with a coroutine function: `leave` comes when it has been awaited."""
    replace(owner, name, lambda original: guard.around_async(cause, enter, leave, original))


def mark(function: F) -> F:
    """Make the function known as one of ours."""
    setattr(function, _MARK, True)
    return function


def is_replaced(function: Any) -> bool:
    """Whether the function is one of ours."""
    return getattr(function, _MARK, False) is True
