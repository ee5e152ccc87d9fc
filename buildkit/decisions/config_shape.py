"""Is an image's config of the shape that the specification gives it?

Registries take any bytes for a config. What is read from it later must be what it is taken for.
https://github.com/opencontainers/image-spec/blob/main/config.md#properties
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.values.errors import BadManifest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from buildkit.values.oci import ImageConfig


def check(config: ImageConfig, *, name: str) -> ImageConfig:
    """The same config, if it is one; what is absent or null is fine.

    Args:
        config: as it was read.
        name: how errors call the image.

    Raises:
        BadManifest: a member is not what it must be.
    """
    document = config.document
    _members(document, _TOP, where="", name=name)
    _members(document.get("rootfs") or {}, _ROOTFS, where="rootfs.", name=name)
    _members(document.get("config") or {}, _SETTINGS, where="config.", name=name)
    return config


def _members(
    document: Mapping[str, Any], shapes: Mapping[str, Callable[[Any], bool]], *, where: str, name: str
) -> None:
    for member, fits in shapes.items():
        value = document.get(member)
        if value is not None and not fits(value):
            raise BadManifest(
                f"the config of {name} is broken: {where}{member} is {str(value)[:40]!r}",
                hint="push it again",
            )


def _text(value: object) -> bool:
    return isinstance(value, str)


def _object(value: object) -> bool:
    return isinstance(value, dict)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _text_by_name(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


_TOP = {
    "os": _text,
    "architecture": _text,
    "variant": _text,
    "config": _object,
    "rootfs": _object,
    "history": _objects,
}
_ROOTFS = {"diff_ids": _texts}
_SETTINGS = {
    "Env": _texts,
    "Labels": _text_by_name,
    "ExposedPorts": _object,
    "Volumes": _object,
    "OnBuild": _texts,
    "WorkingDir": _text,
    "User": _text,
}
