"""One span of each unit of work, whoever else makes one: through the API alone, or by an SDK."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[3]

START = """
import json, types
from tracing_bootstrap import bootstrap
bootstrap.arm("test")
from opentelemetry import context, trace
from opentelemetry.trace import SpanKind
from tracing_bootstrap.instrumentation import foreign_span
from tracing_bootstrap.instrumentation.clients.client_span import ClientSpan
from tracing_bootstrap.instrumentation.server_span import ServerSpan
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import CLIENT
ended = []
tracer.get().take = ended.append
PARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
entry = tracer.from_headers(ServerSpan, PARENT, None, None)
current.set(entry)
def by(name):
    return trace.get_tracer(f"opentelemetry.instrumentation.{name}")

class Theirs(trace.NonRecordingSpan):
    '''A span of an SDK that exports to `endpoint`, as far as we look into one.'''
    def __init__(self, endpoint, *, kind, scope, span_id=0x77, trace_id=int("a" * 32, 16)):
        super().__init__(trace.SpanContext(trace_id, span_id, False, trace.TraceFlags(1)))
        self.kind = kind
        self.instrumentation_scope = types.SimpleNamespace(name=scope)
        exporter = types.SimpleNamespace(_endpoint=endpoint)
        self._span_processor = types.SimpleNamespace(
            _span_processors=(types.SimpleNamespace(span_exporter=exporter),)
        )

REQUESTS = "opentelemetry.instrumentation.requests"
COMPANY = "http://collector.company:4318/v1/traces"
def call():
    span = tracer.child(ClientSpan, "GET", CLIENT)
    written = span.span_id
    if span.on_end:
        span.end()
    return written
"""


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", START + textwrap.dedent(code)],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "TRACING_BOOTSTRAP_STRICT": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.company:4318",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_second_server_span_is_the_first_one_and_keeps_what_the_services_hooks_say():
    found = run(
        """
        with by("flask").start_as_current_span("GET /", kind=SpanKind.SERVER) as span:
            span.set_attribute("http.method", "GET")
            span.set_attribute("customer", "gold")
            span.update_name("other")
            span.record_exception(ValueError())
            same = span.get_span_context().span_id == int(entry.span_id, 16)
            call()
        (client,) = ended
        tracer.get().take = None
        print(json.dumps([
            same, span.is_recording(), entry.attributes, entry.events, client.parent_id == entry.span_id,
            current.get() is entry,
        ]))
        """
    )
    assert found == [True, True, {"customer": "gold"}, None, True, True]


def test_the_inner_spans_of_a_servers_instrumentation_are_left_out_and_others_are_not():
    found = run(
        """
        with by("asgi").start_as_current_span("http send"): pass
        with trace.get_tracer("shop").start_as_current_span("price"): pass
        print(json.dumps([span.name for span in ended]))
        """
    )
    assert found == ["price"]


def test_a_call_has_one_span_with_the_id_that_the_instrumentation_wrote():
    found = run(
        """
        with by("requests").start_as_current_span("GET", kind=SpanKind.CLIENT) as span:
            span.set_attribute("http.url", "x")
            span.set_attribute("tenant", "blue")
            written = f"{span.get_span_context().span_id:016x}"
            call()
        (one,) = ended
        print(json.dumps([
            type(one).__name__, one.span_id == written, one.parent_id == entry.span_id, one.attributes,
        ]))
        """
    )
    assert found == ["ClientSpan", True, True, {"tenant": "blue"}]


def test_a_redirected_call_has_a_span_for_each_attempt():
    found = run(
        """
        with by("requests").start_as_current_span("GET", kind=SpanKind.CLIENT):
            call(); call()
        first, second = ended
        print(json.dumps([second.parent_id == first.span_id, second.span_id != first.span_id]))
        """
    )
    assert found == [True, True]


def test_an_instrumentations_span_without_a_call_below_is_recorded():
    assert run(
        """
        with by("requests").start_as_current_span("GET", kind=SpanKind.CLIENT): pass
        print(json.dumps([span.name for span in ended]))
        """
    ) == ["GET"]


def test_a_span_of_a_clients_kind_by_the_service_itself_stays_above_the_calls():
    found = run(
        """
        with trace.get_tracer("shop").start_as_current_span("pay", kind=SpanKind.CLIENT): call()
        print(json.dumps([[span.name for span in ended], ended[0].parent_id == ended[1].span_id]))
        """
    )
    assert found == [["GET", "pay"], True]


def test_below_an_sdks_span_that_goes_elsewhere_ours_hangs_on_what_our_collector_knows():
    found = run(
        """
        own = Theirs("http://elsewhere:4318/v1/traces", kind=SpanKind.INTERNAL, scope="shop")
        inner = Theirs("http://elsewhere:4318/v1/traces", kind=SpanKind.INTERNAL, scope="shop", span_id=0x78)
        with trace.use_span(own), trace.use_span(inner): call()
        print(json.dumps([ended[0].parent_id == entry.span_id, ended[0].entry is entry]))
        """
    )
    assert found == [True, True]


def test_below_an_sdks_span_that_comes_to_our_collector_ours_hangs_on_that():
    assert (
        run(
            """
        with trace.use_span(Theirs(COMPANY, kind=SpanKind.INTERNAL, scope="shop")): call()
        print(json.dumps(ended[0].parent_id))
        """
        )
        == "0" * 14 + "77"
    )


def test_an_sdks_call_that_comes_to_our_collector_has_no_second_span():
    assert run(
        """
        with trace.use_span(Theirs(COMPANY, kind=SpanKind.CLIENT, scope=REQUESTS)): written = call()
        print(json.dumps([written, len(ended)]))
        """
    ) == ["0" * 14 + "77", 0]


def test_an_sdks_call_that_goes_elsewhere_has_a_twin_with_its_id_once():
    found = run(
        """
        with trace.use_span(Theirs("collector.elsewhere:4317", kind=SpanKind.CLIENT, scope=REQUESTS)):
            written = call()
            context.attach(context.set_value("http suppressed", True))
            call()
        first, second = ended
        print(json.dumps([written, first.parent_id == entry.span_id, second.span_id != written]))
        """
    )
    assert found == ["0" * 14 + "77", True, True]


def test_grpcs_endpoint_of_our_host_is_our_collector_too():
    assert (
        run(
            """
        with trace.use_span(Theirs("collector.company:4317", kind=SpanKind.CLIENT, scope=REQUESTS)): call()
        print(json.dumps(len(ended)))
        """
        )
        == 0
    )


def test_what_an_exporter_sends_is_in_no_trace():
    found = run(
        """
        key = context._SUPPRESS_INSTRUMENTATION_KEY
        token = context.attach(context.set_value(key, True))
        span = tracer.child(ClientSpan, "POST", CLIENT)
        context.detach(token)
        print(json.dumps([span.on_end, span.flags, span.trace_id == entry.trace_id]))
        """
    )
    assert found == [None, 0, False]
