"""Sign an image, and check who signed it, with cosign (https://docs.sigstore.dev/cosign/).

Keys are files, or what else cosign takes for one (a KMS's URI). Nothing is sent to a public log: images of a company
are its own business, and a build machine may not reach one. The key's password is read by cosign itself, from
COSIGN_PASSWORD; we neither see nor print it.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from buildkit.decisions.reference import is_loopback
from buildkit.values.errors import BadSignature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.values.oci import Reference

SECONDS = 120
INSTALL = 'install cosign (Debian 13: apt-get install cosign), or set `signatures = "off"` in fleet.toml\'s [policy]'


def installed() -> bool:
    """Whether there is a cosign on PATH."""
    return shutil.which("cosign") is not None


def sign(image: Reference, *, key: str) -> None:
    """Sign an image by its digest, and each platform of an index with it.

    Args:
        image: its digest must be set.
        key: the private key.

    Raises:
        BadSignature: cosign is not there, or says no.
    """
    words = [
        "sign",
        "--yes",
        "--recursive",
        "--key",
        key,
        "--tlog-upload=false",
        *_plain(image),
        _named(image),
    ]
    done = _run(words, what=f"signing {_named(image)}")
    if done.returncode != 0:
        raise BadSignature(
            f"{_named(image)} cannot be signed: {_last(done)}",
            hint=f"is {key} the private key, and COSIGN_PASSWORD its password?",
        )


def refusal(image: Reference, *, key: str) -> str:
    """Why an image's signature is not good: empty if it was signed with this public key's private one.

    Args:
        image: its digest must be set.
        key: the public key.

    Raises:
        BadSignature: cosign is not there.
    """
    words = [
        "verify",
        "--key",
        key,
        "--insecure-ignore-tlog=true",
        "--output=json",
        *_plain(image),
        _named(image),
    ]
    done = _run(words, what=f"checking the signature of {_named(image)}")
    return "" if done.returncode == 0 else _last(done)


def _run(words: Sequence[str], *, what: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("cosign")
    if program is None:
        raise BadSignature(f"{what}: there is no cosign here", hint=INSTALL)
    try:
        return subprocess.run(
            [program, *words],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,  # it would ask for a password
        )
    except subprocess.TimeoutExpired:
        raise BadSignature(f"{what}: cosign does not end", hint="does the registry answer?") from None


def _named(image: Reference) -> str:
    return f"{image.name}@{image.digest}"


def _plain(image: Reference) -> tuple[str, ...]:
    return ("--allow-http-registry",) if is_loopback(image.registry) else ()


def _last(done: subprocess.CompletedProcess[str]) -> str:
    """Cosign's last words, without its own word for an error."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    said = next(
        (line for line in reversed(lines) if line.lower().startswith("error")), lines[-1] if lines else ""
    )
    return said.partition(":")[2].strip()[:300] or said[:300] or f"cosign ended with {done.returncode}"
