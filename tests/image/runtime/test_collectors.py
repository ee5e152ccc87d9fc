"""A collector that refuses, hangs, or answers errors: the service does not notice, the losses are counted."""

import contextlib
import socket
import statistics
import time

import pytest

from tests.caller import Caller
from tests.image.runtime.bad_collector import BadCollector
from tests.image.runtime.scene import AT_THE_END, assert_as_quick
from tests.image.services import wait_for

REQUESTS = 30
# What a request of this service takes is some milliseconds; waiting for a collector would take hundreds.
LATER_AT_MOST_SECONDS = 0.02
# A patient exporter would keep a test waiting for half a minute before it gives a batch up.
IMPATIENT = {"OTEL_BSP_EXPORT_TIMEOUT": "700"}
SERVERS = {
    "gunicorn": ("gunicorn", "-k", "gthread", "-w", "1", "app:app"),
    "werkzeug": ("python", "app.py"),
}
CAUSES = {
    "refuses": "unreachable",
    "black hole": "timeout",
    400: "http_400",
    429: "http_429",
    503: "http_503",
    "garbage": "bad_answer",
}


def lost(cause):
    return f"tracing: spans are lost ({cause}): "


def serve(launch, shop, *, environment):
    return launch(shop, *SERVERS["gunicorn"], environment=environment)


def seconds_of_requests(service):
    taken = []
    for number in range(REQUESTS):
        began = time.monotonic()
        assert service.get(f"/echo/{number}") == (200, f"{number} 0")
        taken.append(time.monotonic() - began)
    return taken


@contextlib.contextmanager
def collector_in(mood, scene):
    """The endpoint of a collector in this mood, and the collector; a port where nobody listens for "refuses"."""
    if mood == "refuses":
        with socket.socket() as taken:
            # Bound and not listening: nobody else gets the port, and who connects is refused.
            taken.bind((scene.host, 0))
            yield f"http://{scene.host}:{taken.getsockname()[1]}", None
        return
    with BadCollector(scene.store, address=scene.host, mood=mood) as bad:
        yield f"http://{scene.host}:{bad.port}", bad


@pytest.fixture(scope="module")
def bare(scene, shop):
    """How long the requests and the stop take without tracing."""

    def run(server):
        service = scene.start(shop, *SERVERS[server], traced=False)
        try:
            return statistics.median(seconds_of_requests(service)), service.stop()
        finally:
            service.container.stop()

    run.known = {server: run(server) for server in SERVERS}
    return run


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("mood", CAUSES)
def test_requests_and_the_stop_take_no_longer_with_a_bad_collector(launch, shop, scene, bare, mood, server):  # noqa: PLR0917
    def run():
        with collector_in(mood, scene) as (endpoint, _):
            environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": AT_THE_END}
            service = launch(shop, *SERVERS[server], environment=environment)
            return seconds_of_requests(service), service.stop()

    bare_seconds, bare_stopped = bare.known[server]
    taken, stopped = run()
    assert statistics.median(taken) <= bare_seconds + LATER_AT_MOST_SECONDS
    assert max(taken) < 0.5
    assert stopped.code == bare_stopped.code
    assert stopped.err.count("tracing: spans are lost (") == 1, "the last spans were lost without a word"
    assert_as_quick(
        stopped.seconds, bare_stopped.seconds, again=lambda: (run()[1].seconds, bare(server)[1].seconds)
    )


@pytest.mark.parametrize("mood", CAUSES)
def test_spans_that_cannot_be_delivered_are_counted_and_told_of_once(launch, shop, scene, mood):
    with collector_in(mood, scene) as (endpoint, _):
        service = serve(launch, shop, environment={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **IMPATIENT})
        for _ in range(3):
            seconds_of_requests(service)
        wait_for(lambda: lost(CAUSES[mood]) in service.err(), what="the loss", told=service.err, seconds=10)
        assert service.get("/echo/1") == (200, "1 0")
        stopped = service.stop()
    assert stopped.err.count(lost(CAUSES[mood])) == 1
    assert "Traceback" not in stopped.err


@pytest.mark.parametrize("mood", [400, 429, 503, "garbage", "black hole"])
def test_a_collector_that_comes_back_gets_the_later_spans_and_the_count_of_the_lost(
    launch, shop, scene, mood
):
    with BadCollector(scene.store, address=scene.host, mood=mood) as bad:
        environment = {"OTEL_EXPORTER_OTLP_TIMEOUT": "500", **IMPATIENT}
        source = f"back-{str(mood).replace(' ', '-')}"
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{scene.host}:{bad.port}/from/{source}"
        service = serve(launch, shop, environment=environment)
        service.source = source
        first = [Caller() for _ in range(5)]
        service.ask("/echo/1", *first)
        wait_for(lambda: lost(CAUSES[mood]) in service.err(), what="the loss", told=service.err, seconds=10)
        bad.mood = "ok"
        later = Caller()
        service.ask("/echo/2", later)
        service.wait_for_spans(1, later)
        service.stop()
        arrived = [caller for caller in first if service.spans(caller)]
        counts = {
            span.scope: span.scope.attributes
            for span in service.spans()
            if f"tracing_bootstrap.dropped.{CAUSES[mood]}" in span.scope.attributes
        }
    # One more was lost than we sent: that of the request by which we saw that the service is ready.
    assert sum(one[f"tracing_bootstrap.dropped.{CAUSES[mood]}"] for one in counts.values()) == 1 + len(
        first
    ) - len(arrived)


def test_a_collector_that_is_away_for_a_moment_loses_nothing(launch, shop, scene):
    with socket.socket() as taken:
        taken.bind((scene.host, 0))
        port = taken.getsockname()[1]
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{scene.host}:{port}/from/away",
        }
        service = serve(launch, shop, environment=environment)
        service.source = "away"
        callers = [Caller() for _ in range(5)]
        service.ask("/echo/1", *callers)
    with BadCollector(scene.store, address=scene.host, port=port):
        service.wait_for_spans(1 + len(callers))
        stopped = service.stop()
    assert "spans are lost" not in stopped.err


def test_a_full_queue_drops_and_counts_and_no_request_waits(launch, shop, scene):
    with collector_in("black hole", scene) as (endpoint, _):
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_BSP_MAX_QUEUE_SIZE": "8",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4",
        }
        service = serve(launch, shop, environment=environment)
        assert max(seconds_of_requests(service)) < 0.5
        stopped = service.stop()
    assert stopped.err.count(lost("queue_full")) == 1
