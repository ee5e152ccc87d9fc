"""Every shape, one row each; a group is a module of this package with `ROWS`. A bug report begins here."""

import dataclasses

from tests.shapes.table import (
    asgi_frameworks,
    asgi_servers,
    clients,
    concurrency,
    detail,
    exits,
    frameworks,
    instrumented,
    packaging,
    pins,
    queues,
    servers,
)

ROWS = tuple(
    dataclasses.replace(row, group=module.__name__.rpartition(".")[2])
    for module in (
        servers,
        frameworks,
        asgi_servers,
        asgi_frameworks,
        clients,
        queues,
        concurrency,
        packaging,
        pins,
        instrumented,
        detail,
        exits,
    )
    for row in module.ROWS
)
