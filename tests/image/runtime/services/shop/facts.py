"""What a process is like from within: everything that tracing must leave as it is."""

import json
import logging
import signal
import sys
import threading
import warnings


def collect():
    root = logging.getLogger()
    return {
        "root handlers": [repr(handler) for handler in root.handlers],
        "root level": root.level,
        "last resort": repr(logging.lastResort),
        "logger class": repr(logging.getLoggerClass()),
        "signals": {number.name: handler_name(signal.getsignal(number)) for number in signal.Signals},
        "threads": sorted({thread.name.partition("-")[0] for thread in threading.enumerate()}),
        "path": sys.path,
        "hooks": [repr(hook) for hook in (sys.excepthook, sys.displayhook, threading.excepthook)],
        "streams": [repr(stream) for stream in (sys.stdout, sys.stderr)],
        "recursion limit": sys.getrecursionlimit(),
        "warning filters": [str(one) for one in warnings.filters],
        "versions": {
            name: str(module.__version__)
            for name, module in list(sys.modules.items())
            if isinstance(getattr(module, "__version__", None), str)
        },
        "modules": sorted(sys.modules),
    }


def handler_name(handler):
    return getattr(handler, "__qualname__", repr(handler))


if __name__ == "__main__":
    print(json.dumps(collect()))
