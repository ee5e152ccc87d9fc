"""Where do services run while they are looked at? In a network of our own, beside our own servers."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from docker.errors import APIError

from buildkit.decisions import ports as ports_of
from buildkit.edges.call_log import CallLog
from buildkit.edges.callee import callee
from buildkit.edges.collector.server import collector
from buildkit.edges.collector.store import SpanStore
from buildkit.edges.container import RunningService
from buildkit.edges.egress.catcher import Catcher
from buildkit.edges.egress.sidecar import relay
from buildkit.edges.leftovers import remove_network, sweep
from buildkit.edges.meeting_point import ELSEWHERE, meeting_point
from buildkit.edges.own_process import myself
from buildkit.values.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from types import TracebackType

    from docker.models.networks import Network

    from buildkit.edges.engine import Engine
    from buildkit.values.service import ServiceImage

# Where a service's libraries look for the authorities that they trust. For the time of the run that is ours
# alone: whoever is called over TLS by a name is us.
TRUST = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
)
# What the engine says when its address pools are used up: 31 networks, unless it is told otherwise.
_NO_ROOM = ("available, non-overlapping", "have been fully subnetted")
_TRUSTED = "/verify-authority.pem"


class Sandbox:
    """A network, a collector, a callee, a catcher, and the services started among them, from `with` to its end.

    Args:
        engine: runs the services.
        company: in the label of what is made.
        relay_image: an image on the base, for the catcher's part in the network; empty for no catcher.

    Raises:
        docker.errors.APIError: the engine refuses a network.
        CommandFailed: it has none left.
    """

    def __init__(self, engine: Engine, *, company: str, relay_image: str = "") -> None:
        self.spans = SpanStore()
        self.calls = CallLog()
        self._engine = engine
        self._client = engine.client
        self._label = f"com.{company}.buildkit.verify"
        self._name = f"{company}-verify-{secrets.token_hex(4)}"
        self._stack = ExitStack()
        self._relay_image = relay_image
        self._catcher: Catcher | None = None
        self._name_server = ""
        self._services: list[RunningService] = []

    def __enter__(self) -> Self:
        sweep(self._client, label=self._label)
        labels = {self._label: str(myself())}
        with ExitStack() as stack:
            network = self._network(labels)
            stack.callback(remove_network, network)
            self._place = stack.enter_context(meeting_point(self._client, network))
            self._collector = stack.enter_context(collector(self.spans, address=self._place.bind))
            self._callee = stack.enter_context(callee(self.calls, address=self._place.bind))
            if self._relay_image:
                self._catcher, self._name_server = self._catch(stack)
            # Only now is it ours to close: until here, an error or a Ctrl-C closes what was opened.
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _network(self, labels: Mapping[str, str]) -> Network:
        try:
            return self._client.networks.create(
                self._name, driver="bridge", labels=dict(labels), options=self._engine.network_options()
            )
        except APIError as error:
            if not any(sign in str(error.explanation) for sign in _NO_ROOM):
                raise
            raise CommandFailed(
                "the engine has no address left for another network",
                hint="remove unused ones with `docker network prune`, or verify fewer images at a time",
            ) from None

    def _catch(self, stack: ExitStack) -> tuple[Catcher, str]:
        catcher = stack.enter_context(Catcher(self.calls, address=self._place.bind))
        address = stack.enter_context(
            relay(
                self._client,
                image=self._relay_image,
                catcher=catcher,
                hub=self._place.name,
                name=f"{self._name}-relay",
                network=self._name,
                labels={self._label: str(myself())},
                extra_hosts=self._further_hosts,
            )
        )
        return catcher, address

    @property
    def catches(self) -> bool:
        """Whether calls by name come to us."""
        return bool(self._name_server)

    @property
    def _further_hosts(self) -> dict[str, str]:
        return {} if self._place.direct else {ELSEWHERE: "host-gateway"}

    def expect(self, ports: Collection[int]) -> None:
        """Have calls on these ports come to us as well."""
        if self._catcher is not None and self.catches:
            self._catcher.open(ports)

    @property
    def callee_url(self) -> str:
        """Where the service can call us, as seen from its container."""
        return f"http://{self._place.name}:{self._callee.port}"

    def endpoint(self, source: str) -> str:
        """OTEL_EXPORTER_OTLP_ENDPOINT for the service of that name, as seen from its container."""
        return f"http://{self._place.name}:{self._collector.port}/from/{source}"

    def add(
        self,
        image: ServiceImage,
        *,
        name: str,
        ports: Sequence[int],
        environment: Mapping[str, str],
        command: Sequence[str] | None = None,
    ) -> RunningService:
        """Create a service's container, with its own entrypoint and command; `start()` starts it.

        Args:
            image: what to run.
            name: how others in the network reach it.
            ports: where it may listen.
            environment: put on top of the image's own.

            command: instead of the image's own; None for that.

        Raises:
            docker.errors.ImageNotFound: there is no such image in the engine.
        """
        options: dict[str, Any] = {}
        if self.catches:
            # No search domain: a name is to come to us as the service says it.
            options = {"dns": [self._name_server], "dns_search": ["."]}
            self.expect(ports_of.named({**image.environment, **environment}))
            environment = {**dict.fromkeys(TRUST, _TRUSTED), **environment}
        container = self._client.containers.create(
            image.name,
            list(command) if command is not None else None,
            name=f"{self._name}-{name}",
            hostname=name,
            environment=dict(environment),
            labels={self._label: str(myself())},
            network=self._name,
            networking_config={
                self._name: self._client.api.create_endpoint_config(aliases=[name]),
            },
            extra_hosts=self._further_hosts,
            # Port 0: the engine takes a free one.
            ports={} if self._place.direct else {f"{port}/tcp": ("127.0.0.1", 0) for port in ports},
            **options,
        )
        running = RunningService(container, image=image, direct=self._place.direct, on_end=self.spans.wake)
        self._stack.callback(running.remove)
        self._services.append(running)
        if self._catcher is not None and self.catches:
            running.put(_TRUSTED, self._catcher.authority.pem)
        return running

    def abort(self) -> None:
        """Let nobody wait any longer for the services in it: they count as ended."""
        for running in tuple(self._services):
            running.died.set()
        self.spans.wake()
