"""Whether tracing works where this is run, and why not: facts, gathered by trying.

Everything is of this very process: it is started as the service is, by the same interpreter in the same
environment, and so armed by the same leg. It imports each library that the table knows, to see it patched.
"""

from __future__ import annotations

import json
import os
import sys

from tracing_bootstrap import __version__, bootstrap, guard, settings
from tracing_bootstrap.doctor import collector, limits
from tracing_bootstrap.instrumentation.detail import load
from tracing_bootstrap.instrumentation.table import DETAIL, ROWS
from tracing_bootstrap.recorder import resource, service_name, tracer
from tracing_bootstrap.settings.table import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tracing_bootstrap.settings import Settings

    Facts = dict[str, Any]

PATCHED = "patched"
NOT_PATCHED = "not patched"
NOT_INSTALLED = "not installed"
#: There would be detail, but not here.
SKIPPED = "skipped"


def examine() -> Facts:
    """Gather what there is to know about tracing in this process; JSON-able, problems included."""
    read = settings.of_process()
    facts: Facts = {
        "version": __version__,
        "image": image(),
        "interpreter": {
            "executable": sys.executable,
            "version": sys.version.split()[0],
            "prefix": sys.prefix,
            "without_site": bool(sys.flags.no_site),
            "sitecustomize": sitecustomize(),
        },
        "legs": list(bootstrap.legs),
        "disabled_by": read.sources["disabled"] if read.disabled else None,
        "patches": patches(),
        "api": api(),
        "settings": [
            {
                "field": variable.field,
                "names": list(variable.names),
                "value": settings.shown(variable, getattr(read, variable.field)),
                "source": read.sources[variable.field],
                "meaning": variable.meaning,
            }
            for variable in TABLE
        ],
        "warnings": list(read.warnings),
        "resource": service(read),
        "collector": collector.ask(read),
        "losses": losses(),
        "errors": guard.errors(),
    }
    facts["limits"] = [*limits.of_settings(read), *limits.of_servers(facts["patches"])]
    facts["problems"] = problems(facts)
    facts["healthy"] = not facts["problems"]
    return facts


def problems(facts: Mapping[str, Any]) -> list[str]:
    """Name everything that keeps this process from being traced, each with what to do; empty means healthy."""
    found = []
    if facts["disabled_by"]:
        found.append(f"tracing is off by {facts['disabled_by']}: unset it")
    elif not facts["legs"]:
        found.append(_why_unarmed(facts["interpreter"]))
    else:
        found += [
            f"{row['module']} {row['version']} is not patched: {row['reason']}".replace("  ", " ")
            for row in facts["patches"]
            if row["state"] == NOT_PATCHED
        ]
    found += [f"setting {warning}" for warning in facts["warnings"]]
    target = facts["collector"]
    if target["sends"] and not target["answers"]:
        found.append(f"{target['url']} {target['detail']}{target['hint']}")
    return found


def _why_unarmed(interpreter: Mapping[str, Any]) -> str:
    if interpreter["without_site"]:
        return "no leg fired: Python runs with -S; start it without"
    if interpreter.get("sitecustomize"):
        # It stands before ours on the path, and does not ask who else there is.
        return (
            f"no leg fired: {interpreter['sitecustomize']} ran in our sitecustomize's place; "
            "move it from PYTHONPATH into the virtualenv, where ours runs it"
        )
    return f"no leg fired: {interpreter['executable']} is not the image's Python; run the service with that"


def sitecustomize() -> str | None:
    """Return the file of a sitecustomize that ran and is not the one beside the standard library."""
    path = getattr(sys.modules.get("sitecustomize"), "__file__", None)
    if path is None or os.path.dirname(os.path.realpath(path)) == os.path.dirname(
        os.path.realpath(os.__file__)
    ):
        return None
    return str(path)


def image() -> Mapping[str, Any] | None:
    """Return the facts of the base image, or None outside of it."""
    path = os.path.join(os.path.dirname(settings.defaults_path()), "base.json")
    try:
        with open(path, encoding="utf-8") as file:
            facts = json.load(file)
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def patches() -> list[dict[str, str]]:
    """Import every library that we patch, and tell what became of it."""
    rows = []
    for module, row in ROWS.items():
        state, reason = _patch_state(module)
        if state == PATCHED and module in DETAIL:
            reason = load.obstacle(DETAIL[module][0])
            state = SKIPPED if reason else PATCHED
        version = _version(module) if state != NOT_INSTALLED else ""
        rows.append(
            {
                "module": module,
                "kind": row.partition(".")[0],
                "brings": row.partition(": ")[2],
                "state": state,
                "reason": reason,
                "version": version,
            }
        )
    return rows


def _patch_state(module: str) -> tuple[str, str]:
    cause = f"{module} could not be imported"
    there = module in sys.modules or guard.call(cause, _import, module)
    if there is None:
        return NOT_PATCHED, guard.reason(cause)
    if not there:
        return NOT_INSTALLED, ""
    if not bootstrap.legs:
        return NOT_PATCHED, "nothing is armed"
    state = bootstrap.states.get(module, "it was imported past our finder")
    return (PATCHED, "") if state == bootstrap.PATCHED else (NOT_PATCHED, state)


def _import(module: str) -> bool:
    """Import a module; False if it, or a package that it is in, is not there (one of another version, say)."""
    from importlib import import_module

    try:
        import_module(module)
    except ModuleNotFoundError as exc:
        if f"{module}.".startswith(f"{exc.name}."):
            return False
        raise
    return True


def _version(module: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    top = module.partition(".")[0]
    try:
        return version({"opentelemetry": "opentelemetry-api"}.get(top, top))
    except PackageNotFoundError:
        # The standard library, or the image's own copy of the API.
        return ""


def api() -> Mapping[str, str] | None:
    """Tell where `opentelemetry.trace` comes from, the service or the image; None where there is none."""
    module = sys.modules.get("opentelemetry.trace")
    path = getattr(module, "__file__", None)
    if path is None:
        return None
    ours = os.path.realpath(path).startswith(os.path.dirname(settings.defaults_path()) + "/")
    return {"path": path, "from": "image" if ours else "service", "version": _version("opentelemetry")}


def service(read: Settings) -> Facts:
    """Describe what the service's spans will say of their origin, without what is only the doctor's own."""
    found: Facts = dict(resource.detect(read, orig_argv=(), argv=()))
    if not read.service_name and "service.name" not in read.resource_attributes:
        found["service.name"] = _name()
    return {
        name: value for name, value in found.items() if name not in ("service.instance.id", "process.pid")
    }


def _name() -> str:
    """Return the service's name where it does not depend on the service's command, which is not the doctor's."""
    stamped = resource.stamped_name(os.path.dirname(settings.defaults_path()))
    name, source = service_name.find(
        os.environ, orig_argv=(), argv=(), directory=os.getcwd(), stamped=stamped
    )
    if source in (service_name.IMAGE, service_name.PLATFORM):
        return name
    otherwise = "" if name.startswith(service_name.UNKNOWN) else f", or else {name} after {source}"
    return f"(after the command that runs the service{otherwise}: set OTEL_SERVICE_NAME to choose)"


def losses() -> Mapping[str, int]:
    """Spans that this process lost, by cause. A worker's own ride on the batches that it sends."""
    opened = tracer.opened()
    return opened.pipeline.losses if opened is not None and opened.pipeline is not None else {}
