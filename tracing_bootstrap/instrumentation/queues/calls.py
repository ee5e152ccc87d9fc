"""Replaces a library's function by one that calls it with arguments to which headers may have been added."""

from __future__ import annotations

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def around(
    owner: Any,
    name: str,
    cause: str,
    enter: Callable[[list[Any], dict[str, Any]], object],
    leave: Callable[[Any, Any, BaseException | None], object],
) -> None:
    """Have `enter(args, kwargs)` called before the function, and `leave` with what it returned at its end.

    `enter` may change the list and the dictionary: the function is called with what it left in them.
    """
    replace(owner, name, lambda original: wrap(cause, enter, leave, original))


def wrap(
    cause: str,
    enter: Callable[[list[Any], dict[str, Any]], object],
    leave: Callable[[Any, Any, BaseException | None], object],
    original: Callable[..., Any],
) -> Callable[..., Any]:
    """Return a function that does what `original` does between `enter` and `leave`."""

    def function(*given: Any, **kwargs: Any) -> Any:
        args = list(given)
        entered = guard.call(cause, enter, args, kwargs)
        if entered is None:
            return original(*args, **kwargs)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            guard.call(cause, leave, entered, None, error)
            raise
        guard.call(cause, leave, entered, result, None)
        return result

    return function


def around_async(
    owner: Any,
    name: str,
    cause: str,
    enter: Callable[[list[Any], dict[str, Any]], object],
    leave: Callable[[Any, Any, BaseException | None], object],
) -> None:
    """Do the same with a coroutine function: `leave` comes when it has been awaited."""
    replace(owner, name, lambda original: wrap_async(cause, enter, leave, original))


def wrap_async(
    cause: str,
    enter: Callable[[list[Any], dict[str, Any]], object],
    leave: Callable[[Any, Any, BaseException | None], object],
    original: Callable[..., Any],
) -> Callable[..., Any]:
    """Return a coroutine function that does what `original` does between `enter` and `leave`."""

    async def function(*given: Any, **kwargs: Any) -> Any:
        args = list(given)
        entered = guard.call(cause, enter, args, kwargs)
        if entered is None:
            return await original(*args, **kwargs)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            guard.call(cause, leave, entered, None, error)
            raise
        guard.call(cause, leave, entered, result, None)
        return result

    return function
