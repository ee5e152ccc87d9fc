from tests.shapes.row import Row

ROWS: tuple[Row, ...] = ()
