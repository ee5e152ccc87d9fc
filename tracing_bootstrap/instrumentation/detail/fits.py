"""Which instrumentation fits what the service has? Answered from a list that the image's build made."""

from __future__ import annotations

import os

from tracing_bootstrap.instrumentation.detail import isolation

#: Beside the packages. One line for each: the library, the instrumentor as `module:class`, and what it fits, as
#: `distribution>=1.2,<3` with plain numbers; any one of them is enough, and none means always.
RANGES = "ranges"


class Instrumentation:
    """One line of the list."""

    __slots__ = ("attribute", "module", "ranges")

    def __init__(self, module: str, attribute: str, ranges: tuple[str, ...]) -> None:
        self.module = module
        self.attribute = attribute
        self.ranges = ranges


def read() -> dict[str, Instrumentation]:
    """Return the list by library; empty where the image has no such layer."""
    try:
        with open(os.path.join(isolation.home(), "detail", RANGES), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        library, target, *ranges = line.split()
        module, _, attribute = target.partition(":")
        found[library] = Instrumentation(module, attribute, tuple(ranges))
    return found


def misfit(ranges: tuple[str, ...]) -> str:
    """Say why none of the ranges fits what is installed; empty where one does."""
    if not ranges:
        return ""
    # It takes milliseconds to import, and most services have it already.
    from importlib.metadata import PackageNotFoundError, version

    reasons = []
    for each in ranges:
        name = _name(each)
        try:
            installed = version(name)
        except PackageNotFoundError:
            reasons.append(f"{name} is not installed as a distribution")
            continue
        if contains(each[len(name) :], installed):
            return ""
        reasons.append(f"{name} {installed} is not {each[len(name) :]}")
    return ", ".join(reasons)


def _name(text: str) -> str:
    at = min((found for found in (text.find(sign) for sign in "<>=!") if found >= 0), default=len(text))
    return text[:at]


def contains(conditions: str, installed: str) -> bool:
    """Whether a version fulfils all of `>=1.2,<3`; only the release's numbers are compared."""
    release = numbers(installed)
    for condition in filter(None, conditions.split(",")):
        sign = condition[: len(condition) - len(condition.lstrip("<>=!"))]
        wanted = numbers(condition[len(sign) :])
        fits = {
            ">=": release >= wanted,
            ">": release > wanted,
            "<": release < wanted,
            "<=": release <= wanted,
            "==": release == wanted,
            "!=": release != wanted,
        }
        if not fits[sign]:
            return False
    return True


def numbers(text: str) -> tuple[int, ...]:
    """Return the release's numbers of a version, without zeros at the end: 1.2 is 1.2.0 (PEP 440)."""
    release: list[int] = []
    for part in text.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        release.append(int(digits))
        if digits != part:
            break
    while release and not release[-1]:
        release.pop()
    return tuple(release)
