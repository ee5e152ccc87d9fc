"""Which attributes an outgoing request's span has, over real connections of http.client and what uses it."""

import json
import subprocess
import sys
import textwrap
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from described import DESCRIBED

ROOT = Path(__file__).parents[3]

PRELUDE = """
import json, sys
from tracing_bootstrap import bootstrap
bootstrap.arm("test")
from tracing_bootstrap.recorder import tracer
from tracing_bootstrap.recorder.context import current
url = sys.argv[1]
"""


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: What has been asked once: it is busy the first time.
    asked: ClassVar[set] = set()

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        body = json.dumps(self.headers.items()).encode()
        if self.path.startswith("/busy/") and self.path not in self.asked:
            self.asked.add(self.path)
            self.send_response(503)
        elif self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/end")
        else:
            self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = answer

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def url():
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def run(code, *args, **environ):
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + DESCRIBED + textwrap.dedent(code), *args],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TRACING_BOOTSTRAP_STRICT": "1", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


CLIENTS = {
    "urllib": "import urllib.request; received = json.load(urllib.request.urlopen(url + '/x?token=s&a=1'))",
    "requests": "import requests; received = requests.get(url + '/x?token=s&a=1').json()",
    "urllib3": """
import urllib3
received = urllib3.PoolManager().request("GET", url + "/x?token=s&a=1").json()
""",
    "http.client": """
import http.client
connection = http.client.HTTPConnection(url.removeprefix("http://"))
connection.request("GET", "/x?token=s&a=1")
received = json.load(connection.getresponse())
""",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_makes_one_span_and_carries_it_on(client, url):
    spans, received = run(CLIENTS[client] + "\nprint(json.dumps([described(), received]))", url)
    (span,) = spans
    port = int(url.rpartition(":")[2])
    assert span["name"] == "GET"
    assert span["kind"] == 3
    assert span["http.request.method"] == "GET"
    assert span["http.response.status_code"] == 200
    assert span["url.full"] == f"{url}/x?token=REDACTED&a=1"
    assert (span["server.address"], span["server.port"]) == ("127.0.0.1", port)
    assert span["http.response.body.size"] > 0
    headers = [value for name, value in received if name.lower() == "traceparent"]
    assert headers == [f"00-{span['trace']}-{span['id']}-01"]


def test_a_redirect_is_two_requests_and_two_spans(url):
    spans = run("import requests; requests.get(url + '/redirect'); print(json.dumps(described()))", url)
    assert [span["http.response.status_code"] for span in spans] == [302, 200]


FOLLOWING = {
    "urllib": "import urllib.request; urllib.request.urlopen(url + '/redirect').read()",
    "urllib3": "import urllib3; urllib3.PoolManager().request('GET', url + '/redirect')",
    "requests": "import requests; requests.get(url + '/redirect')",
}


@pytest.mark.parametrize("client", FOLLOWING)
def test_a_redirect_s_request_tells_that_it_is_the_second(client, url):
    spans = run(FOLLOWING[client] + "\nprint(json.dumps(described()))", url)
    assert [span.get("http.request.resend_count") for span in spans] == [None, 1]


def test_a_retry_tells_that_it_is_the_second(url):
    code = """
        import urllib3
        pool = urllib3.PoolManager(retries=urllib3.Retry(2, status_forcelist=[503], backoff_factor=0))
        assert pool.request("GET", url + "/busy/retry").status == 200
        print(json.dumps(described()))
        """
    spans = run(code, url)
    assert [span["http.response.status_code"] for span in spans] == [503, 200]
    assert [span.get("http.request.resend_count") for span in spans] == [None, 1]


def test_a_redirect_that_is_not_followed_counts_for_nothing(url):
    code = """
        import requests
        requests.get(url + "/redirect", allow_redirects=False)
        requests.get(url + "/other")
        print(json.dumps(described()))
        """
    assert [span.get("http.request.resend_count") for span in run(code, url)] == [None, None]


def test_by_a_proxy_the_span_names_whom_the_request_is_for(url):
    code = """
        import requests
        requests.get("http://user:secret@shop.invalid:8080/x?token=s", proxies={"http": url})
        print(json.dumps(described()))
        """
    (span,) = run(code, url)
    assert span["url.full"] == "http://shop.invalid:8080/x?token=REDACTED"
    assert (span["server.address"], span["server.port"]) == ("shop.invalid", 8080)


def test_a_4xx_answer_is_an_error_of_the_client(url):
    (span,) = run("import requests; requests.get(url + '/missing'); print(json.dumps(described()))", url)
    assert span["status"] == 2
    assert span["error.type"] == "404"


def test_a_body_s_size_is_told(url):
    (span,) = run("import requests; requests.post(url, data=b'x' * 17); print(json.dumps(described()))", url)
    assert span["http.request.body.size"] == 17


def test_a_refused_connection_ends_the_span_with_its_error():
    code = """
        import urllib.request, urllib.error
        try:
            urllib.request.urlopen(url)
        except urllib.error.URLError as exc:
            assert isinstance(exc.reason, ConnectionRefusedError)
        print(json.dumps(described()))
        """
    (span,) = run(code, "http://127.0.0.1:9")
    assert span["error.type"] == "ConnectionRefusedError"
    assert span["status"] == 2


def test_a_request_given_up_before_its_answer_still_leaves_a_span(url):
    code = """
        import http.client
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/")
        connection.close()
        print(json.dumps(described()))
        """
    (span,) = run(code, url)
    assert "http.response.status_code" not in span


def test_a_response_that_is_first_asked_for_in_python_2_s_way_is_followed_all_the_same(url):
    code = """
        import http.client
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/")
        try:
            connection.getresponse(buffering=True)
        except TypeError:
            connection.getresponse().read()
        print(json.dumps(described()))
        """
    (span,) = run(code, url)
    assert (span["http.response.status_code"], span["status"]) == (200, 0)


def test_a_traceparent_that_the_service_wrote_is_left_alone(url):
    own = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    code = """
        import requests
        received = requests.get(url, headers={"TraceParent": sys.argv[2]}).json()
        print(json.dumps([value for name, value in received if name.lower() in ("traceparent", "tracestate")]))
        """
    assert run(code, url, own) == [own]


def test_baggage_travels_on_and_is_not_doubled(url):
    code = """
        import requests
        from tracing_bootstrap.instrumentation import wsgi
        wsgi.begin({
            "HTTP_TRACEPARENT": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "HTTP_TRACESTATE": "a=1", "HTTP_BAGGAGE": "user=alice",
        })
        got = [requests.get(url).json(), requests.get(url, headers={"baggage": "own=1"}).json()]
        print(json.dumps([
            [value for name, value in headers if name.lower() in ("tracestate", "baggage")] for headers in got
        ]))
        """
    assert run(code, url) == [["a=1", "user=alice"], ["own=1", "a=1"]]


def test_a_head_request_and_a_reused_connection_make_one_span_each(url):
    code = """
        import requests
        session = requests.Session()
        session.head(url)
        session.get(url)
        print(json.dumps([span["http.request.method"] for span in described()]))
        """
    assert run(code, url) == ["HEAD", "GET"]


def test_an_unsampled_trace_is_carried_on_and_not_recorded(url):
    code = """
        import requests
        from tracing_bootstrap.instrumentation import wsgi
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        wsgi.begin({"HTTP_TRACEPARENT": f"00-{trace}-00f067aa0ba902b7-00"})
        received = dict(requests.get(url).json())
        print(json.dumps([ended, received["traceparent"].split("-")[1::2]]))
        """
    assert run(code, url) == [[], ["4bf92f3577b34da6a3ce929d0e0e4736", "00"]]


@pytest.mark.parametrize(
    ("propagators", "sent"),
    [
        ("tracecontext", ["traceparent"]),
        ("baggage", ["baggage"]),
        ("none", []),
        ("", ["baggage", "traceparent"]),
        ("b3", ["b3"]),
        ("b3multi,baggage", ["baggage", "x-b3-sampled", "x-b3-spanid", "x-b3-traceid"]),
        ("tracecontext,jaeger", ["traceparent", "uber-trace-id", "uberctx-user"]),
        (
            "datadog",
            ["x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-tags", "x-datadog-trace-id"],
        ),
        ("xray", ["x-amzn-trace-id"]),
        ("ottrace", ["ot-baggage-user", "ot-tracer-sampled", "ot-tracer-spanid", "ot-tracer-traceid"]),
    ],
)
def test_propagators_are_the_ones_asked_for(propagators, sent, url):
    code = """
        import requests
        from tracing_bootstrap.instrumentation import wsgi
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        span = wsgi.begin({"HTTP_TRACEPARENT": f"00-{trace}-00f067aa0ba902b7-01", "HTTP_BAGGAGE": "user=alice"})
        received = {name.lower() for name, value in requests.get(url).json()}
        usual = {"host", "user-agent", "accept-encoding", "accept", "connection"}
        print(json.dumps([span.trace_id == trace, sorted(received - usual)]))
        """
    joined, names = run(code, url, OTEL_PROPAGATORS=propagators)
    assert names == sent
    assert joined is (propagators != "none")


def test_a_header_of_another_format_that_the_service_set_itself_is_not_doubled(url):
    code = """
        import requests
        received = requests.get(url, headers={"X-B3-Sampled": "0"}).json()
        print(json.dumps([value for name, value in received if name.lower() == "x-b3-sampled"]))
        """
    assert run(code, url, OTEL_PROPAGATORS="b3multi") == ["0"]


def test_a_debug_flag_is_passed_on_to_whoever_is_called(url):
    code = """
        import requests
        from tracing_bootstrap.instrumentation import wsgi
        wsgi.begin({"HTTP_B3": "4bf92f3577b34da6-00f067aa0ba902b7-d"})
        print(json.dumps(dict(requests.get(url).json())["b3"]))
        """
    sent = run(code, url, OTEL_PROPAGATORS="b3")
    assert sent.startswith("00000000000000004bf92f3577b34da6-")
    assert sent.endswith("-d")


def test_the_wrapped_functions_have_the_parameters_of_their_own(url):
    compared = run(
        """
        import http.client, inspect
        connection = http.client.HTTPConnection
        print(json.dumps([
            str(inspect.signature(function, follow_wrapped=False)).replace(": 'Any'", "").replace(": 'bool'", "")
            .replace(" -> 'None'", "").replace(" -> 'Any'", "").replace(" = ", "=")
            == str(inspect.signature(function.__wrapped__))
            for function in (connection.endheaders, connection.getresponse)
        ]))
        """,
        url,
    )
    assert compared == [True, True]


def test_one_connection_closed_and_sent_elsewhere_tells_whom_it_asked_each_time(url):
    spans = run(
        """
        import http.client
        host, _, port = url.removeprefix("http://").rpartition(":")
        connection = http.client.HTTPConnection(host, int(port))
        connection.request("GET", "/one")
        connection.getresponse().read()
        connection.close()
        connection.host = "localhost"
        connection.request("GET", "/two")
        connection.getresponse().read()
        print(json.dumps(described()))
        """,
        url,
    )
    assert [(span["server.address"], span["url.full"].rpartition("/")[2]) for span in spans] == [
        ("127.0.0.1", "one"),
        ("localhost", "two"),
    ]


def test_in_a_request_that_is_not_sampled_the_call_carries_the_trace_and_the_id_that_logs_have(url):
    received, logged = run(
        """
        import http.client
        from tracing_bootstrap.instrumentation import wsgi
        tracer.get()
        wsgi.begin({"HTTP_TRACEPARENT": "00-" + "a" * 32 + "-" + "b" * 16 + "-00"})
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/one")
        received = dict(json.loads(connection.getresponse().read()))
        span = current.get()
        assert not described()
        print(json.dumps([received["traceparent"], [span.trace_id, span.parent_id, span.span_id]]))
        """,
        url,
    )
    trace_id, parent_id, span_id = logged
    assert (trace_id, parent_id) == ("a" * 32, "b" * 16)
    assert received == f"00-{trace_id}-{span_id}-00"
    assert span_id != parent_id
