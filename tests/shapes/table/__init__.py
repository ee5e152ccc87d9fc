"""Every shape, one row each; each module has `ROWS`. A bug report begins here."""

import dataclasses

from tests.shapes.table import (
    asgi_frameworks,
    asgi_servers,
    clients,
    concurrency,
    detail,
    exits,
    instrumented,
    other_frameworks,
    other_servers,
    packaging,
    pins,
    queues,
    wsgi_frameworks,
    wsgi_servers,
)

GROUPS = {
    "servers": (wsgi_servers, asgi_servers, other_servers),
    "frameworks": (wsgi_frameworks, asgi_frameworks, other_frameworks),
    "clients": (clients,),
    "queues": (queues,),
    "concurrency": (concurrency,),
    "packaging": (packaging,),
    "pins": (pins,),
    "instrumented": (instrumented,),
    "detail": (detail,),
    "exits": (exits,),
}

ROWS = tuple(
    dataclasses.replace(row, group=group)
    for group, modules in GROUPS.items()
    for module in modules
    for row in module.ROWS
)
