import _thread
import ast
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from tests.unit.tracing_bootstrap.sink import RawSink, Sink, refusing_url, silent
from tracing_bootstrap import guard, settings
from tracing_bootstrap.recorder.pipeline import Pipeline


def encode(spans, losses):
    lost = "".join(f";{cause}={count}" for cause, count in losses.items())
    return (",".join(spans) + lost).encode()


@pytest.fixture(autouse=True)
def fresh_guard(monkeypatch):
    monkeypatch.setattr(guard, "_errors", {})
    monkeypatch.setattr(guard, "_said", set())
    monkeypatch.delenv("TRACING_BOOTSTRAP_STRICT", raising=False)


@pytest.fixture
def pipeline():
    made = []

    def make(url, *, encode=encode, **environ):
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_BSP_SCHEDULE_DELAY": "60000", **environ}
        made.append(Pipeline(settings.read(environ), encode))
        return made[-1]

    yield make
    for one in made:
        one.shutdown(0.05)
        wait_until(lambda one=one: not one._running)


def wait_until(condition, timeout=5.0):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.002)


def bodies(sink):
    return [request.body.decode() for request in sink.requests]


def timed_flush(made, seconds):
    started = time.monotonic()
    delivered = made.flush(seconds)
    return delivered, time.monotonic() - started


def test_a_flush_sends_what_is_queued(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url)
        made.add("a")
        made.add("b")
        assert made.flush(5)
        assert bodies(sink) == ["a,b"]
        assert made.waiting == 0
        assert made.losses == {}


def test_a_flush_of_nothing_sends_nothing(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url)
        assert made.flush(5)
        made.add("a")
        assert made.flush(5)
        assert made.flush(5)
        assert bodies(sink) == ["a"]


def test_spans_leave_after_the_schedule_delay(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url, OTEL_BSP_SCHEDULE_DELAY="50")
        made.add("a")
        sink.wait_for(1)
        made.add("b")
        sink.wait_for(2)
        assert bodies(sink) == ["a", "b"]


def test_a_full_batch_leaves_at_once_and_the_rest_with_it(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="2")
        made.add("a")
        made.add("b")
        sink.wait_for(1)
        for span in "cdefg":
            made.add(span)
        assert made.flush(5)
        assert ",".join(bodies(sink)) == "a,b,c,d,e,f,g"
        assert all(body.count(",") <= 1 for body in bodies(sink))


def test_the_queue_is_bounded_and_what_does_not_fit_is_counted(pipeline):
    with RawSink(silent) as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_QUEUE_SIZE="10", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="10")
        for number in range(1000):
            made.add(str(number))
        assert made.waiting <= 10
        assert made.losses["queue_full"] >= 1000 - 20


def test_losses_ride_on_the_next_batch_that_is_delivered_and_only_on_that(pipeline):
    answers = [(400, {}, b""), (400, {}, b"")]
    with Sink(*answers) as sink:
        made = pipeline(sink.url)
        for span in "abcd":
            made.add(span)
            assert made.flush(5) is (span in "cd")
        assert bodies(sink) == ["a", "b;http_400=1", "c;http_400=2", "d"]
        assert made.losses == {"http_400": 2}
        assert made._delivery.losses.unreported() == {}


def test_a_refused_batch_is_said_once_per_cause(pipeline, capfd):
    with Sink((400, {}, b""), (400, {}, b"")) as sink:
        made = pipeline(sink.url)
        for span in "ab":
            made.add(span)
            made.flush(5)
        assert capfd.readouterr().err == (
            f"tracing: spans are lost (http_400): {sink.url}/v1/traces answered 400; the service runs on\n"
        )


def test_credentials_of_the_endpoint_are_not_said(pipeline, capfd):
    with Sink((400, {}, b"")) as sink:
        made = pipeline(sink.url.replace("//", "//user:secret@"))
        made.add("a")
        made.flush(5)
        error = capfd.readouterr().err
        assert "http_400" in error
        assert "secret" not in error


def test_rejected_spans_are_counted(pipeline):
    body = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=2))
    with Sink((200, {"Content-Type": "application/x-protobuf"}, body.SerializeToString())) as sink:
        made = pipeline(sink.url)
        for span in "abc":
            made.add(span)
        assert not made.flush(5)
        assert made.losses == {"rejected": 2}


def test_a_collector_that_asks_for_a_pause_gets_it_even_from_a_flush(pipeline):
    with Sink((429, {"Retry-After": "1"}, b"")) as sink:
        made = pipeline(sink.url)
        made.add("a")
        started = time.monotonic()
        assert made.flush(5)
        assert 0.95 < time.monotonic() - started < 2
        assert bodies(sink) == ["a", "a"]
        assert made.losses == {}


def test_a_flush_does_not_wait_for_a_pause_that_is_longer_than_itself(pipeline):
    with Sink((503, {"Retry-After": "20"}, b"")) as sink:
        made = pipeline(sink.url)
        made.add("a")
        delivered, seconds = timed_flush(made, 5)
        assert not delivered
        assert seconds < 1
        assert len(sink.requests) == 1
        assert made.losses == {}


def test_a_flush_that_comes_in_a_pause_is_answered_after_it(pipeline):
    with Sink((503, {"Retry-After": "1"}, b"")) as sink:
        made = pipeline(sink.url)
        made.add("a")
        assert not made.flush(0.1)
        made.add("b")
        delivered, seconds = timed_flush(made, 5)
        assert delivered
        assert seconds < 2
        assert bodies(sink) == ["a", "a", "b"]


def test_a_batch_that_cannot_be_delivered_is_given_up_after_the_export_timeout(pipeline):
    with Sink(*[(503, {"Retry-After": "0"}, b"")] * 1000) as sink:
        made = pipeline(sink.url, OTEL_BSP_EXPORT_TIMEOUT="1200")
        made.add("a")
        made.add("b")
        assert not made.flush(5)
        assert made.losses == {"http_503": 2}
        assert 1 < len(sink.requests) < 5


def test_a_busy_collector_is_tried_again_until_it_takes_the_batch(pipeline):
    with Sink((503, {}, b""), (502, {}, b"")) as sink:
        made = pipeline(sink.url)
        made.add("a")
        assert made.flush(10)
        assert bodies(sink) == ["a", "a", "a"]
        assert made.losses == {}


def test_a_flush_cuts_a_pause_short_that_nobody_asked_for(pipeline):
    with Sink((503, {}, b""), (503, {}, b""), (503, {}, b"")) as sink:
        made = pipeline(sink.url, OTEL_BSP_SCHEDULE_DELAY="10")
        made.add("a")
        sink.wait_for(3)
        # The third pause is of two seconds at least.
        delivered, seconds = timed_flush(made, 1)
        assert delivered
        assert seconds < 0.5


def test_a_flush_returns_at_once_when_nobody_listens(pipeline):
    made = pipeline(refusing_url())
    made.add("a")
    delivered, seconds = timed_flush(made, 0.5)
    assert not delivered
    assert seconds < 0.3


def test_a_flush_into_a_black_hole_ends_in_time(pipeline):
    with RawSink(silent) as sink:
        made = pipeline(sink.url)
        made.add("a")
        delivered, seconds = timed_flush(made, 0.3)
        assert not delivered
        assert 0.25 < seconds < 0.6


def test_a_second_flush_into_a_black_hole_returns_at_once(pipeline):
    with RawSink(silent) as sink:
        made = pipeline(sink.url)
        made.add("a")
        assert not made.flush(0.3)
        made.add("b")
        delivered, seconds = timed_flush(made, 0.3)
        assert not delivered
        assert seconds < 0.1


def test_many_flushes_at_once_all_end(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url)
        results = []

        def work(number):
            for step in range(20):
                made.add(f"{number}-{step}")
                results.append(made.flush(5))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert results == [True] * 160
        assert sorted(",".join(bodies(sink)).split(",")) == sorted(
            f"{a}-{b}" for a in range(8) for b in range(20)
        )


def test_spans_of_many_threads_all_arrive_once(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_QUEUE_SIZE="100000", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="50")
        barrier = threading.Barrier(8)

        def work(number):
            barrier.wait()
            for step in range(500):
                made.add(f"{number}-{step}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made.flush(10)
        arrived = ",".join(bodies(sink)).split(",")
        assert len(arrived) == len(set(arrived)) == 4000


def test_a_batch_that_cannot_be_encoded_is_counted_and_the_next_one_leaves(pipeline):
    def picky(spans, losses):
        if "bad" in spans:
            raise TypeError("bad span")
        return encode(spans, losses)

    with Sink() as sink:
        made = pipeline(sink.url, encode=picky)
        made.add("bad")
        assert not made.flush(5)
        made.add("good")
        assert made.flush(5)
        assert bodies(sink) == ["good;encode_error=1"]
        assert guard.errors() == {"a batch could not be encoded": 1}


def test_an_error_of_ours_loses_the_batch_and_not_the_thread(pipeline, monkeypatch):
    with Sink() as sink:
        made = pipeline(sink.url)
        made.add("a")
        assert made.flush(5)
        with monkeypatch.context() as patch:
            patch.setattr(made._delivery._transport.__class__, "pack", lambda self, payload: 1 / 0)
            made.add("b")
            assert not made.flush(5)
        made.add("c")
        assert made.flush(5)
        assert bodies(sink) == ["a", "c;internal_error=1"]


def test_a_shutdown_counts_once_what_it_leaves_behind_and_ends_the_thread(pipeline):
    with RawSink(silent) as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1", OTEL_BSP_MAX_QUEUE_SIZE="10")
        for span in "abc":
            made.add(span)
        started = time.monotonic()
        assert not made.shutdown(0.2)
        assert time.monotonic() - started < 1
        made.add("late")
        assert made.losses == {"timeout": 3, "shutdown": 1}
        sink.release.set()
        wait_until(lambda: not made._running)


def test_after_a_shutdown_the_collector_has_everything_and_the_connection_is_closed(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url)
        made.add("a")
        assert made.shutdown(5)
        assert made.shutdown(5)
        assert bodies(sink) == ["a"]
        wait_until(lambda: not made._running)
        assert made._delivery._transport._connection is None


def test_where_no_thread_can_start_a_flush_sends_from_its_caller(pipeline, monkeypatch, capfd):
    def refuse(function, arguments):
        raise RuntimeError("can't start new thread")

    with Sink() as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_QUEUE_SIZE="3")
        with monkeypatch.context() as patch:
            patch.setattr(_thread, "start_new_thread", refuse)
            for span in "abcd":
                made.add(span)
            assert made.flush(5)
        assert bodies(sink) == ["a,b,c;queue_full=1"]
        assert capfd.readouterr().err.count("\n") == 1
        made.add("e")
        assert made.flush(5)
        made._delivery.close()


def test_where_no_thread_can_start_a_flush_into_a_black_hole_ends_in_time(pipeline, monkeypatch):
    def refuse(function, arguments):
        raise RuntimeError("can't start new thread")

    with RawSink(silent) as sink:
        made = pipeline(sink.url)
        monkeypatch.setattr(_thread, "start_new_thread", refuse)
        made.add("a")
        delivered, seconds = timed_flush(made, 0.3)
        assert not delivered
        assert seconds < 0.6
        assert made.losses == {"timeout": 1}


def test_a_span_that_ends_in_the_garbage_collector_inside_a_wake_does_not_block(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1")

        class EndsASpan:
            def __del__(self):
                made.add("collected")

        gc.collect()
        before = gc.get_threshold()
        gc.set_threshold(1)
        try:
            for _ in range(200):
                cycle = EndsASpan()
                cycle.itself = cycle
                del cycle
                made.add("direct")
        finally:
            gc.set_threshold(*before)
        gc.collect()
        assert made.flush(5)
        assert ",".join(bodies(sink)).split(",").count("collected") == 200


def test_a_flush_in_a_signal_handler_inside_an_add_does_not_block(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="32", OTEL_BSP_MAX_QUEUE_SIZE="100000")
        handled = []

        def handle(signum, frame):
            made.add("handler")
            handled.append(made.flush(5))
            # Not before: on a busy machine handlers would interrupt each other without end.
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.001)

        before = signal.signal(signal.SIGVTALRM, handle)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.001)
        try:
            while len(handled) < 20:
                if made.waiting < 50_000:
                    made.add("direct")
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
        assert made.flush(10)
        assert all(handled)
        assert ",".join(bodies(sink)).split(",").count("handler") == len(handled)


def test_a_fork_child_sends_its_own_spans_and_none_of_its_parents(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url)
        made.add("sent by the parent")
        assert made.flush(5)
        made.add("waiting in the parent")
        pid = os.fork()
        if pid == 0:
            made.after_fork_in_child()
            made.add("child")
            os._exit(0 if made.flush(5) and made.losses == {} else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert made.flush(5)
        assert sorted(bodies(sink)) == ["child", "sent by the parent", "waiting in the parent"]
        connections = [request.connection for request in sink.requests]
        assert connections[0] == connections[2] != connections[1]


def test_a_child_that_was_forked_in_c_is_noticed_by_its_pid(pipeline):
    with Sink() as sink:
        made = pipeline(sink.url)
        made.add("parent")
        pid = os.fork()
        if pid == 0:
            # No after_fork_in_child: uwsgi does not run Python's fork hooks.
            if not made.flush(5):
                os._exit(2)
            made.add("child")
            os._exit(0 if made.flush(5) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert made.flush(5)
        assert sorted(bodies(sink)) == ["child", "parent"]


def test_a_fork_in_the_middle_of_an_export_leaves_both_sides_working(pipeline):
    with RawSink(silent) as hole:
        made = pipeline(hole.url, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1")
        made.add("a")
        wait_until(lambda: hole.connections == 1)
        pid = os.fork()
        if pid == 0:
            made.after_fork_in_child()
            made.add("b")
            started = time.monotonic()
            made.flush(0.2)
            os._exit(0 if time.monotonic() - started < 0.6 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_the_thread_leaves_every_signal_to_the_service():
    with Sink() as sink:
        code = f"""
            import signal, threading, time
            from tracing_bootstrap import settings
            from tracing_bootstrap.recorder.pipeline import Pipeline
            environ = {{"OTEL_EXPORTER_OTLP_ENDPOINT": {sink.url!r}}}
            pipeline = Pipeline(settings.read(environ), lambda spans, losses: b"")
            pipeline.add("a")
            assert pipeline.flush(5)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            print("ready", flush=True)
            print(signal.sigwait([signal.SIGTERM]).name, threading.active_count())
        """
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGTERM)
            assert process.stdout.read() == "SIGTERM 1\n"
        assert process.returncode == 0


@pytest.mark.parametrize("kind", ["alive", "refusing", "black hole"])
def test_a_process_ends_in_time_whatever_the_collector_does(kind):
    code = """
        import atexit, sys
        from tracing_bootstrap import settings
        from tracing_bootstrap.recorder.pipeline import Pipeline
        read = settings.read({"OTEL_EXPORTER_OTLP_ENDPOINT": sys.argv[1]})
        pipeline = Pipeline(read, lambda spans, losses: b"x")
        atexit.register(pipeline.shutdown, 0.5)
        for number in range(600):
            pipeline.add(number)
        print("done")
    """
    with Sink() as alive, RawSink(silent) as hole:
        url = {"alive": alive.url, "refusing": refusing_url(), "black hole": hole.url}[kind]
        command = [sys.executable, "-c", textwrap.dedent(code), url]
        started = time.monotonic()
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds = time.monotonic() - started
        assert result.stdout == "done\n"
        assert seconds < 1.5
        if kind == "alive":
            assert len(alive.requests) == 2
            assert result.stderr == ""
        else:
            assert result.stderr.count("\n") <= 2
            assert result.stderr.startswith("tracing: spans are lost (")


def test_a_first_span_at_the_interpreters_very_end_is_still_sent():
    code = """
        import atexit, sys
        from tracing_bootstrap import settings
        from tracing_bootstrap.recorder.pipeline import Pipeline
        read = settings.read({"OTEL_EXPORTER_OTLP_ENDPOINT": sys.argv[1]})
        pipeline = Pipeline(read, lambda spans, losses: b"x")
        atexit.register(lambda: (pipeline.add("last"), pipeline.shutdown(0.5)))
    """
    with Sink() as sink:
        command = [sys.executable, "-c", textwrap.dedent(code), sink.url]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert result.stderr == ""
        assert len(sink.requests) == 1


def test_importing_the_pipeline_brings_nothing_that_gevent_would_patch():
    code = """
        import sys
        before = set(sys.modules)
        import tracing_bootstrap.recorder.pipeline
        print(sorted(name for name in set(sys.modules) - before if not name.startswith("tracing_bootstrap")))
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    patched = {"threading", "socket", "ssl", "select", "selectors", "signal", "subprocess", "queue"}
    assert not patched.intersection(ast.literal_eval(result.stdout))
