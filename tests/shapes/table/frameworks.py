from tests.shapes.row import Row
from tests.shapes.table import wsgi_frameworks

ROWS: tuple[Row, ...] = (*wsgi_frameworks.ROWS,)
