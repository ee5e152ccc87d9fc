"""Which packages does a file in an image name?

Debian's status file (https://www.debian.org/doc/debian-policy/ch-controlfields.html), the same in pieces as
distroless images have it, and the metadata of Python's distributions
(https://packaging.python.org/en/latest/specifications/core-metadata/).
"""

from __future__ import annotations

import re
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from buildkit.values.package import Kind, Package

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STATUS = "var/lib/dpkg/status"
PIECES = "var/lib/dpkg/status.d/"
RELEASES = ("etc/os-release", "usr/lib/os-release")
# Of a wheel, of an old installation, and of what a distribution installs as one file.
_METADATA = re.compile(r"(?:^|/)[^/]+\.(?:dist-info/METADATA|egg-info/PKG-INFO|egg-info)$")


def wanted(path: str) -> bool:
    """Whether a file of this path (no slash in front) names packages, or the distribution."""
    if path == STATUS or path in RELEASES or _METADATA.search(path):
        return True
    return path.startswith(PIECES) and not path.endswith(".md5sums")


def packages(path: str, content: bytes) -> tuple[Package, ...]:
    """What a wanted file names; nothing if it is broken, since an image may hold anything."""
    text = content.decode("utf-8", errors="replace")
    debian = path == STATUS or path.startswith(PIECES)
    found = [_debian(each, path=path) for each in _stanzas(text)] if debian else [_python(text, path=path)]
    return tuple(package for package in found if package is not None)


def release(content: bytes) -> dict[str, str]:
    """https://www.freedesktop.org/software/systemd/man/latest/os-release.html."""
    lines = (line.partition("=") for line in content.decode("utf-8", errors="replace").splitlines())
    return {
        name.strip(): value.strip().strip("\"'")
        for name, equals, value in lines
        if equals and name[:1] != "#"
    }


def _stanzas(text: str) -> Iterator[Mapping[str, str]]:
    parser = HeaderParser()
    for piece in re.split(r"\n\s*\n", text):
        if piece.strip():
            message = parser.parsestr(piece.lstrip("\n"))
            yield {name.lower(): str(value) for name, value in message.items()}


def _debian(fields: Mapping[str, str], *, path: str) -> Package | None:
    # Removed packages whose configuration is left stay in the file. In pieces there is no such field.
    installed = fields.get("status", "install ok installed").split()[-1:] == ["installed"]
    name, version = fields.get("package", ""), fields.get("version", "")
    if not (installed and name and version):
        return None
    source = fields.get("source", "").partition(" ")[0]
    return Package(
        Kind.DEBIAN,
        name,
        version,
        architecture=fields.get("architecture", ""),
        source=source if source != name else "",
        path=path,
    )


def _python(text: str, *, path: str) -> Package | None:
    message = HeaderParser().parsestr(text)
    name, version = str(message.get("Name") or "").strip(), str(message.get("Version") or "").strip()
    if not name or not version:
        return None
    terms = str(message.get("License-Expression") or "").strip()
    if not terms:
        said = str(message.get("License") or "").strip()
        # Some put their licence's whole text there.
        terms = said if len(said) <= 80 and "\n" not in said and said.upper() != "UNKNOWN" else ""
    return Package(Kind.PYTHON, name, version, license=terms, path=path)
