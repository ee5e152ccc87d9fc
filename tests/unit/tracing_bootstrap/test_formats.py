"""Reading and writing the formats of trace headers that are not W3C's."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.propagation import b3, datadog, formats, jaeger, ottrace, xray
from tracing_bootstrap.propagation.remote import Remote

TRACE = "80f198ee56343ba864fe8b2a57d3eff7"
SPAN = "e457b5a2e4d86bd1"
SHORT = "64fe8b2a57d3eff7"
PADDED = "0" * 16 + SHORT


def read(module, headers):
    """Return trace id, span id, sampled, debug and baggage as the format's reader finds them."""
    found = module.read(headers.get, lambda: headers)
    return found and (found.trace_id, found.span_id, found.sampled, found.debug, found.baggage)


READ = [
    # B3, single: ids, decision, and the parent of the caller's span, which is nothing to us.
    (b3, {"b3": f"{TRACE}-{SPAN}-1-05e3ac9a4f6e3b90"}, (TRACE, SPAN, True, False, "")),
    (b3, {"b3": f"{TRACE}-{SPAN}-0"}, (TRACE, SPAN, False, False, "")),
    (b3, {"b3": f"{TRACE}-{SPAN}-d"}, (TRACE, SPAN, True, True, "")),
    (b3, {"b3": f"{TRACE}-{SPAN}"}, (TRACE, SPAN, None, False, "")),
    (b3, {"b3": f"{SHORT}-{SPAN}-1"}, (PADDED, SPAN, True, False, "")),
    (b3, {"b3": f" {TRACE.upper()}-{SPAN}-1 "}, (TRACE, SPAN, True, False, "")),
    (b3, {"b3": "0"}, ("", "", False, False, "")),
    (b3, {"b3": "1"}, ("", "", True, False, "")),
    (b3, {"b3": "d"}, ("", "", True, True, "")),
    (b3, {"b3": ""}, None),
    (b3, {"b3": "x"}, None),
    (b3, {"b3": f"{TRACE}-{SPAN}-2"}, None),
    (b3, {"b3": f"{TRACE}-{SPAN}-1-{SPAN}-1"}, None),
    (b3, {"b3": f"{TRACE[1:]}-{SPAN}-1"}, None),
    (b3, {"b3": f"{TRACE}-{SPAN[1:]}-1"}, None),
    (b3, {"b3": f"{'0' * 32}-{SPAN}-1"}, None),
    (b3, {"b3": f"{TRACE}-{'0' * 16}-1"}, None),
    (b3, {"b3": f"{TRACE}-{SPAN}-1,{TRACE}-{SPAN}-1"}, None),
    # B3, several.
    (b3, {"x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1"}, (TRACE, SPAN, True, False, "")),
    (
        b3,
        {"x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "true"},
        (TRACE, SPAN, True, False, ""),
    ),
    (b3, {"x-b3-traceid": SHORT, "x-b3-spanid": SPAN, "x-b3-sampled": "0"}, (PADDED, SPAN, False, False, "")),
    (b3, {"x-b3-traceid": TRACE, "x-b3-spanid": SPAN}, (TRACE, SPAN, None, False, "")),
    (b3, {"x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-flags": "1"}, (TRACE, SPAN, True, True, "")),
    (b3, {"x-b3-flags": "1", "x-b3-sampled": "0"}, ("", "", True, True, "")),
    (b3, {"x-b3-sampled": "0"}, ("", "", False, False, "")),
    (b3, {"x-b3-traceid": TRACE}, None),
    (b3, {"x-b3-traceid": "g" * 32, "x-b3-spanid": SPAN}, None),
    (b3, {}, None),
    # The single header goes before the several, but a malformed one does not hide them.
    (
        b3,
        {"b3": f"{TRACE}-{SPAN}-0", "x-b3-traceid": SHORT, "x-b3-spanid": SPAN, "x-b3-sampled": "1"},
        (TRACE, SPAN, False, False, ""),
    ),
    (b3, {"b3": "?", "x-b3-traceid": TRACE, "x-b3-spanid": SPAN}, (TRACE, SPAN, None, False, "")),
    # Jaeger.
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:1"}, (TRACE, SPAN, True, False, "")),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:{SPAN}:3"}, (TRACE, SPAN, True, True, "")),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:2"}, (TRACE, SPAN, False, False, "")),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:09"}, (TRACE, SPAN, True, False, "")),
    (jaeger, {"uber-trace-id": f"{SHORT}:{SPAN}:0:0"}, (PADDED, SPAN, False, False, "")),
    (jaeger, {"uber-trace-id": "a1:b2:0:1"}, ("a1".rjust(32, "0"), "b2".rjust(16, "0"), True, False, "")),
    (jaeger, {"uber-trace-id": f"{TRACE}%3A{SPAN}%3a0%3A1"}, (TRACE, SPAN, True, False, "")),
    (
        jaeger,
        {
            "uber-trace-id": f"{TRACE}:{SPAN}:0:1",
            "uberctx-user": "alice%20b",
            "uberctx-tier": "gold",
            "jaeger-baggage": "tier=lead, page = 1",
        },
        (TRACE, SPAN, True, False, "tier=gold,user=alice%20b,page=1"),
    ),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0"}, None),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:1:1"}, None),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:x"}, None),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:100"}, None),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:-1"}, None),
    (jaeger, {"uber-trace-id": f"{TRACE}:{SPAN}:0:"}, None),
    (jaeger, {"uber-trace-id": f"{'0' * 32}:{SPAN}:0:1"}, None),
    (jaeger, {"uber-trace-id": f"{TRACE}0:{SPAN}:0:1"}, None),
    (jaeger, {"uberctx-user": "alice"}, None),
    # OpenTracing's basic tracers.
    (
        ottrace,
        {"ot-tracer-traceid": SHORT, "ot-tracer-spanid": SPAN, "ot-tracer-sampled": "true"},
        (PADDED, SPAN, True, False, ""),
    ),
    (
        ottrace,
        {
            "ot-tracer-traceid": TRACE,
            "ot-tracer-spanid": SPAN,
            "ot-tracer-sampled": "false",
            "ot-baggage-user": "a",
        },
        (TRACE, SPAN, False, False, "user=a"),
    ),
    (ottrace, {"ot-tracer-traceid": SHORT, "ot-tracer-spanid": SPAN}, (PADDED, SPAN, None, False, "")),
    (ottrace, {"ot-tracer-traceid": SHORT}, None),
    (ottrace, {"ot-tracer-traceid": "-1", "ot-tracer-spanid": SPAN}, None),
    # AWS X-Ray.
    (
        xray,
        {"x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"},
        ("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", True, False, ""),
    ),
    (
        xray,
        {
            "x-amzn-trace-id": "Self=1-67891234-12456789abcdef012345678; sampled=0 ;"
            "Root=1-5759e988-bd862e3fe1be46a994272793;parent=53995c3f42cd8ad8;Lineage=a:1"
        },
        ("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", False, False, ""),
    ),
    (
        xray,
        {"x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?"},
        ("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8", None, False, ""),
    ),
    (xray, {"x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793"}, None),
    (
        xray,
        {"x-amzn-trace-id": "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"},
        None,
    ),
    (xray, {"x-amzn-trace-id": "Root=1-5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8"}, None),
    (xray, {"x-amzn-trace-id": "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8"}, None),
    # Datadog.
    (
        datadog,
        {
            "x-datadog-trace-id": str(int(SHORT, 16)),
            "x-datadog-parent-id": str(int(SPAN, 16)),
            "x-datadog-sampling-priority": "2",
        },
        (PADDED, SPAN, True, False, ""),
    ),
    (
        datadog,
        {
            "x-datadog-trace-id": str(int(SHORT, 16)),
            "x-datadog-parent-id": "1",
            "x-datadog-sampling-priority": "-1",
            "x-datadog-tags": f"_dd.p.dm=-1,_dd.p.tid={TRACE[:16]}",
        },
        (TRACE, "1".rjust(16, "0"), False, False, ""),
    ),
    (
        datadog,
        {"x-datadog-trace-id": "7", "x-datadog-parent-id": "8", "x-datadog-tags": "_dd.p.tid=zz"},
        ("7".rjust(32, "0"), "8".rjust(16, "0"), None, False, ""),
    ),
    (datadog, {"x-datadog-trace-id": "0", "x-datadog-parent-id": "8"}, None),
    (datadog, {"x-datadog-trace-id": str(2**64), "x-datadog-parent-id": "8"}, None),
    (datadog, {"x-datadog-trace-id": "7", "x-datadog-parent-id": "-8"}, None),
    (datadog, {"x-datadog-trace-id": "7", "x-datadog-parent-id": "²"}, None),
    (datadog, {"x-datadog-trace-id": "7"}, None),
]


@pytest.mark.parametrize(("module", "headers", "found"), READ)
def test_a_caller_is_read_as_its_format_says(module, headers, found):
    assert read(module, headers) == found


@pytest.mark.parametrize("name", formats.WRITERS)
@pytest.mark.parametrize("sampled", [True, False])
def test_what_is_written_is_read_again(name, sampled):
    span = Remote(TRACE, span_id=SPAN, sampled=sampled, baggage="user=alice%20b;p=1,tier=gold")
    written = formats.writer(name)(span)
    headers = dict(written)
    assert len(headers) == len(written)
    reader = formats.WRITERS[name][0]
    found = formats.reader(reader)(headers.get, lambda: headers)
    # OpenTracing's ids have 64 bits.
    assert found.trace_id == (TRACE if name != "ottrace" else PADDED)
    assert (found.span_id, found.sampled, found.debug) == (SPAN, sampled, False)
    assert found.baggage == ("tier=gold,user=alice%20b" if name in formats.WITH_BAGGAGE else "")
    assert any(header in headers for header in formats.HEADERS[reader])


@pytest.mark.parametrize("name", ["b3", "b3multi", "jaeger"])
def test_debug_is_written_where_the_format_knows_it(name):
    headers = dict(formats.writer(name)(Remote(TRACE, span_id=SPAN, sampled=True, debug=True)))
    found = formats.reader(formats.WRITERS[name][0])(headers.get, lambda: headers)
    assert (found.sampled, found.debug) == (True, True)


def test_b3_never_writes_the_parent_of_the_span():
    span = Remote(TRACE, span_id=SPAN, sampled=True)
    assert b3.write(span) == [("b3", f"{TRACE}-{SPAN}-1")]
    assert "x-b3-parentspanid" not in dict(b3.write_several(span))


@pytest.mark.parametrize(
    ("propagators", "order"),
    [
        (("tracecontext", "baggage"), ("tracecontext", "b3", "jaeger", "datadog", "xray", "ottrace")),
        (("baggage",), ("tracecontext", "b3", "jaeger", "datadog", "xray", "ottrace")),
        (("xray", "b3multi"), ("xray", "b3", "tracecontext", "jaeger", "datadog", "ottrace")),
        (("xray", "tracecontext"), ("tracecontext", "xray", "b3", "jaeger", "datadog", "ottrace")),
        (("none",), ()),
    ],
)
def test_formats_that_are_asked_for_are_believed_first(propagators, order):
    assert formats.reading_order(propagators) == order


hostile = st.text(alphabet=string.hexdigits + ":-;,=% %3A1dRootParent²\r\n\0é", max_size=80) | st.text(
    max_size=20
)


@given(
    st.dictionaries(
        st.sampled_from([*formats.ALL_HEADERS, "x-b3-spanid", "uberctx-a", "x-datadog-parent-id"]), hostile
    )
)
def test_no_header_makes_a_reader_raise_or_an_id_that_is_none(headers):
    for name in formats.HEADERS:
        found = formats.reader(name)(headers.get, lambda: headers)
        if found is not None and found.trace_id:
            assert len(found.trace_id) == 32
            assert len(found.span_id) == 16
            assert int(found.trace_id, 16)
            assert int(found.span_id, 16)
            assert found.baggage.isascii()
            assert "\n" not in found.baggage
