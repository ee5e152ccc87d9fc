"""Where work goes its context goes too, and nowhere else."""

import pytest

from tests.unit.tracing_bootstrap.armed import spans, start
from tests.unit.tracing_bootstrap.sink import Sink
from tracing_bootstrap.instrumentation.concurrency import script
from tracing_bootstrap.recorder import clock, environment, tracer
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import Span

WAYS = {
    "a thread": "t = threading.Thread(target=work, args=('work',)); t.start(); t.join()",
    "a timer": "t = threading.Timer(0, work, ('work',)); t.start(); t.join()",
    "a thread pool": "THREADS.submit(work, 'work').result()",
    "a thread pool's map": "list(THREADS.map(work, ['work']))",
    "a pool of threads": "multiprocessing.pool.ThreadPool(1).apply(work, ('work',))",
    "an executor of a loop": "asyncio.run(asyncio.to_thread(work, 'work'))",
    "a forked process": "p = context('fork').Process(target=work, args=('work',)); p.start(); p.join()",
    "a spawned process": "p = context('spawn').Process(target=work, args=('work',)); p.start(); p.join()",
    "a process pool": "POOL.apply(work, ('work',))",
    "a process pool's map": "POOL.map(work, ['work'])",
    "a process executor": "PROCESSES.submit(work, 'work').result()",
    "a subprocess": "subprocess.run([sys.executable, __file__, 'work'], check=True)",
    "a spawned program": "os.waitpid(os.posix_spawn(sys.executable, PROGRAM, os.environ), 0)",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_context_goes_where_the_work_goes_and_not_to_other_work(tmp_path, way):
    code = f"""
    import asyncio, multiprocessing, multiprocessing.pool, os, subprocess, sys, threading
    import concurrent.futures
    context = multiprocessing.get_context
    PROGRAM = [sys.executable, __file__, "work"]
    if sys.argv[1:]:
        work(sys.argv[1])
    elif __name__ == "__main__":
        THREADS = concurrent.futures.ThreadPoolExecutor(1)
        PROCESSES = concurrent.futures.ProcessPoolExecutor(1, mp_context=context("fork"))
        request = begin("request")
        POOL = context("fork").Pool(1)
        {WAYS[way]}
        request.end()
        current.set(None)
        THREADS.submit(work, "other").result()
        PROCESSES.submit(work, "other").result()
        POOL.apply(work, ("other",))
        THREADS.shutdown()
        PROCESSES.shutdown()
        POOL.close()
        POOL.join()
        assert "TRACEPARENT" not in os.environ
    """
    with Sink() as sink, start(tmp_path, code, sink) as program:
        assert program.communicate(timeout=60) == ("", "")
        found = spans(sink)
    (request,) = found["request"]
    (work,) = found["work"]
    assert (work.trace_id, work.parent_span_id) == (request.trace_id, request.span_id)
    assert [span.parent_span_id for span in found["other"]] == [b"", b"", b""]


@pytest.fixture
def open_tracer(monkeypatch):
    monkeypatch.setattr(environment, "_given", {})
    token = current.set(None)
    yield
    current.reset(token)


def parent():
    return Span("parent", 1, "ab" * 16, "cd" * 8, "", 1, "", "", None)


def test_a_childs_environment_is_a_copy_with_the_trace(open_tracer):
    current.set(parent())
    environ = {"PATH": "/bin"}
    assert environment.carry(environ) == {"PATH": "/bin", "TRACEPARENT": f"00-{'ab' * 16}-{'cd' * 8}-01"}
    assert environ == {"PATH": "/bin"}


def test_without_a_span_a_childs_environment_is_the_very_same(open_tracer):
    environ = {"PATH": "/bin"}
    assert environment.carry(environ) is environ
    assert environment.carry_in_list(None) is None


def test_a_traceparent_that_the_service_set_stays(open_tracer):
    current.set(parent())
    environ = {"TRACEPARENT": "mine"}
    assert environment.carry(environ) is environ
    assert environment.carry_in_list([b"TRACEPARENT=mine"]) == [b"TRACEPARENT=mine"]


def test_what_this_process_was_given_itself_is_replaced(open_tracer):
    given = {"TRACEPARENT": f"00-{'12' * 16}-{'34' * 8}-01", "TRACESTATE": "a=1", "BAGGAGE": "k=v"}
    assert environment.read(given).trace_id == "12" * 16
    current.set(parent())
    assert environment.carry({"A": "b", **given}) == {
        "A": "b",
        "TRACEPARENT": f"00-{'ab' * 16}-{'cd' * 8}-01",
    }


def test_a_variable_of_the_services_that_is_called_baggage_stays(open_tracer):
    current.set(parent())
    carried = environment.carry_in_list([b"BAGGAGE=two suitcases", b"A=b"])
    assert carried == [b"BAGGAGE=two suitcases", b"A=b", f"TRACEPARENT=00-{'ab' * 16}-{'cd' * 8}-01".encode()]


def test_a_span_that_has_ended_is_a_parent_for_a_while_and_then_nobodys(open_tracer):
    span = parent()
    span.end_ns = clock.now()
    assert not tracer.is_stale(span)
    span.end_ns = clock.now() - 301 * 10**9
    assert tracer.is_stale(span)


def test_a_span_whose_end_is_not_seen_here_is_a_parent_for_an_hour(open_tracer):
    span = parent()
    assert not tracer.is_stale(span)
    span.start_ns = clock.now() - 3601 * 10**9
    assert tracer.is_stale(span)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["python", "/app/job.py", "now"], "job.py"),
        (["python", "-u", "-X", "dev", "job.py"], "job.py"),
        (["python", "-m", "jobs.nightly"], "jobs.nightly"),
        (["/usr/bin/python3", "-c", "import this"], "python3"),
        (["python3"], "python3"),
        (["python", "-c", "from multiprocessing.spawn import spawn_main; spawn_main()"], None),
    ],
)
def test_a_run_is_named_by_what_runs(command, name):
    assert script.name_of(command) == name


@pytest.mark.parametrize(
    ("argument", "code"), [(None, 0), (0, 0), (3, 3), (256, 0), (-1, 255), ("why", 1), (True, 1)]
)
def test_an_exit_code_is_what_python_makes_of_it(argument, code):
    assert script.exit_code(argument) == code
