"""sqlite3: contrib's spans, made in subclasses of the connection and the cursor.

Contrib's own way wraps a connection in a proxy, which sqlite3 does not take for one (`Connection.backup`), and
which does not see `connection.execute`: that makes a cursor in C.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.detail import isolation
from tracing_bootstrap.instrumentation.patching import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_NAME = "opentelemetry.instrumentation.sqlite3"


def instrument(module: Any) -> None:
    """Have connections that are opened without a factory of the service's own made by ours."""
    library = module.sqlite3
    dbapi = isolation.load("opentelemetry.instrumentation.dbapi")
    integration = dbapi.DatabaseApiIntegration(_NAME, "sqlite", {}, version=module.__version__)
    tracer = dbapi.CursorTracer(integration)

    class Cursor(library.Cursor):  # type: ignore[misc, name-defined]
        def execute(self, *args: Any) -> Any:
            return tracer.traced_execution(self, super().execute, *args)

        def executemany(self, *args: Any) -> Any:
            return tracer.traced_execution(self, super().executemany, *args)

    class Connection(library.Connection):  # type: ignore[misc, name-defined]
        def cursor(self, factory: Any = Cursor) -> Any:
            """Return a traced cursor, or one of the service's own class."""
            return super().cursor(factory)

        # In C these do the same with a cursor of C's own.
        def execute(self, *args: Any) -> Any:
            return self.cursor().execute(*args)

        def executemany(self, *args: Any) -> Any:
            return self.cursor().executemany(*args)

    for cls, base in ((Cursor, library.Cursor), (Connection, library.Connection)):
        cls.__name__, cls.__qualname__, cls.__module__ = base.__name__, base.__qualname__, base.__module__

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(*args: Any, **kwargs: Any) -> Any:
            # `factory` is connect's sixth positional parameter.
            if len(args) < 6 and kwargs.get("factory") is None:
                kwargs["factory"] = Connection
            return original(*args, **kwargs)

        return connect

    replace(library, "connect", make)
    library.dbapi2.connect = library.connect
