"""Odd places to run in: the service works there, and is traced."""

import pytest
from docker.types import Mount

from tests.caller import Caller

TMP = Mount("/tmp", None, type="tmpfs")
PLACES = {
    "a read-only file system": {"read_only": True},
    "a random uid of group 0": {"user": "54321:0"},
    "a random uid and group": {"user": "54321:54321"},
    "root": {"user": "0"},
    "no /dev/shm": {"ipc_mode": "none"},
    # gunicorn itself needs some place for its workers' heartbeats.
    "all of them": {"read_only": True, "user": "54321:54321", "ipc_mode": "none", "mounts": [TMP]},
    "no capabilities": {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]},
    "little memory and one CPU": {"mem_limit": "96m", "nano_cpus": 10**9},
}
BAD = {
    "OTEL_BSP_MAX_QUEUE_SIZE": "many",
    "OTEL_BSP_EXPORT_TIMEOUT": "-3",
    "OTEL_TRACES_SAMPLER": "sometimes",
    "OTEL_TRACES_SAMPLER_ARG": "half",
    "OTEL_SPAN_EVENT_COUNT_LIMIT": "\u0661\u0662\u0663x",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "zip",
    "OTEL_EXPORTER_OTLP_HEADERS": "no equals sign",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "1e3s",
    "OTEL_PROPAGATORS": "pigeon",
    "OTEL_RESOURCE_ATTRIBUTES": "=,==",
    "OTEL_SDK_DISABLED": "maybe",
    "OTEL_PYTHON_EXCLUDED_URLS": "(",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_service_works_and_is_traced_in(launch, shop, place):
    service = launch(shop, **PLACES[place])
    caller = Caller()
    service.ask("/call", caller)
    server, client = service.wait_for_spans(2, caller)
    assert (server.parent_id, client.parent_id) == (caller.span_id, server.span_id)
    stopped = service.stop()
    assert stopped.code == 0
    assert "tracing:" not in stopped.err
    assert "Traceback" not in stopped.err
    assert "Permission denied" not in stopped.err


def test_without_a_home_it_works_as_well(launch, shop):
    service = launch(shop, "env", "-u", "HOME", "gunicorn", "app:app", user="54321")
    caller = Caller()
    service.ask("/echo/1", caller)
    service.wait_for_spans(1, caller)
    stopped = service.stop()
    assert (stopped.code, "Permission denied" in stopped.err) == (0, False)


@pytest.mark.parametrize("name", BAD)
def test_a_setting_that_does_not_parse_gives_one_warning_and_the_default(launch, shop, name):
    service = launch(shop, environment={name: BAD[name], "WEB_CONCURRENCY": "2"})
    service.wait_for_workers(2)
    caller = Caller()
    service.ask("/call", caller)
    service.wait_for_spans(2, caller)
    stopped = service.stop()
    warnings = [line for line in stopped.err.splitlines() if line.startswith("tracing:")]
    assert len(warnings) == 1, stopped.err
    assert name in warnings[0]
    assert stopped.code == 0


def test_an_endpoint_that_is_no_url_gives_one_warning_and_the_service_runs(launch, shop):
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector, please"}
    service = launch(shop, environment=environment)
    assert service.get("/echo/1") == (200, "1 0")
    stopped = service.stop()
    assert stopped.code == 0
    (warning,) = [line for line in stopped.err.splitlines() if "OTEL_EXPORTER_OTLP_ENDPOINT" in line]
    assert warning.startswith("tracing: ")


def test_a_sampler_that_takes_nothing_sends_nothing_and_carries_the_decision_on(launch, shop):
    service = launch(shop, environment={"OTEL_TRACES_SAMPLER": "always_off"})
    caller = Caller()
    service.ask("/call", caller)
    (call,) = service.calls(caller)
    assert call.header("traceparent").endswith("-00")
    service.stop()
    assert service.spans() == []


def test_gzip_arrives_as_well(launch, shop):
    service = launch(shop, environment={"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"})
    caller = Caller()
    service.ask("/echo/1", caller)
    assert len(service.wait_for_spans(1, caller)) == 1


def test_the_resource_says_who_sent_the_span(launch, shop):
    environment = {"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test,team=a%20b"}
    service = launch(shop, environment=environment, hostname="shop-1")
    caller = Caller()
    service.ask("/echo/1", caller)
    (span,) = service.wait_for_spans(1, caller)
    told = span.resource
    assert told["service.name"] == "app"
    assert told["host.name"] == "shop-1"
    assert told["team"] == "a b"
    assert told["deployment.environment.name"] == "test"
    assert told["telemetry.sdk.language"] == "python"
    assert told["process.runtime.version"].startswith("3.")
    assert {"service.instance.id", "process.pid", "telemetry.distro.name"} <= set(told)
