"""OpenTelemetry's API acts on our spans, in the image's version and in whichever a service brings."""

import json

import pytest

from buildkit.values.span import Kind, Status
from tests.caller import Caller
from tests.image.runtime.conftest import files
from tests.image.services import wait_for

VERSIONS = {
    "the image's API": "",
    "API 1.20": "opentelemetry-api==1.20.0\n",
    "the newest API": "opentelemetry-api==1.45.2\n",
    "the newest SDK": "opentelemetry-sdk==1.45.2\n",
}


@pytest.fixture(scope="module", params=VERSIONS)
def priced(request, build_service):
    """The shop's image with that version of the API."""
    wanted = files("shop")
    return build_service(wanted | {"requirements.txt": wanted["requirements.txt"] + VERSIONS[request.param]})


@pytest.fixture(scope="module")
def with_sdk(build_service):
    wanted = files("shop")
    return build_service(
        wanted | {"requirements.txt": wanted["requirements.txt"] + VERSIONS["the newest SDK"]}
    )


@pytest.fixture
def service(launch, priced):
    return launch(priced, "gunicorn", "priced:app")


def by_name(spans):
    found = {span.name: span for span in spans}
    assert len(found) == len(spans)
    return found


def test_spans_attributes_events_links_and_baggage_of_the_services_own(service):
    caller = Caller()
    said = json.loads(service.ask("/price", caller, baggage="tenant=blue")[0])
    spans = by_name(service.wait_for_spans(6, caller))
    assert set(spans) == {"GET /price", "price", "discount", "negotiate", "GET", "renamed"}
    entry, price, negotiate = spans["GET /price"], spans["price"], spans["negotiate"]
    assert said == {
        "trace_id": caller.trace_id,
        "span_id": entry.span_id,
        "recording": True,
        "valid": True,
        "baggage": "blue",
    }
    assert entry.parent_id == caller.span_id
    assert entry.attributes["order.id"] == 7
    assert entry.attributes["order.paid"] is True
    assert entry.attributes["order.items"] == ("a", "b")
    assert [spans[name].parent_id for name in ("price", "discount", "negotiate", "GET", "renamed")] == [
        entry.span_id,
        price.span_id,
        price.span_id,
        negotiate.span_id,
        entry.span_id,
    ]
    assert (price.kind, negotiate.kind, spans["GET"].kind) == (Kind.INTERNAL, Kind.CLIENT, Kind.CLIENT)
    assert price.attributes["currency"] == "EUR"
    ((event,), (link,)) = price.events, negotiate.links
    assert (event.name, event.attributes["key"]) == ("cache miss", "p7")
    assert (link.trace_id, link.span_id, link.attributes["why"]) == (caller.trace_id, entry.span_id, "batch")
    assert (price.scope.name, price.scope.version) == ("shop.prices", "1.2")
    (call,) = service.calls(caller)
    assert call.header("traceparent") == f"00-{caller.trace_id}-{spans['GET'].span_id}-01"
    assert sorted(call.header("baggage").split(",")) == ["customer=gold", "tenant=blue"]


def test_exceptions_that_are_told_and_that_escape(service):
    caller = Caller()
    assert service.ask("/risk", caller) == ["survived"]
    spans = by_name(service.wait_for_spans(3, caller))
    told, escaped = spans["told"], spans["escaped"]
    assert (told.status, told.status_message) == (Status.ERROR, "gave up")
    ((one,), (other,)) = told.events, escaped.events
    assert one.attributes["exception.type"] == "KeyError"
    assert one.attributes["retry"] == 1
    assert escaped.status == Status.ERROR
    assert "unknown trouble" in escaped.status_message
    assert other.attributes["exception.message"] == "unknown trouble"
    assert spans["GET /risk"].status == Status.UNSET


def test_a_span_in_an_empty_context_begins_a_trace(service):
    caller = Caller()
    service.ask("/new", caller)
    service.wait_for_spans(1, caller)
    wait_for(
        lambda: {span.name for span in service.spans()} >= {"apart", "GET"}, what="the other trace", seconds=5
    )
    spans = {span.name: span for span in service.spans() if span.trace_id != caller.trace_id}
    assert spans["apart"].parent_id == ""
    assert spans["GET"].parent_id == spans["apart"].span_id


def test_the_apis_own_propagators_carry_our_trace(service):
    caller = Caller()
    carrier = service.json("/carry", traceparent=caller.traceparent, tracestate="a=1", baggage="k=v")
    (span,) = service.wait_for_spans(1, caller)
    assert carrier == {
        "traceparent": f"00-{caller.trace_id}-{span.span_id}-01",
        "tracestate": "a=1",
        "baggage": "k=v",
    }


def test_nothing_of_it_is_said_in_the_log(service):
    service.get("/price")
    stopped = service.stop()
    assert "tracing:" not in stopped.err
    assert "Traceback" not in stopped.err


def test_a_service_gets_no_package_that_it_has_not_installed(launch, shop, run):
    service = launch(shop, "gunicorn", "priced:app")
    assert service.get("/price")[0] == 200
    assert service.get("/extensions")[1] == "No module named 'typing_extensions'"
    lists = [
        run(shop, "pip", "freeze", environment=environment)
        for environment in ({}, {"OTEL_SDK_DISABLED": "true"})
    ]
    assert lists[0] == lists[1]
    assert "opentelemetry" not in lists[0].out


def test_a_service_that_pins_another_version_of_the_apis_helper_keeps_it(launch, build_service):
    wanted = files("shop")
    image = build_service(
        wanted | {"requirements.txt": wanted["requirements.txt"] + "typing_extensions==4.12.2\n"}
    )
    service = launch(image, "gunicorn", "priced:app")
    caller = Caller()
    service.ask("/price", caller)
    assert len(service.wait_for_spans(6, caller)) == 6
    assert service.get("/extensions")[1].startswith("/opt/venv/")
    assert "typing_extensions==4.12.2" in service.shell("pip freeze")


def test_without_tracing_the_image_lends_no_api_either(run, shop):
    ended = run(shop, "python", "-c", "import opentelemetry.trace", environment={"OTEL_SDK_DISABLED": "true"})
    assert ended.code == 1
    assert "No module named 'opentelemetry'" in ended.err


def test_an_sdk_of_the_services_own_sends_its_spans_where_it_wants_in_our_traces(launch, with_sdk):
    service = launch(with_sdk, "gunicorn", "own_sdk:app")
    caller = Caller()
    service.ask("/sdk", caller)
    entry, client = service.wait_for_spans(2, caller)
    stopped = service.stop()
    printed = by_name_printed(stopped.out, caller)
    assert set(printed) == {"own", "early"}
    assert printed["own"]["parent_id"] == f"0x{entry.span_id}"
    assert printed["early"]["parent_id"] == printed["own"]["context"]["span_id"]
    # It prints its spans: our collector has none of them, and its tree no gap.
    assert client.parent_id == entry.span_id
    assert (entry.kind, client.kind) == (Kind.SERVER, Kind.CLIENT)
    assert (entry.name, entry.parent_id) == ("GET /sdk", caller.span_id)
    assert "Overriding" not in stopped.err
    assert "tracing:" not in stopped.err
    assert service.spans(caller) == [entry, client]


def by_name_printed(out, caller):
    spans = [json.loads(line.removeprefix("SPAN ")) for line in out.splitlines() if line.startswith("SPAN ")]
    return {span["name"]: span for span in spans if span["context"]["trace_id"] == f"0x{caller.trace_id}"}
