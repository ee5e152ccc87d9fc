"""What is compared with what, and in which container each of them runs."""

from dataclasses import dataclass

WRAPPER = "opentelemetry-instrument"

#: How the name of a route ends whose caller did not sample its trace.
UNSAMPLED = " unsampled"

#: Spans that one request makes, by route.
SPANS = {"hello": 1, "chain": 2, "wsgi": 1, "asgi": 1, "fastapi": 1}
#: opentelemetry-instrument has one for every message that an ASGI application sends, as well.
PEERS_SPANS = {**SPANS, "asgi": 3, "fastapi": 3}

# What a service's owner would set; every side is given the same, though only two read it.
SETTINGS = {
    "OTEL_SERVICE_NAME": "bench",
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_TRACES_EXPORTER": "otlp",
    "OTEL_METRICS_EXPORTER": "none",
    "OTEL_LOGS_EXPORTER": "none",
    "no_proxy": "127.0.0.1",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One way to run the service.

    Attributes:
        name: Also the first word of the path that its spans are sent to.
        traced_image: Whether it runs on our image as it is, or on the one without our legs.
        wrapper: What stands before every command.
        spans: Whether it sends any.
    """

    name: str
    traced_image: bool = False
    wrapper: tuple[str, ...] = ()
    spans: bool = False

    def spans_of(self, route):
        """How many spans a request to the route makes."""
        if not self.spans or route.endswith(UNSAMPLED):
            return 0
        return (PEERS_SPANS if self.wrapper else SPANS)[route]


BARE = Side("bare")
CONTROL = Side("control")  # bare once more: how far two equal sides differ here is the noise of a row
OURS = Side("ours", traced_image=True, spans=True)
PEER = Side("peer", wrapper=(WRAPPER,), spans=True)
SIDES = (BARE, OURS, PEER, CONTROL)


def in_turn(number):
    """The sides in another order each time: whoever comes first or last would have an advantage."""
    first = number % len(SIDES)
    return (*SIDES[first:], *SIDES[:first])


def slices(number, *, requests, slice_of):
    """Deal a round's requests to all sides in slices of a few, as (side, how many).

    What the machine's other users do comes and goes within a round, and so hits all sides alike.
    """
    for position in range(requests // slice_of):
        for side in in_turn(number + position):
            yield side, slice_of
