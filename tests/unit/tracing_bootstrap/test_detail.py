"""The detail layer with packages of the tests' own, in processes of their own."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tracing_bootstrap.instrumentation import table
from tracing_bootstrap.instrumentation.detail import load, trigger

ROOT = Path(__file__).parents[3]


@pytest.fixture
def layer(tmp_path):
    """An image's packages: wrapt, and an instrumentation of the library `shopdb` which needs it."""
    write(tmp_path / "detail", {
        "wrapt/__init__.py": "import asyncio\nfrom .inner import VERSION\n",
        "wrapt/inner.py": "VERSION = 'ours'\n",
        "opentelemetry/instrumentation/shopdb/__init__.py": """
            import wrapt, shopdb
            from opentelemetry import trace
            from opentelemetry.instrumentation.instrumentor import BaseInstrumentor
            class Instrumentor(BaseInstrumentor):
                def _instrument(self, **kwargs):
                    original = shopdb.connect
                    tracer = trace.get_tracer(__name__, "1")
                    def connect(*args):
                        with tracer.start_as_current_span("connect", kind=trace.SpanKind.CLIENT):
                            return original(*args) + [wrapt.VERSION]
                    shopdb.connect = connect
            """,
        "opentelemetry/instrumentation/_semconv.py": """
            class _StabilityMode: HTTP = DATABASE = DEFAULT = ""
            class _OpenTelemetryStabilitySignalType: HTTP = DATABASE = GEN_AI = ""
            class _OpenTelemetrySemanticConventionStability: pass
            """,
        "opentelemetry/instrumentation/broken.py": "raise RuntimeError('no')\n",
        "ranges": """
            shopdb opentelemetry.instrumentation.shopdb:Instrumentor
            broken opentelemetry.instrumentation.broken:X
            """,
    })  # fmt: skip
    write(tmp_path / "service", {
        "shopdb.py": "def connect(*args):\n    return list(args)\n",
        "broken.py": "def connect():\n    return 'works'\n",
        "wrapt.py": "VERSION = 'the service\\'s'\n",
    })  # fmt: skip
    import opentelemetry.trace

    (tmp_path / "api").symlink_to(Path(opentelemetry.trace.__file__).parents[2])
    return tmp_path


def write(directory, files):
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content).lstrip())


def run(layer, code, strict="1", **environ):
    start = f"""
        import json, sys
        sys.path.insert(0, {str(layer / "service")!r})
        from tracing_bootstrap.instrumentation import table
        table.DETAIL.update(shopdb=("shopdb", ("connect",)), broken=("broken", ("connect",)))
        table.ROWS.update(dict.fromkeys(("shopdb", "broken"), "detail.trigger.place: "))
        from tracing_bootstrap import bootstrap
        bootstrap.arm("test")
        from tracing_bootstrap.instrumentation.detail import isolation, load
        isolation.home = lambda: {str(layer)!r}
        from tracing_bootstrap.recorder import tracer
        from tracing_bootstrap.recorder.context import current
        from tracing_bootstrap.recorder.span import Span
        ended = []
        tracer.get().take = ended.append
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(start) + textwrap.dedent(code)],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "TRACING_BOOTSTRAP_STRICT": strict,
            "OTEL_TRACES_EXPORTER": "none",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


BELOW_A_SPAN = """
import shopdb
before = set(sys.modules)
above = tracer.child(Span, "above", 1)
current.set(above)
answer = shopdb.connect(1, 2)
"""


def test_a_library_is_used_with_the_layers_packages_and_a_service_with_its_own(layer):
    found, errors = run(
        layer,
        BELOW_A_SPAN
        + """
import wrapt
(span,) = ended
print(json.dumps([
    answer, wrapt.VERSION, span.name, span.kind, span.scope, span.parent_id == above.span_id,
    current.get() is above, load.states,
]))
""",
    )
    assert found == [
        [1, 2, "ours"],
        "the service's",
        "connect",
        3,
        ["opentelemetry.instrumentation.shopdb", "1"],
        True,
        True,
        {"shopdb": "loaded"},
    ]
    assert errors == ""


def test_nothing_of_the_layer_shows_under_a_usual_name_and_asyncio_is_not_imported(layer):
    (added, asyncio), _ = run(
        layer,
        BELOW_A_SPAN
        + """
added = sorted(name for name in set(sys.modules) - before if not name.startswith("tracing_bootstrap"))
print(json.dumps([[n for n in added if n.split(".")[0] not in sys.stdlib_module_names], "asyncio" in sys.modules]))
""",
    )
    assert added == []
    assert asyncio is False


def test_an_import_loads_nothing(layer):
    found, _ = run(
        layer,
        """
        import shopdb
        print(json.dumps([load.states, [n for n in sys.modules if n.startswith("tracing_bootstrap.layer")]]))
        """,
    )
    assert found == [{}, []]


def test_who_kept_the_function_from_before_its_first_call_is_traced_once_each_time(layer):
    found, _ = run(
        layer,
        """
        from shopdb import connect
        current.set(tracer.child(Span, "above", 1))
        print(json.dumps([connect(1), connect(2), len(ended)]))
        """,
    )
    assert found == [[1, "ours"], [2, "ours"], 2]


def test_anothers_wrapper_around_the_function_is_called_once(layer):
    found, _ = run(
        layer,
        """
        import shopdb
        before, calls = shopdb.connect, []
        def wrapper(*args):
            calls.append(args)
            return before(*args)
        shopdb.connect = wrapper
        first = shopdb.connect(1)
        load.load("shopdb")
        print(json.dumps([first, shopdb.connect(2), len(calls)]))
        """,
    )
    assert found == [[1], [2, "ours"], 2]


def test_without_a_span_above_there_is_none(layer):
    found, _ = run(layer, "import shopdb\nprint(json.dumps([shopdb.connect(), len(ended)]))")
    assert found == [["ours"], 0]


def test_below_the_span_of_a_queue_there_is_none(layer):
    found, _ = run(
        layer,
        """
        import shopdb
        current.set(tracer.child(Span, "send", 4))
        print(json.dumps([shopdb.connect(), len(ended)]))
        """,
    )
    assert found == [["ours"], 0]


@pytest.mark.parametrize("named", ["shopdb", "*", "redis, shopdb"])
def test_a_library_that_is_named_gets_no_detail(layer, named):
    found, _ = run(
        layer,
        BELOW_A_SPAN + "print(json.dumps([answer, len(ended), load.states]))",
        OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=named,
    )
    assert found == [[1, 2], 0, {"shopdb": "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS names it"}]


def test_one_that_cannot_be_loaded_costs_no_other_and_no_call(layer):
    found, errors = run(
        layer,
        "import broken\nworks = broken.connect(), broken.connect()\n"
        + BELOW_A_SPAN
        + "print(json.dumps([works, answer, load.states]))",
        strict="",
    )
    assert found == [
        ["works", "works"],
        [1, 2, "ours"],
        {"broken": "it could not be loaded", "shopdb": "loaded"},
    ]
    assert errors.count("\n") == 1
    assert "the detail of broken could not be loaded: RuntimeError: no" in errors


def test_why_there_is_none_rides_on_the_next_batch(layer):
    (layer / "detail" / "ranges").write_text("shopdb x:Y shopdb>=1\n")
    found, _ = run(
        layer, BELOW_A_SPAN + "from tracing_bootstrap.recorder import batch\nprint(json.dumps(batch.notes))"
    )
    assert found == {"tracing_bootstrap.detail.shopdb": "shopdb is not installed as a distribution"}


def test_every_module_of_the_table_has_a_row():
    rows = {module for module, row in table.ROWS.items() if row.startswith("detail.trigger.")}
    assert rows == set(table.DETAIL)
    assert callable(trigger.place)
    assert load.states == {}
