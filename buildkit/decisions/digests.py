"""Is this what its digest says, and how is a digest computed piece by piece?"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from buildkit.decisions.reference import is_digest
from buildkit.values.errors import WrongDigest

if TYPE_CHECKING:
    from hashlib import _Hash


def running(name: str) -> _Hash:
    """What content of this digest is fed to (https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests).

    Raises:
        WrongDigest: It is no digest, or of a kind that we cannot check.
    """
    if not is_digest(name):
        raise WrongDigest(
            f"{name[:80]!r} is no digest that can be checked", hint="only sha256 and sha512 are"
        )
    return hashlib.new(name.partition(":")[0])


def check(name: str, counted: _Hash, *, what: str, host: str) -> None:
    """Compare.

    Raises:
        WrongDigest: They differ.
    """
    if counted.hexdigest() != name.partition(":")[2]:
        raise WrongDigest(
            f"{what}: {host} sent other content than {name[:19]}... ({counted.name}:{counted.hexdigest()[:12]}...)",
            hint="its storage, or something on the way, is broken",
        )


def check_all(name: str, content: bytes, *, what: str, host: str) -> None:
    """Check content that is whole (raises WrongDigest)."""
    counted = running(name)
    counted.update(content)
    check(name, counted, what=what, host=host)
