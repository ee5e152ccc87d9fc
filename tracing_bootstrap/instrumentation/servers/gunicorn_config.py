"""Puts the image's gunicorn config beneath the service's own, and our two hooks before theirs.

gunicorn reads one config file: a service's `-c` is taken instead of any other. So the image's settings are
loaded as if they were gunicorn's defaults, when the defaults are made; whatever the service says, in a file, in
GUNICORN_CMD_ARGS, on the command line or in its own Application class, is set on top of them.
"""

from __future__ import annotations

import os

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation.patching import after, is_replaced, mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


#: The image's own hook, which a service's config must not take away.
_post_worker_init: Callable[[Any], object] | None = None


def patch_app_base(module: Any) -> None:
    """Load the image's config as defaults, then chain the hooks (gunicorn.app.base)."""
    application = module.BaseApplication
    after(
        application, "load_default_config", "the image's gunicorn config could not be loaded", _load_defaults
    )
    after(application, "do_load_config", "gunicorn's hooks could not be chained", _chain_hooks)


def image_config() -> str:
    """Where the image keeps its gunicorn config: beside the package."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return os.path.join(os.path.dirname(package), "gunicorn.conf.py")


def _load_defaults(_result: None, application: Any) -> None:
    cfg = application.cfg
    path = image_config()
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        source = file.read()
    values: dict[str, Any] = {"__file__": path, "__name__": "__config__"}
    exec(compile(source, path, "exec"), values)  # noqa: S102 - a gunicorn config is a Python file
    for name, value in values.items():
        if name in cfg.settings:
            cfg.set(name, value)
    global _post_worker_init
    _post_worker_init = values.get("post_worker_init")


def _chain_hooks(_result: None, application: Any) -> None:
    """Chain our hooks to the service's, and read the settings for all workers: what is wrong with them is said once."""
    cfg = application.cfg
    if not cfg.env:  # else gunicorn's own configuration sets variables, a little later
        from tracing_bootstrap import settings

        guard.call("the settings could not be read", settings.current)
    from tracing_bootstrap.instrumentation.servers import gunicorn_hooks as hooks

    post_fork, worker_exit = cfg.post_fork, cfg.worker_exit
    if post_fork is not hooks.post_fork and not is_replaced(post_fork):
        cfg.set("post_fork", _in_turn(hooks.post_fork, post_fork))
    if worker_exit is not hooks.worker_exit and not is_replaced(worker_exit):
        cfg.set("worker_exit", _in_turn(worker_exit, hooks.worker_exit))

    theirs, image = cfg.post_worker_init, _post_worker_init
    if is_replaced(theirs):
        return

    def post_worker_init(worker: Any) -> None:
        hooks.post_worker_init(worker)
        if image is not None and theirs is not image:
            image(worker)
        theirs(worker)

    cfg.set("post_worker_init", mark(post_worker_init))


def _in_turn(first: Callable[[Any, Any], Any], then: Callable[[Any, Any], Any]) -> Callable[[Any, Any], None]:
    def hook(server: Any, worker: Any) -> None:
        try:
            first(server, worker)
        finally:
            then(server, worker)

    return mark(hook)
