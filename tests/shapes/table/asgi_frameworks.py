"""ASGI frameworks under uvicorn: the route's name, and what each does with an exception."""

from tests.shapes.row import Row

ROWS: tuple[Row, ...] = ()
