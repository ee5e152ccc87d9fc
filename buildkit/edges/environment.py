"""The one place where the tooling reads the environment."""

import os
from collections.abc import Mapping
from pathlib import Path

from buildkit.values.settings import Settings

# Where programs that check certificates are told about the machine's own bundle, then where Debian keeps it.
_BUNDLE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """What the variables of `make` say; an empty variable counts as unset.

    `CA_BUNDLE=none` means that builds get no bundle; unset, they get the machine's own.
    """
    env = os.environ if environment is None else environment
    default = Settings()
    return Settings(
        company=env.get("COMPANY") or default.company,
        registry=env.get("REGISTRY") or default.registry,
        python=env.get("PYTHON") or default.python,
        collector=env.get("COLLECTOR") or default.collector,
        ca_bundle=_bundle(env),
        trust_ca=env.get("TRUST_CA", "") not in {"", "0", "false", "no"},
        tag=env.get("TAG") or default.tag,
        upstream=env.get("UPSTREAM") or default.upstream,
    )


def _bundle(env: Mapping[str, str]) -> Path | None:
    named = env.get("CA_BUNDLE", "")
    if named == "none":
        return None
    if named:
        return Path(named)
    candidates = [Path(env[name]) for name in _BUNDLE_VARIABLES if env.get(name)]
    return next((path for path in [*candidates, _SYSTEM_BUNDLE] if path.is_file()), None)
