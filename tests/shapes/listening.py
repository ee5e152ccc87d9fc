"""What the shapes' callee and collector have in common: a server that listens inside `with`."""

from buildkit.edges.http_server import Server


class Listening:
    """Serves requests with a handler's class, from `with` to its end."""

    def __init__(self, handler, *, address):
        self._server = Server(handler, address=address)

    def __enter__(self):
        self._server.__enter__()
        return self

    def __exit__(self, *exc_info):
        self._server.__exit__(*exc_info)

    @property
    def port(self):
        return self._server.port
