"""gunicorn's forks: six requests, then SIGTERM at once; every span is there and has its right parent."""

import concurrent.futures
import itertools

import pytest

from buildkit.values.span import Kind
from tests.caller import Caller
from tests.image.runtime.scene import AT_THE_END, assert_as_quick

REQUESTS = 6
WORKERS = 2
AT_ONCE = 3
SAYS = "the service's own post_fork"

ROWS = list(
    itertools.product(
        ("sync", "gthread"), ("", "--preload"), ("the image's config", "own -c", "own -c with post_fork")
    )
)
CONFIGS = {
    "the image's config": (),
    "own -c": ("-c", "own.conf.py"),
    "own -c with post_fork": ("-c", "hooked.conf.py"),
}


def run_row(scene, shop, row, *, traced):
    worker, preload, config = row
    command = ["gunicorn", "-k", worker, *CONFIGS[config], *([preload] if preload else []), "app:app"]
    environment = {"OTEL_BSP_SCHEDULE_DELAY": AT_THE_END, "WEB_CONCURRENCY": str(WORKERS)}
    service = scene.start(shop, *command, traced=traced, environment=environment)
    try:
        service.wait_for_workers(WORKERS)
        callers = [Caller() for _ in range(REQUESTS)]
        answers = service.ask("/call", *callers)
        stopped = service.stop()
        return service, callers, answers, stopped
    finally:
        service.container.stop()


@pytest.fixture(scope="module")
def results(scene, shop):
    """Every row twice, traced and not, a few at once."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            (row, traced): pool.submit(run_row, scene, shop, row, traced=traced)
            for row in ROWS
            for traced in (True, False)
        }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(filter(None, row)))
def test_six_requests_then_sigterm_and_every_span_is_there(results, scene, shop, row):
    service, callers, answers, stopped = results[row, True].result()
    _, _, bare_answers, bare = results[row, False].result()

    for caller in callers:
        server, client = service.spans(caller)
        assert (server.kind, client.kind) == (Kind.SERVER, Kind.CLIENT)
        assert server.parent_id == caller.span_id
        assert client.parent_id == server.span_id
        (call,) = service.calls(caller)
        assert call.header("traceparent") == f"00-{caller.trace_id}-{client.span_id}-01"
    assert answers == bare_answers
    assert stopped.code == bare.code == 0
    assert stopped.out.count(SAYS) == bare.out.count(SAYS) == (WORKERS if "post_fork" in row[2] else 0)
    assert "tracing:" not in stopped.err

    def again():
        return tuple(run_row(scene, shop, row, traced=traced)[3].seconds for traced in (True, False))

    assert_as_quick(stopped.seconds, bare.seconds, again=again)
