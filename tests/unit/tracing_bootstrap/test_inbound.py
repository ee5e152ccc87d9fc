"""Which trace a request joins, in a process of its own for each setting."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
W3C = "4bf92f3577b34da6a3ce929d0e0e4736"
ZIPKIN = "80f198ee56343ba864fe8b2a57d3eff7"
UBER = "a0f198ee56343ba864fe8b2a57d3eff8"
CALLER = "00f067aa0ba902b7"

PROGRAM = """
import json, sys
from tracing_bootstrap.instrumentation import wsgi
from tracing_bootstrap.recorder import tracer
for line in sys.stdin:
    headers = json.loads(line)
    span = wsgi.begin({"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()})
    print(json.dumps({
        "trace": span.trace_id, "parent": span.parent_id, "flags": span.flags, "state": span.tracestate,
        "baggage": span.baggage, "debug": span.debug, "kept": span.on_end is not None,
        "links": [[trace, parent, flags] for trace, parent, _, flags, _ in span.links or ()],
    }), flush=True)
"""


def begin(headers, **environ):
    """Begin the span of one request with these headers, and tell what became of it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "TRACING_BOOTSTRAP_STRICT": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
            **environ,
        },
        input=json.dumps(headers) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def traceparent(flags="01"):
    return f"00-{W3C}-{CALLER}-{flags}"


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"b3": f"{ZIPKIN}-{CALLER}-1"}, ZIPKIN),
        ({"x-b3-traceid": ZIPKIN, "x-b3-spanid": CALLER, "x-b3-sampled": "1"}, ZIPKIN),
        ({"uber-trace-id": f"{UBER}:{CALLER}:0:1"}, UBER),
        (
            {"x-datadog-trace-id": str(int(W3C[16:], 16)), "x-datadog-parent-id": str(int(CALLER, 16))},
            W3C[16:].rjust(32, "0"),
        ),
        ({"x-amzn-trace-id": f"Root=1-{UBER[:8]}-{UBER[8:]};Parent={CALLER};Sampled=1"}, UBER),
        (
            {"ot-tracer-traceid": UBER[16:], "ot-tracer-spanid": CALLER, "ot-tracer-sampled": "true"},
            UBER[16:].rjust(32, "0"),
        ),
    ],
)
def test_every_format_is_understood_without_a_setting(headers, trace):
    span = begin(headers)
    assert (span["trace"], span["parent"], span["kept"], span["links"]) == (trace, CALLER, True, [])


def test_a_valid_traceparent_goes_before_all_others():
    span = begin({"traceparent": traceparent(), "b3": f"{ZIPKIN}-{CALLER}-0"})
    assert (span["trace"], span["kept"], span["links"]) == (W3C, True, [])


def test_an_invalid_traceparent_hides_no_other_format():
    assert begin({"traceparent": traceparent("1"), "b3": f"{ZIPKIN}-{CALLER}-1"})["trace"] == ZIPKIN


def test_of_formats_that_disagree_the_first_is_the_parent_and_the_others_are_linked():
    span = begin({"uber-trace-id": f"{UBER}:{CALLER}:0:1", "b3": f"{ZIPKIN}-{CALLER}-1", "x-b3-sampled": "1"})
    assert span["trace"] == ZIPKIN
    assert span["links"] == [[UBER, CALLER, 1]]


def test_formats_that_agree_are_not_linked_also_where_one_has_only_half_the_id():
    datadog = {"x-datadog-trace-id": str(int(ZIPKIN[16:], 16)), "x-datadog-parent-id": str(int(CALLER, 16))}
    assert begin({"b3": f"{ZIPKIN}-{CALLER}-1", **datadog})["links"] == []


def test_a_format_that_is_asked_for_goes_before_w3c_where_that_is_not():
    span = begin({"traceparent": traceparent(), "b3": f"{ZIPKIN}-{CALLER}-1"}, OTEL_PROPAGATORS="b3")
    assert span["trace"] == ZIPKIN
    assert span["links"] == [[W3C, CALLER, 1]]
    assert begin({"traceparent": traceparent()}, OTEL_PROPAGATORS="b3")["trace"] == W3C


def test_none_believes_nobody():
    span = begin({"traceparent": traceparent(), "b3": f"{ZIPKIN}-{CALLER}-1"}, OTEL_PROPAGATORS="none")
    assert span["trace"] not in (W3C, ZIPKIN)
    assert (span["parent"], span["links"]) == ("", [])


def test_a_decision_without_a_trace_is_followed_in_a_trace_that_begins_here():
    span = begin({"b3": "0"})
    assert (span["parent"], span["flags"], span["kept"]) == ("", 0, False)
    kept = begin({"b3": "1"}, OTEL_TRACES_SAMPLER="parentbased_always_off")
    assert (kept["parent"], kept["flags"], kept["kept"]) == ("", 1, True)
    assert begin({"b3": "0"}, OTEL_TRACES_SAMPLER="always_on")["kept"]


def test_a_decision_left_to_us_is_made_by_our_sampler():
    deferred = {"b3": f"{ZIPKIN}-{CALLER}"}
    assert begin(deferred)["flags"] == 1
    assert begin(deferred, OTEL_TRACES_SAMPLER="parentbased_always_off")["flags"] == 0
    assert begin(deferred, OTEL_TRACES_SAMPLER="parentbased_ratelimited")["state"] == "ot=th:0"


def test_a_debug_flag_is_kept():
    assert begin({"b3": f"{ZIPKIN}-{CALLER}-d"})["debug"]
    assert not begin({"b3": f"{ZIPKIN}-{CALLER}-1"})["debug"]


def test_baggage_comes_from_its_own_header_else_from_the_format():
    jaeger = {"uber-trace-id": f"{UBER}:{CALLER}:0:1", "uberctx-user": "alice"}
    assert begin(jaeger)["baggage"] == "user=alice"
    assert begin({**jaeger, "baggage": "user=bob"})["baggage"] == "user=bob"
    assert begin(jaeger, OTEL_PROPAGATORS="tracecontext")["baggage"] == ""


@pytest.mark.parametrize("headers", [{"traceparent": traceparent()}, {"b3": f"{W3C}-{CALLER}-1"}])
def test_at_the_edge_a_request_begins_a_trace_of_its_own_linked_to_the_one_that_it_names(headers):
    span = begin({**headers, "tracestate": "a=1", "baggage": "user=alice"}, TRACING_BOOTSTRAP_EDGE="true")
    assert span["trace"] != W3C
    assert (span["parent"], span["state"], span["baggage"], span["kept"]) == ("", "", "", True)
    assert span["links"] == [[W3C, CALLER, 1]]


def test_at_the_edge_nobody_outside_decides_what_is_kept():
    edge = {"TRACING_BOOTSTRAP_EDGE": "true"}
    assert begin({"traceparent": traceparent("00")}, **edge)["kept"]
    assert not begin({"traceparent": traceparent()}, OTEL_TRACES_SAMPLER="parentbased_always_off", **edge)[
        "kept"
    ]
    assert begin({"baggage": "user=alice"}, **edge)["baggage"] == ""
    assert begin({}, **edge)["links"] == []


def test_a_threshold_that_a_caller_wrote_travels_on_unless_it_cannot_be_right():
    headers = {"traceparent": traceparent(), "tracestate": "ot=th:c"}
    # The randomness of the trace, its last 56 bits, begins with ce.
    assert begin(headers)["state"] == "ot=th:c"
    assert begin({**headers, "tracestate": "ot=th:cf"})["state"] == ""
    assert begin(headers, OTEL_TRACES_SAMPLER="always_on")["state"] == ""


def test_a_trace_that_begins_under_the_rate_limited_sampler_says_its_probability():
    span = begin({}, OTEL_TRACES_SAMPLER="parentbased_ratelimited", OTEL_TRACES_SAMPLER_ARG="5")
    assert (span["state"], span["flags"], span["kept"]) == ("ot=th:0", 1, True)
