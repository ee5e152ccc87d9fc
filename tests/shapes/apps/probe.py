"""What a service's process looks like from inside: the same with and without tracing, or something is wrong.

A shape's application serves `facts()` on /probe. Nothing here is about tracing, and nothing is imported that a
service would not have anyway.
"""

import json
import signal
import sys


def facts():
    """Return as JSON: logging handlers, signal handlers, and the versions of what was imported."""
    return json.dumps(
        {"handlers": _handlers(), "signals": _signals(), "versions": _versions()}, sort_keys=True
    )


def _handlers():
    logging = sys.modules.get("logging")
    if logging is None:
        return {}
    loggers = {"root": logging.root, **logging.root.manager.loggerDict}
    return {
        name: [type(handler).__name__ for handler in logger.handlers]
        for name, logger in sorted(loggers.items())
        if getattr(logger, "handlers", None)
    }


def _signals():
    return {
        number.name: _describe(signal.getsignal(number))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD)
    }


def _describe(handler):
    if callable(handler):
        return (
            f"{getattr(handler, '__module__', '')}.{getattr(handler, '__qualname__', type(handler).__name__)}"
        )
    return str(handler)


def _versions():
    return {
        name: str(vars(module).get("__version__", ""))
        for name, module in sorted(sys.modules.items())
        if name == "opentelemetry.version"
        or (
            "." not in name
            and name not in sys.stdlib_module_names
            and not name.startswith(("_", "tracing_bootstrap", "sitecustomize"))
        )
    }
