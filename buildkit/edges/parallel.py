"""How are several images looked at side by side, so that one's trouble is not the others'?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from buildkit.decisions.verified import Result
from buildkit.edges import commands, progress
from buildkit.values.errors import BuildkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.values.verification import Verification

Named = TypeVar("Named")


def in_parallel(
    look: Callable[[Named], Verification],
    names: Sequence[Named],
    *,
    most: int,
    abort: Callable[[], None],
    title: Callable[[Named], str] = str,
) -> tuple[Result, ...]:
    """Look at each, at most so many at a time; results in the order of names, an error among them.

    Args:
        look: gives the verdict on one.
        names: of the images; one that comes twice is looked at once.
        most: how many at a time.
        abort: called on Ctrl-C: lets those under way end at once.
        title: how one is called in the report.
    """

    def result(name: Named) -> Result:
        began = monotonic()
        try:
            found = look(name)
        except BuildkitError as error:
            return Result(title(name), monotonic() - began, error=error)
        except OSError as error:  # also the engine's and the network's
            return Result(title(name), monotonic() - began, error=commands.from_system(error))
        return Result(title(name), monotonic() - began, found)

    different = list(dict.fromkeys(names))
    with ThreadPoolExecutor(most) as pool:
        pending = [pool.submit(result, name) for name in different]
        try:
            for number, done in enumerate(as_completed(pending), start=1):
                one = done.result()
                progress.say(
                    f"  {number} of {len(different)}  {one.image}: {one.word} in {one.seconds:.1f} s"
                )
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            abort()
            raise
    return tuple(done.result() for done in pending)
