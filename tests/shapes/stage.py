"""What do all shapes of a run share: a network, a collector, images, venvs, and servers beside them."""

import os
from contextlib import ExitStack, suppress

import docker.errors

from buildkit.decisions import leftovers
from buildkit.edges import environment
from buildkit.edges.container import remove_container
from buildkit.edges.engine import Engine
from buildkit.edges.meeting_point import meeting_point
from buildkit.edges.own_process import is_alive, myself
from tests.shapes.beside import Beside
from tests.shapes.collecting import Collector
from tests.shapes.images import Images
from tests.shapes.venvs import Venvs

#: On everything that a run starts, with who started it.
LABEL = "shapes.run"


class Stage:
    """From `with` to its end; everything that was started is gone then, also after Ctrl-C.

    Attributes:
        bind: The address of this machine that the callees listen on.
        name: The same, as the containers call it.
        direct: Whether this machine reaches containers at their own addresses.
        store: The collector.
        labels: What our containers carry, so that none is left behind.
        is_over: Nothing may be started any more.
    """

    def __init__(self):
        self.labels = {LABEL: str(myself())}
        self.is_over = False
        self._stack = ExitStack()

    def __enter__(self):
        with self._stack:
            settings = environment.settings()
            engine = Engine.connect()
            self._stack.callback(engine.close)
            client = engine.client
            _sweep(client)
            self.network = client.networks.create(
                f"{settings.company}-shapes-{os.getpid()}",
                options=engine.network_options(),
                labels=self.labels,
            )
            self._stack.callback(self.network.remove)
            self._stack.callback(self.remove_containers)
            self._client = client
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

    def remove_containers(self):
        """Nothing more is started, and what was started ends now."""
        self.is_over = True
        for container in _labelled(self._client, f"{LABEL}={self.labels[LABEL]}"):
            remove_container(container)


def _labelled(client, label):
    return client.containers.list(all=True, sparse=True, filters={"label": label})


def _sweep(client):
    """Remove what a run that was killed left behind."""
    for container in _labelled(client, LABEL):
        if _is_left(container.attrs.get("Labels")):
            remove_container(container)
    for network in client.networks.list(filters={"label": LABEL}):
        if _is_left(network.attrs.get("Labels")):
            with suppress(docker.errors.APIError):  # another run was quicker
                network.remove()


def _is_left(labels):
    maker = leftovers.owner((labels or {}).get(LABEL, ""))
    return leftovers.is_leftover(maker, me=myself(), alive=maker is not None and is_alive(maker))
