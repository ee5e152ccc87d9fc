"""What gunicorn does in our image unless the service says otherwise.

Works with gunicorn 20.1 to 27: a version that does not know a name ignores it.
"""

import math
import os
import sys

CGROUP = "/sys/fs/cgroup"
HEARTBEAT_DIR = "/dev/shm"


def _numbers(path):
    """The numbers in a cgroup file; None for each word that is none ("max")."""
    try:
        with open(path) as file:
            return [int(word) if word.lstrip("-").isdigit() else None for word in file.read().split()]
    except OSError:
        return []


def cpu_limit(cgroup=CGROUP):
    """CPUs that the cgroup lets us use (may be a fraction), or None where there is no limit.

    Both hierarchies, since hosts of either kind run the same image:
    https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max),
    https://docs.kernel.org/scheduler/sched-bwc.html (cpu.cfs_quota_us).
    """
    unified = _numbers(f"{cgroup}/cpu.max")
    if len(unified) == 2:
        quota, period = unified
    else:
        quota = next(iter(_numbers(f"{cgroup}/cpu/cpu.cfs_quota_us")), None)
        period = next(iter(_numbers(f"{cgroup}/cpu/cpu.cfs_period_us")), None)
    if not quota or not period or quota < 0:
        return None
    return quota / period


# Without PORT gunicorn listens on the loopback by default, where nobody outside the container reaches it.
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"

# gunicorn reads WEB_CONCURRENCY itself; a value here would hide it. Two at least: one slow request must
# not block a readiness probe. The host's number of CPUs says nothing about a container's share of them.
if not os.environ.get("WEB_CONCURRENCY"):
    workers = max(2, math.ceil(cpu_limit() or 0))

# Workers prove that they live by touching a file. On an overlay file system that can block for seconds, and
# the arbiter then kills a healthy worker: https://docs.gunicorn.org/en/stable/faq.html
if os.access(HEARTBEAT_DIR, os.W_OK):
    worker_tmp_dir = HEARTBEAT_DIR

# From 25.1 on gunicorn opens a socket for its console in HOME: not writable for a random uid.
control_socket_disable = True

# A container's logs are its standard streams. The ids join a line to its trace; "-" where there is none.
accesslog = "-"
errorlog = "-"
access_log_format = (
    '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" trace_id=%(trace_id)s span_id=%(span_id)s'
)


def post_worker_init(worker):
    """Leave aiohttp's worker its format: of gunicorn's it takes none but the default, and ends over any other."""
    default = getattr(worker, "DEFAULT_GUNICORN_LOG_FORMAT", None)
    if default is not None and worker.cfg.access_log_format == access_log_format:
        worker.cfg.set("access_log_format", default)


# Off means that nothing of it is imported. gunicorn takes these names as its hooks.
if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true":
    try:
        from tracing_bootstrap.legs.gunicorn_hooks import post_fork, worker_exit  # noqa: F401
    except ImportError as error:  # a service with a Python of its own, say: it must start all the same
        print(f"tracing: gunicorn's hooks are not there: {error}", file=sys.stderr)
