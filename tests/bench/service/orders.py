"""Takes orders to serve requests, and tells the CPU time that they took: what every in-process program does.

Reads one JSON object a line and answers with one. {"route": "hello", "requests": 64} sends requests;
{"flush": true} delivers every span, and is answered with the CPU time of the whole process so far, all threads.
"""

import gc
import json
import sys
import time

FLUSH_SECONDS = 30
# More than any cache of formatted paths holds: a path with an id in it comes once.
PATHS = 4096


def flusher():
    """How the tracer of this process, if there is one, is made to deliver what it has."""
    if "tracing_bootstrap.bootstrap" in sys.modules:
        from tracing_bootstrap.recorder import tracer

        return lambda: tracer.get().pipeline.flush(FLUSH_SECONDS)
    if "opentelemetry.sdk.trace" in sys.modules:
        from opentelemetry import trace

        return lambda: trace.get_tracer_provider().force_flush(FLUSH_SECONDS * 1000)
    return lambda: None


def obey(serve):
    """Call `serve(route, requests)` as ordered, until there are no more orders."""
    # What is prepared by now is no part of a service; a collection that walks it all would cost each side by chance.
    gc.collect()
    gc.freeze()
    flush = flusher()
    print("READY", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "flush" in order:
            flush()
        else:
            serve(order["route"], order["requests"])
        print(json.dumps({"cpu_ns": time.process_time_ns()}), flush=True)
