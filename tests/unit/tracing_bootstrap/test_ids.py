"""Ids, in processes of their own: what a fork's children have in common must not be their ids."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_children_of_a_parent_that_never_opened_the_tracer_make_ids_of_their_own():
    program = textwrap.dedent(
        """
        import json, os
        from tracing_bootstrap.recorder import ids, tracer
        from tracing_bootstrap.recorder.span import INTERNAL, Span
        made = []
        for _ in range(2):
            read, write = os.pipe()
            if os.fork() == 0:
                span = tracer.child(Span, "work", INTERNAL)
                os.write(write, f"{span.trace_id} {span.span_id}".encode())
                os._exit(0)
            os.close(write)
            made += os.read(read, 100).decode().split()
            os.wait()
        print(json.dumps(made))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "OTEL_TRACES_EXPORTER": "none"},
        capture_output=True,
        text=True,
        check=True,
    )
    made = json.loads(done.stdout)
    assert len(set(made)) == len(made) == 4
