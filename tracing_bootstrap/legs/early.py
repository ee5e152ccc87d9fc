"""Leg (d): arms where somebody else's sitecustomize is about to run in the place of ours.

A sitecustomize on PYTHONPATH (the service's own, or the one that another tracer's start command puts there) comes
before the standard library's, and a venv of the service's own has no .pth of ours. What every interpreter reads
before either, from the standard library's directory, is `encodings.aliases`: the image's build has it import this.
Lies there as `_tracing_early`; here is no more than a look at the one import that `site` will make.
"""

import posix
import sys

# `os` is not imported yet, and nothing may be on its account.
OFF = posix.environ.get(b"OTEL_SDK_DISABLED", b"").strip().lower() == b"true"


class Watcher:
    """A finder that finds nothing, sees somebody look for `sitecustomize`, and goes."""

    @classmethod
    def find_spec(cls, name: str, _path: object = None, _target: object = None) -> None:
        """Arm, unless what will be found is ours anyway."""
        if name != "sitecustomize":
            return
        sys.meta_path.remove(cls)
        from _frozen_importlib_external import PathFinder

        spec = PathFinder.find_spec(name)
        here = __file__.rpartition("/")[0]
        if spec is None or spec.origin is None or spec.origin.rpartition("/")[0] == here:
            return
        try:
            from tracing_bootstrap import bootstrap
        except ImportError:
            # The runtime was taken out of this image; the interpreter must start all the same.
            return
        bootstrap.arm("early")


if not OFF:
    sys.meta_path.insert(0, Watcher)
