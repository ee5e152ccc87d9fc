"""What do all shapes of a run share: a network, a collector, images, venvs, and servers beside them."""

import os
from contextlib import ExitStack

from buildkit.edges import environment
from buildkit.edges.engine import Engine
from buildkit.edges.meeting_point import meeting_point
from tests.shapes.beside import Beside
from tests.shapes.collecting import Collector
from tests.shapes.images import Images
from tests.shapes.venvs import Venvs


class Stage:
    """From `with` to its end; everything that was started is gone then, also after Ctrl-C.

    Attributes:
        bind: The address of this machine that the callees listen on.
        name: The same, as the containers call it.
        direct: Whether this machine reaches containers at their own addresses.
        store: The collector.
        label: What our containers carry, so that none is left behind.
    """

    def __init__(self):
        self.label = f"run-{os.getpid()}"
        self._stack = ExitStack()

    def __enter__(self):
        with self._stack:
            settings = environment.settings()
            engine = Engine.connect()
            self._stack.callback(engine.close)
            client = engine.client
            self.network = client.networks.create(
                f"{settings.company}-shapes-{os.getpid()}", options=engine.network_options()
            )
            self._stack.callback(self.network.remove)
            self._stack.callback(self._remove_containers, client)
            point = self._stack.enter_context(meeting_point(client, self.network))
            self.bind, self.name, self.direct = point.bind, point.name, point.direct
            self.store = self._stack.enter_context(Collector(address=self.bind))
            self.images = Images(engine, settings=settings)
            self.venvs = Venvs(
                engine,
                company=settings.company,
                ca_bundle=settings.ca_bundle,
                builders=self.images.builder,
            )
            self.beside = self._stack.enter_context(Beside(engine, settings=settings, stage=self))
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *exc_info):
        self._stack.close()

    def endpoint(self, source):
        """Where the service of that name sends its spans."""
        return f"http://{self.name}:{self.store.port}/from/{source}"

    def _remove_containers(self, client):
        for container in client.containers.list(all=True, filters={"label": f"shapes={self.label}"}):
            container.remove(force=True, v=True)
