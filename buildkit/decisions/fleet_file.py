"""Which fleet does the text of fleet.toml describe?"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from buildkit.decisions import reference
from buildkit.decisions.naming import IMAGE
from buildkit.decisions.toml_reader import Table
from buildkit.values.errors import BadReference
from buildkit.values.fleet import (
    LEAST_CRITICAL,
    Amount,
    Brakes,
    Budgets,
    Fleet,
    Pinned,
    Policy,
    ServiceEntry,
    Waves,
    When,
)

if TYPE_CHECKING:
    from buildkit.values.oci import Reference

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")
_REGISTRY = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_{1,2}|-+|/)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?")
_TOP = ("registry", "company", "base", "tag", "discover", "service", "waves", "brakes", "budget", "policy")
_SERVICE = (
    "name", "image", "source", "dockerfile", "target", "build_args", "ports", "path", "probes", "command",
    "environment", "call_env", "timeout", "require_outgoing", "wave", "tier", "platforms", "pinned",
)  # fmt: skip


def parse(text: str, *, company: str, file: str = "fleet.toml", directory: str = ".") -> Fleet:
    """Read a fleet.

    Args:
        text: the file's content.
        company: the company, unless the file names it.
        file: how errors call the file.
        directory: what relative sources are relative to.

    Raises:
        BadFleetFile: it is no TOML, or something in it is not what it must be: file, line, key and what to do.
    """
    top = Table.parse(text, file=file)
    top.allow(_TOP)
    registry = top.text("registry")
    if not _REGISTRY.fullmatch(registry):
        said = f'= "{registry}" is no registry' if registry else "is missing"
        top.refuse("registry", said, hint='write registry = "host:port", no scheme, no path')
    company = top.text("company", default=company)
    base = top.text("base", default=f"{company}/{IMAGE}")
    if not _REPOSITORY.fullmatch(base):
        top.refuse("base", f'= "{base}" is no repository', hint="write its path without registry and tag")
    tag = top.text("tag", default="latest")
    if not _TAG.fullmatch(tag):
        top.refuse("tag", f'= "{tag}" cannot be a tag')
    policy = _policy(top.table("policy"))
    services = _services(top, registry=registry, company=company, tag=tag, pinned=policy.pinned)
    discover = _discover(top)
    if not services and not discover:
        top.refuse("service", "is missing: the fleet is empty", hint="add [service.NAME], or discover = true")
    return Fleet(
        registry=registry,
        company=company,
        base=base,
        services=services,
        discover=discover,
        tag=tag,
        waves=_waves(top.table("waves")),
        brakes=_brakes(top.table("brakes")),
        budget=_budget(top.table("budget")),
        policy=policy,
        directory=directory,
    )


def _discover(top: Table) -> tuple[str, ...]:
    if "discover" not in top:
        return ()
    if top.kind("discover") is bool:
        return ("*",) if top.boolean("discover") else ()
    return top.texts("discover")


def _services(
    top: Table, *, registry: str, company: str, tag: str, pinned: Pinned
) -> tuple[ServiceEntry, ...]:
    """Both forms: `[service.shop]`, and `[[service]]` with a name or an image."""
    if "service" not in top:
        return ()
    if top.kind("service") is list:
        named = [(_name(table), table) for table in top.tables("service")]
    else:
        group = top.table("service")
        named = [(name, group.table(name)) for name in group]
    seen: dict[str, ServiceEntry] = {}
    images: dict[str, str] = {}
    for name, table in named:
        if name in seen:
            table.refuse("name", f'"{name}" is there twice', hint="give one of them another name")
        entry = _service(name, table, registry=registry, company=company, tag=tag, pinned=pinned)
        other = images.setdefault(str(entry.image), name)
        if other != name:
            table.refuse("image", f"{entry.image} is also that of {other}", hint="name each tag once")
        seen[name] = entry
    return tuple(seen.values())


def _name(table: Table) -> str:
    name = table.text("name") or table.text("image").rpartition("/")[2].partition(":")[0]
    if not name:
        table.refuse("name", "is missing", hint='write name = "..."')
    return name


def _service(
    name: str, table: Table, *, registry: str, company: str, tag: str, pinned: Pinned
) -> ServiceEntry:
    table.allow(_SERVICE)
    platforms = table.texts("platforms")
    for platform in platforms:
        if not _PLATFORM.fullmatch(platform):
            table.refuse("platforms", f'has "{platform}"', hint='write them like "linux/arm64"')
    return ServiceEntry(
        name=name,
        image=_image(table, text=table.text("image") or f"{company}/{name}", registry=registry, tag=tag),
        source=table.text("source"),
        dockerfile=table.text("dockerfile", default="Dockerfile"),
        target=table.text("target"),
        build_args=table.mapping("build_args"),
        ports=_ports(table),
        path=_path(table, "path", table.text("path", default="/")),
        probes=tuple(_path(table, "probes", path) for path in table.texts("probes")),
        command=table.texts("command"),
        environment=table.mapping("environment"),
        call_env=table.texts("call_env"),
        timeout=table.number("timeout", default=30.0, above=0, most=3600) or 30.0,
        require_outgoing=table.boolean("require_outgoing"),
        wave=table.integer("wave", default=0, least=1, most=1000) or None,
        tier=table.integer("tier", default=LEAST_CRITICAL, least=1, most=9),
        platforms=platforms,
        pinned=table.choice("pinned", Pinned, default=pinned),
    )


def _image(table: Table, *, text: str, registry: str, tag: str) -> Reference:
    """An image's name: `repository`, `repository:tag`, or the same behind a registry of its own."""
    if "@" in text:
        table.refuse("image", f'= "{text}" names a digest', hint="name the tag that a rollout shall move")
    try:
        found = reference.parse(text, default_registry=registry)
    except BadReference as error:
        table.refuse("image", f'= "{text}" is no image name', hint=error.hint)
    own = ":" in text.rpartition("/")[2]
    return found if own else dataclasses.replace(found, tag=tag)


def _ports(table: Table) -> tuple[int, ...]:
    ports = table.integers("ports")
    for port in ports:
        if not 0 < port < 65536:
            table.refuse("ports", f"has {port}, which is no port", hint="write numbers from 1 to 65535")
    return ports


def _path(table: Table, key: str, path: str) -> str:
    if not (path.startswith("/") and path.isascii() and path.isprintable() and " " not in path):
        table.refuse(key, f'has "{path}", which is no path', hint="start with / and write %20 for a space")
    return path


def _waves(table: Table) -> Waves:
    table.allow(("sizes",))
    if "sizes" not in table:
        return Waves()
    return Waves(tuple(_amount(table, "sizes", text) for text in table.texts("sizes")))


def _brakes(table: Table) -> Brakes:
    table.allow(("failures", "coverage_drop", "minutes"))
    default = Brakes()
    failures = default.failures
    if "failures" in table:
        whole = table.kind("failures") is int
        text = (
            str(table.integer("failures", default=0, least=0, most=10**6))
            if whole
            else table.text("failures")
        )
        failures = _amount(table, "failures", text)
    drop = default.coverage_drop
    if "coverage_drop" in table:
        if table.kind("coverage_drop") is str:
            drop = _amount(table, "coverage_drop", table.text("coverage_drop")).number
        else:
            drop = table.number("coverage_drop", default=drop, above=-1, most=100) or 0.0
    return Brakes(
        failures=failures,
        coverage_drop=drop,
        minutes=table.number("minutes", default=default.minutes, above=0, most=10**6),
    )


def _budget(table: Table) -> Budgets:
    table.allow(("registry", "builds", "verifications"))
    default = Budgets()
    return Budgets(
        registry=table.integer("registry", default=default.registry, least=1, most=256),
        builds=table.integer("builds", default=default.builds, least=1, most=256),
        verifications=table.integer("verifications", default=default.verifications, least=1, most=256),
    )


def _policy(table: Table) -> Policy:
    table.allow(("signatures", "key", "public_key", "sbom", "pinned"))
    default = Policy()
    return Policy(
        signatures=table.choice("signatures", When, default=default.signatures),
        key=table.text("key", default=""),
        public_key=table.text("public_key", default=""),
        sbom=table.choice("sbom", When, default=default.sbom),
        pinned=table.choice("pinned", Pinned, default=default.pinned),
    )


def _amount(table: Table, key: str, text: str) -> Amount:
    found = _AMOUNT.fullmatch(text.strip())
    percent = bool(found and found[2])
    if found is None or (percent and float(found[1]) > 100) or (not percent and "." in found[1]):
        table.refuse(key, f'= "{text}" is no amount', hint='write a number ("3") or a share ("5%")')
    return Amount(float(found[1]), percent=percent)
