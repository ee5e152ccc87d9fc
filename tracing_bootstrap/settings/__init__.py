"""What this process was told about tracing: the environment over the company's file, read once, frozen."""

from __future__ import annotations

import os

from tracing_bootstrap import guard
from tracing_bootstrap.settings.parse import without_user
from tracing_bootstrap.settings.table import TABLE, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

_SHOWN = 80
_current: Settings | None = None


class Settings:
    """Every row of the table as an attribute; and what was wrong, and where each value came from."""

    __slots__ = (*(variable.field for variable in TABLE), "sources", "warnings")

    disabled: bool
    service_name: str | None
    resource_attributes: Mapping[str, str]
    script_span: bool
    exporter: str
    traces_endpoint: str
    headers: Mapping[str, str]
    timeout_s: float
    compression: str
    certificate: str | None
    client_key: str | None
    client_certificate: str | None
    protocol: str
    sampler: str
    sampler_arg: float
    propagators: tuple[str, ...]
    edge: bool
    bsp_schedule_delay_ms: int
    bsp_export_timeout_ms: int
    bsp_max_queue_size: int
    bsp_max_export_batch_size: int
    span_attribute_count_limit: int
    span_attribute_value_length_limit: int | None
    span_event_count_limit: int
    span_link_count_limit: int
    event_attribute_count_limit: int
    link_attribute_count_limit: int
    excluded_urls: tuple[str, ...]
    disabled_instrumentations: tuple[str, ...]
    # One line for each value that could not be used, ready to be shown.
    warnings: tuple[str, ...]
    # By field: "environment OTEL_X", "image OTEL_X" or "default".
    sources: Mapping[str, str]

    def __init__(self, values: Mapping[str, object]) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, values[name])

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"settings are read once: {name} cannot be set")


def current() -> Settings:
    """Return this process's settings; the first call reads them and says what could not be used."""
    global _current
    if _current is None:
        _current = of_process()
        for warning in _current.warnings:
            guard.warn(warning)
    return _current


def of_process() -> Settings:
    """Read this process's settings and keep them to the caller; the doctor shows the warnings itself."""
    return read(os.environ, defaults_path=defaults_path())


def defaults_path() -> str:
    """Where the image keeps the company's defaults: beside the package, also when it is reached by a link."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return os.path.join(os.path.dirname(package), "defaults.env")


def read(environ: Mapping[str, str], *, defaults_path: str | None = None) -> Settings:
    """Read the settings from `environ` over the file `defaults_path`; print nothing, raise nothing.

    An empty value counts as unset and one that does not parse as unset with a warning, both as the
    specification of the environment variables says.
    """
    warnings: list[str] = []
    layers: list[tuple[str, Mapping[str, str]]] = [("environment", environ)]
    if defaults_path is not None:
        defaults = _defaults(defaults_path, warnings)
        if defaults.pop("OTEL_SDK_DISABLED", ""):
            # It is read at interpreter start, where opening a file for it would cost every process.
            warnings.append("OTEL_SDK_DISABLED works in the environment only; in defaults.env it is not used")
        layers.append(("image", defaults))
    values: dict[str, object] = {}
    sources: dict[str, str] = {}
    for variable in TABLE:
        values[variable.field], sources[variable.field] = _find(variable, layers, warnings)
    _fit_batch_to_queue(values, sources, warnings)
    _fit_argument_to_sampler(values, sources, warnings)
    values["warnings"] = tuple(warnings)
    values["sources"] = sources
    return Settings(values)


def shown(variable: Variable, value: object) -> str:
    """Write a setting's value for people: without secrets, on one line."""
    if variable.secret:
        if not isinstance(value, dict):
            return "(not shown)"
        return ", ".join(f"{key}=(not shown)" for key in value) or "none"
    if isinstance(value, dict):
        return ",".join(f"{key}={item}" for key, item in value.items()) or "none"
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if not isinstance(value, str):
        text += " s" * variable.field.endswith("_s") + " ms" * variable.field.endswith("_ms")
    return without_user(text) if variable.field == "traces_endpoint" else text


def _find(
    variable: Variable, layers: list[tuple[str, Mapping[str, str]]], warnings: list[str]
) -> tuple[object, str]:
    """Return the first value that is set and fits, and its source; the nearer layer beats the nearer name."""
    bad: list[tuple[str, str, str]] = []
    value, source = variable.default, "default"
    for layer, variables in layers:
        found = False
        for name in variable.names:
            text = _clean(variables.get(name, ""))
            if not text:
                continue
            try:
                value, source, found = variable.parse(text, name=name), f"{layer} {name}", True
                break
            except ValueError as exc:
                bad.append((name, text, str(exc)))
        if found:
            break
    for name, text, reason in bad:
        what = "" if variable.secret else f" {shown(variable, text[:_SHOWN])!r}"
        used = shown(variable, value)
        warnings.append(f"{name}{what} {reason}; used {used} ({source})")
    return value, source


def _clean(value: str) -> str:
    """Strip a value; bytes that are no UTF-8 arrive as lone surrogates, which nothing later can encode."""
    value = value.strip()
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _fit_batch_to_queue(values: dict[str, object], sources: dict[str, str], warnings: list[str]) -> None:
    """Keep a batch no larger than the queue, as the batch processor's specification demands."""
    batch, queue = values["bsp_max_export_batch_size"], values["bsp_max_queue_size"]
    assert isinstance(batch, int)
    assert isinstance(queue, int)
    if batch <= queue:
        return
    if sources["bsp_max_export_batch_size"] != "default":
        warnings.append(
            f"OTEL_BSP_MAX_EXPORT_BATCH_SIZE '{batch}' is more than OTEL_BSP_MAX_QUEUE_SIZE; used {queue}"
        )
    values["bsp_max_export_batch_size"] = queue


def _fit_argument_to_sampler(values: dict[str, object], sources: dict[str, str], warnings: list[str]) -> None:
    """Give the sampler's argument the sampler's own default, also where it does not fit (each means another)."""
    argument, sampler = values["sampler_arg"], values["sampler"]
    assert isinstance(argument, float)
    assert isinstance(sampler, str)
    limited = sampler.endswith("ratelimited")
    default = 10.0 if limited else 1.0
    if sources["sampler_arg"] == "default":
        values["sampler_arg"] = default
    elif (limited and argument == 0) or (sampler.endswith("traceidratio") and argument > 1):
        reason = "keeps nothing: say always_off" if limited else "is not between 0 and 1"
        warnings.append(f"OTEL_TRACES_SAMPLER_ARG '{argument:g}' {reason}; used {default:g} (default)")
        values["sampler_arg"], sources["sampler_arg"] = default, "default"


def _defaults(path: str, warnings: list[str]) -> dict[str, str]:
    """Read KEY=VALUE lines; no file means no company defaults."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return {}
    except OSError as exc:
        warnings.append(f"{path} cannot be read ({exc.strerror}); used the specification's defaults")
        return {}
    pairs = (line.partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}
