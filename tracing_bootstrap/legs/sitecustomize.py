"""Leg (a): arms the tracing runtime at the start of every Python process, then runs what it shadows.

Lies in the base interpreter's standard-library directory, where a virtual environment, -I, -E and a replaced
PYTHONPATH still find it. What another sitecustomize raises is its own affair and passes through.
"""


def _arm() -> None:
    import os

    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return
    try:
        from tracing_bootstrap import bootstrap
    except ImportError:
        # The runtime was taken out of this image; the interpreter must start all the same.
        return
    bootstrap.arm("sitecustomize")


def _run_shadowed() -> None:
    import sys
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    here = __file__.rpartition("/")[0]
    if PathFinder.find_spec("_shadowed_sitecustomize", [here]) is not None:
        import _shadowed_sitecustomize  # noqa: F401 - the distribution's own, moved aside by the image's build
    if here not in sys.path:
        return
    spec = PathFinder.find_spec("sitecustomize", sys.path[sys.path.index(here) + 1 :])
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_arm()
_run_shadowed()
