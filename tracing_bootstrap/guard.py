"""What happens when tracing itself fails: one line on stderr, a count, and the service runs on.

The only place of this package that says what is caught. The few functions that stand on every request's way have an
`except Failure` of their own: there, a call of ours would cost as much as what they do. This module sits below the
settings, so that it can report on them, and therefore reads its one own variable itself: TRACING_BOOTSTRAP_STRICT=1
re-raises (our tests).
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")
    T = TypeVar("T")

# A service may fail in as many ways as it has requests; what we remember of it may not grow with them.
MAX_CAUSES = 64
MAX_LINE = 400
OTHER = "other causes"

#: What is caught, for the few functions that cannot afford a call of this module.
Failure = Exception

_errors: dict[str, int] = {}
_reasons: dict[str, str] = {}
_said: set[str] = set()


def strict() -> bool:
    """Whether swallowed errors are raised again, as our tests want."""
    return os.environ.get("TRACING_BOOTSTRAP_STRICT") == "1"


def errors() -> dict[str, int]:
    """How often each cause was swallowed in this process; a forked child goes on from its parent's counts."""
    return dict(_errors)


def reason(cause: str) -> str:
    """What was raised when `cause` was first swallowed; empty where it never was."""
    return _reasons.get(cause, "")


def call(cause: str, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Return what `function` returns, or None after reporting what it raised under `cause`."""
    try:
        return function(*args, **kwargs)
    except Exception as exc:  # noqa: BLE001 - this is the one guard
        report(cause, exc)
        return None


def each(cause: str, function: Callable[..., R], items: Iterable[object], *args: object) -> list[R]:
    """Return what `function` makes of each item; one that it raises on is reported and left out."""
    made = []
    for item in items:
        try:
            made.append(function(item, *args))
        except Exception as exc:  # noqa: BLE001 - the same guard, over many
            report(cause, exc)
    return made


def before(cause: str, hook: Callable[..., object], original: Callable[..., R]) -> Callable[..., R]:
    """Return a function that does what `original` does, after `hook` saw its arguments."""

    def function(*args: Any, **kwargs: Any) -> R:
        try:
            hook(*args)
        except Exception as exc:  # noqa: BLE001 - the same guard, with no call more on a request's way
            report(cause, exc)
        return original(*args, **kwargs)

    return function


def after(cause: str, hook: Callable[..., object], original: Callable[..., R]) -> Callable[..., R]:
    """Return a function that does what `original` does; then `hook` sees what it returned, and its arguments."""

    def function(*args: Any, **kwargs: Any) -> R:
        result = original(*args, **kwargs)
        try:
            hook(result, *args)
        except Exception as exc:  # noqa: BLE001 - the same guard, with no call more on a request's way
            report(cause, exc)
        return result

    return function


def around(
    cause: str,
    enter: Callable[..., T | None],
    leave: Callable[[T, Any, BaseException | None], object],
    original: Callable[..., R],
) -> Callable[..., R]:
    """Return a function that does what `original` does, between `enter` and `leave`.

    `enter` sees the arguments. What it returns, unless that is None, goes to `leave` at the end, with the result
    or with what was raised.
    """

    def function(*args: Any, **kwargs: Any) -> R:
        entered = None
        try:
            entered = enter(*args)
        except Exception as exc:  # noqa: BLE001 - the same guard, with no call more on a request's way
            report(cause, exc)
        if entered is None:
            return original(*args, **kwargs)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            call(cause, leave, entered, None, error)
            forget_frame(error)
            raise
        try:
            leave(entered, result, None)
        except Exception as exc:  # noqa: BLE001 - the same guard
            report(cause, exc)
        return result

    return function


def around_async(
    cause: str,
    enter: Callable[..., T | None],
    leave: Callable[[T, Any, BaseException | None], object],
    original: Callable[..., Awaitable[R]],
) -> Callable[..., Coroutine[Any, Any, R]]:
    """Return a coroutine function that does what `original` does, between `enter` and `leave`, as `around`."""

    async def function(*args: Any, **kwargs: Any) -> R:
        entered = None
        try:
            entered = enter(*args)
        except Exception as exc:  # noqa: BLE001 - the same guard, with no call more on a request's way
            report(cause, exc)
        if entered is None:
            return await original(*args, **kwargs)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            call(cause, leave, entered, None, error)
            forget_frame(error)
            raise
        try:
            leave(entered, result, None)
        except Exception as exc:  # noqa: BLE001 - the same guard
            report(cause, exc)
        return result

    return function


def changed(
    cause: str,
    change: Callable[[tuple[Any, ...], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]],
    original: Callable[..., R],
) -> Callable[..., R]:
    """Return a function that does what `original` does with other arguments: those that `change` makes of them."""

    def function(*args: Any, **kwargs: Any) -> R:
        try:
            args, kwargs = change(args, kwargs)
        except Exception as exc:  # noqa: BLE001 - the same guard
            report(cause, exc)
        return original(*args, **kwargs)

    return function


def forget_frame(exc: BaseException) -> None:
    """Take the frame that caught an exception, its traceback's first, out of it; `raise` does not put it back.

    So what a service logs of it is what it would be without us.
    """
    here = exc.__traceback__
    if here is not None:
        exc.__traceback__ = here.tb_next


def instead(cause: str, hook: Callable[..., object]) -> Callable[..., None]:
    """Return a function that only calls `hook`."""

    def function(*args: Any) -> None:
        try:
            hook(*args)
        except Exception as exc:  # noqa: BLE001 - the same guard, with no call more on a request's way
            report(cause, exc)

    return function


def finally_(cause: str, hook: Callable[..., object], original: Callable[..., R]) -> Callable[..., R]:
    """Return a function that does what `original` does; `hook` sees its arguments at the end, come what may."""

    def function(*args: Any, **kwargs: Any) -> R:
        try:
            return original(*args, **kwargs)
        finally:
            try:
                hook(*args)
            except Exception as exc:  # noqa: BLE001 - the same guard, with no call more on a request's way
                report(cause, exc)

    return function


def report(cause: str, exc: BaseException | None = None) -> None:
    """Count a swallowed error and say it once per cause; raise `exc` again in strict mode."""
    if cause not in _errors and len(_errors) >= MAX_CAUSES:
        cause = OTHER
    _errors[cause] = _errors.get(cause, 0) + 1
    if _errors[cause] == 1:
        _reasons[cause] = _describe(exc) if exc is not None else ""
        what = f"{cause}: {_reasons[cause]}" if exc is not None else cause
        _write(f"tracing: {what}; the service runs on")
    if exc is not None and strict():
        raise exc


def warn(message: str) -> None:
    """Say `message` on stderr, once per message and process."""
    if message in _said or len(_said) >= MAX_CAUSES:
        return
    _said.add(message)
    _write(f"tracing: {message}")


def _describe(exc: BaseException) -> str:
    try:
        text = str(exc)
    except Exception:  # noqa: BLE001 - other people's __str__ raises as well
        text = ""
    name = type(exc).__name__
    return f"{name}: {text}" if text else name


def _write(line: str) -> None:
    """Write one line to the process's own stderr in one system call.

    Not through sys.stderr: a service may have put a logger there, and a text stream's lock is not
    re-entrant in a signal handler. A missing, closed or full stderr loses the line; the count stays.
    """
    stream = sys.__stderr__
    if stream is None:
        return
    text = line.replace("\r", " ").replace("\n", " ")
    if len(text) > MAX_LINE:
        text = text[: MAX_LINE - 3] + "..."
    try:
        os.write(stream.fileno(), f"{text}\n".encode("utf-8", "backslashreplace"))
    except (OSError, ValueError):
        return
