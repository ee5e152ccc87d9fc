"""CherryPy: the path to the page handler with its parameters' names, and the exceptions that CherryPy answers.

CherryPy has no route templates: a URL is a path through a tree of objects, and what is left of it are the handler's
arguments. So `/work/7`, answered by `work(self, n)`, is told as `/work/{n}`: a few values for many URLs, as the
conventions want them.
"""

from __future__ import annotations

import sys

from tracing_bootstrap.instrumentation.patching import after, before
from tracing_bootstrap.instrumentation.server_span import name_route, record_failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def patch_dispatch(module: Any) -> None:
    """Read the handler that a dispatcher found for a path (cherrypy._cpdispatch)."""
    after(module.Dispatcher, "find_handler", "a CherryPy route could not be read", _route)


def patch_request(module: Any) -> None:
    """Record the exception for which CherryPy answers (cherrypy._cprequest)."""
    before(module.Request, "handle_error", "a CherryPy exception could not be recorded", _failed)


def _route(found: tuple[Any, list[str]], _dispatcher: Any, path: str) -> None:
    handler, arguments = found
    if handler is not None:
        request = sys.modules["cherrypy"].serving.request
        root = request.app.script_name
        name_route(template(handler, arguments, path, request.method), root)


def template(handler: Any, arguments: list[str], path: str, method: str | None) -> str:
    """Return the path with the names of the handler's parameters instead of their values."""
    segments = [segment for segment in path.split("/") if segment]
    fixed = segments[: len(segments) - len(arguments)]
    if arguments:
        fixed += _parameters(handler, len(arguments), method)
    return "/" + "/".join(fixed)


def _parameters(handler: Any, count: int, method: str | None) -> list[str]:
    """Return the names of `count` positional parameters, the last of all for whatever `*args` takes."""
    code = getattr(handler, "__code__", None)
    if code is None:
        # The method dispatcher finds an object that has GET, POST and so on.
        handler = getattr(handler, (method or "").upper(), None)
        code = getattr(handler, "__code__", None)
        if code is None:
            return ["{path}"]
    names = code.co_varnames[: code.co_argcount]
    if getattr(handler, "__self__", None) is not None:
        names = names[1:]
    made = [f"{{{name}}}" for name in names[:count]]
    if len(made) < count:
        takes_more = code.co_flags & _VARARGS
        rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount] if takes_more else "path"
        made.append(f"{{{rest}}}")
    return made


#: The flag of a code object whose function has `*args` (inspect.CO_VARARGS).
_VARARGS = 0x04


def _failed(_request: Any) -> None:
    record_failure(sys.exc_info()[1])
