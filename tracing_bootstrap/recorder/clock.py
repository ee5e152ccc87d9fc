"""Tells span times: one cheap monotonic reading a time stamp, turned into wall time when a batch leaves.

A span's duration is thereby right even when the wall clock is set while it runs.
"""

from __future__ import annotations

from time import perf_counter_ns, time_ns

now = perf_counter_ns


def offset() -> int:
    """Return what to add to a reading of `now` to get nanoseconds since the Unix epoch."""
    return time_ns() - perf_counter_ns()
