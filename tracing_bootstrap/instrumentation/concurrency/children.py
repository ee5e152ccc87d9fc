"""subprocess: the trace goes into the environment of what the service starts, Python or not.

Where the child's environment is handed to the kernel, below all of subprocess and asyncio's: what the service
passed, and what it sees of a failed start, stays as it was.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.patching import changed
from tracing_bootstrap.recorder.environment import carry_in_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Where the environment stands among the arguments of `_posixsubprocess.fork_exec`, in every Python since 3.2.
_ENVIRONMENT = 5


def patch_subprocess(module: Any) -> None:
    """Put the trace into children's environments (subprocess)."""
    changed(module, "_fork_exec", "a child process's environment could not carry the trace on", _carry)


def _carry(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    environment = carry_in_list(args[_ENVIRONMENT])
    return (*args[:_ENVIRONMENT], environment, *args[_ENVIRONMENT + 1 :]), kwargs
