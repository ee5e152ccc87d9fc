"""Starts interpreters and services, one at each word on its standard input, and answers with the nanoseconds taken.

`pass`: a whole `python -c pass`. `boot`: from the start of gunicorn until its worker has loaded the application
and says so in post_worker_init. Further arguments of this program stand before both commands.
"""

import os
import signal
import subprocess
import sys
import time

GUNICORN = ["gunicorn", "--config", "/app/gunicorn.conf.py", "app:app"]


def run_pass(wrapper):
    started = time.monotonic_ns()
    subprocess.run([*wrapper, "python", "-c", "pass"], check=True)
    return time.monotonic_ns() - started


def run_boot(wrapper):
    started = time.monotonic_ns()
    child = subprocess.Popen([*wrapper, *GUNICORN], stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        ready = next((line for line in child.stdout if line.startswith("READY ")), None)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.stdout.close()
        child.wait()
    if ready is None:
        sys.exit("gunicorn ended before its worker was ready")
    return int(ready.split()[1]) - started


def main():
    wrapper = sys.argv[1:]
    verbs = {"pass": run_pass, "boot": run_boot}
    print("READY", flush=True)
    for line in sys.stdin:
        print(verbs[line.strip()](wrapper), flush=True)


if __name__ == "__main__":
    main()
