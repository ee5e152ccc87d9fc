"""SQLAlchemy: spans of statements, in engines whose driver has no detail of its own.

Where the driver has, its span is the statement's; two of one statement would count it twice.
"""

from __future__ import annotations

from tracing_bootstrap.instrumentation.detail import isolation, load
from tracing_bootstrap.instrumentation.detail.stand_ins import NOTHING
from tracing_bootstrap.instrumentation.patching import after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LIBRARY = "sqlalchemy"

#: SQLAlchemy's names of the drivers that have detail, and the library's name there.
_DRIVERS = {
    "aiosqlite": "sqlite3",
    "asyncpg": "asyncpg",
    "mysqlconnector": "mysql",
    "mysqldb": "mysqlclient",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
    "psycopg2cffi": "psycopg2",
    "psycopg_async": "psycopg",
    "pymysql": "pymysql",
    "pysqlite": "sqlite3",
}


def patch(module: Any) -> None:
    """Look at each engine when it is made (sqlalchemy.engine.base)."""
    after(module.Engine, "__init__", "an SQLAlchemy engine could not be traced", _made)


def _made(_result: None, engine: Any, *_args: Any) -> None:
    driver = _DRIVERS.get(engine.dialect.driver)
    if driver is not None and not load.obstacle(driver):
        return
    with load.lock():
        if _LIBRARY not in load.states:
            load.states[_LIBRARY] = load.obstacle(_LIBRARY) or load.LOADED
            load.prepare()
    if load.states[_LIBRARY] == load.LOADED:
        trace = isolation.load("opentelemetry.trace")
        name = "opentelemetry.instrumentation.sqlalchemy"
        tracer = trace.get_tracer(name, isolation.load(f"{name}.version").__version__)
        contrib = isolation.load(f"{name}.engine")
        contrib._get_db_name_from_cursor_or_conn = _database
        contrib.EngineTracer(tracer, engine, NOTHING)


def _database(_vendor: Any, connection: Any, _cursor: Any) -> Any:
    """Return the database's name as the service gave it: asking the cursor makes some drivers warn."""
    return connection.engine.url.database
