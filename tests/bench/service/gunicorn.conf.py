"""The same gunicorn on every side: what the image's own config sets is set here for all of them."""

import os
import time

bind = f"127.0.0.1:{os.environ.get('BENCH_PORT', '0')}"
workers = 1
worker_class = "sync"
worker_tmp_dir = "/dev/shm"
control_socket_disable = True
loglevel = "warning"
# A line is written for every request, as in the image, but into no pipe: whoever reads that uses CPU as well.
accesslog = "/dev/null"
access_log_format = (
    '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" trace_id=%(trace_id)s span_id=%(span_id)s'
)


def post_worker_init(worker):
    """The application is loaded, and whatever traces it is in place."""
    print(f"READY {time.monotonic_ns()}", flush=True)
