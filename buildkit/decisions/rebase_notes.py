"""What would a rebuild of a service do that exchanging its base cannot?

A layer replaces whole files. Where one of the service's layers has written a file that belongs to the base as well
(Debian's list of packages, the users, the certificates), that file stays as it was on the old base.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.decisions import history_merge

if TYPE_CHECKING:
    from buildkit.values.known_base import BaseImage
    from buildkit.values.oci import Image

# By what is run, and which of the base's files it writes.
_SHARED = (
    (
        re.compile(
            r"\b(?:apt|apt-get|aptitude|dpkg)\s(?:[^&|;]*\s)?(?:install|upgrade|dist-upgrade|-i|--install)\b"
        ),
        "installed Debian packages: the list of installed packages stays that of the old base",
    ),
    (
        re.compile(r"\b(?:useradd|adduser|groupadd|addgroup|usermod)\s"),
        "added users: /etc/passwd and /etc/group stay those of the old base",
    ),
    (
        re.compile(r"\bupdate-ca-certificates\b"),
        "added certificates: the bundle of trusted certificates stays that of the old base",
    ),
)


def notes(service: Image, *, old: BaseImage, new: BaseImage) -> tuple[str, ...]:
    """What to know about the result, one line each; empty if nothing is known to stay behind.

    It is read from the image's history, which is what its builder says of itself.

    Args:
        service: the image, on the old base.
        old: the base that it stands on.
        new: the base that it gets.
    """
    was, before = service.config.document, old.config.document
    own = history_merge.own(
        was.get("history") or [],
        old=before.get("history") or [],
        layers=(len(service.config.diff_ids), len(old.config.diff_ids)),
    )
    steps = [str(entry.get("created_by") or "") for entry in own if not entry.get("empty_layer")]
    found = [f"it {text}" for pattern, text in _SHARED if any(pattern.search(step) for step in steps)]
    before_place, after_place = (base.config.settings.get("WorkingDir") or "" for base in (old, new))
    if before_place != after_place and (service.config.settings.get("WorkingDir") or "") == before_place:
        found.append(f"it starts in {after_place}: what it copied to relative paths lies in {before_place}")
    return tuple(found)
