"""Whose certificates does a registry's TLS need?

The engine's own places for a registry count too (https://docs.docker.com/engine/security/certificates/): whoever has
made the engine trust the company's registry need not tell us again.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from buildkit.values.errors import BadSetting, MissingFile

CERTS_D = Path("/etc/docker/certs.d")


def context(host: str, *, ca_bundle: Path | None) -> ssl.SSLContext:
    """Trust the system's certificates, the bundle's, and what certs.d has for this host.

    Raises:
        MissingFile: The bundle cannot be read.
        BadSetting: A file is no certificate in PEM format.
    """
    trust = ssl.create_default_context()
    own = CERTS_D / host
    bundles = [] if ca_bundle is None else [ca_bundle]
    try:
        bundles += sorted(own.glob("*.crt"))
        clients = sorted(own.glob("*.cert"))
    except OSError:  # root's only: then they are not for us
        clients = []
    for path in bundles:
        try:
            trust.load_verify_locations(cafile=path)
        except ssl.SSLError:
            raise BadSetting(f"{path} holds no certificate", hint="give a file in PEM format") from None
        except OSError as error:
            raise MissingFile(f"cannot read {path}: {error.strerror}", hint="is CA_BUNDLE right?") from None
    for path in clients:
        key = path.with_suffix(".key")
        try:
            trust.load_cert_chain(path, key)
        except ssl.SSLError as error:
            raise BadSetting(f"{path} and {key} do not fit ({error.reason})") from None
        except OSError as error:
            raise MissingFile(f"cannot read {path} or {key}: {error.strerror}") from None
    return trust
