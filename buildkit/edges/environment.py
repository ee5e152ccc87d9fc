"""The one place where the tooling reads the environment."""

import os
from collections.abc import Mapping
from pathlib import Path

from buildkit.decisions.reference import is_loopback
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


def docker_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Where docker keeps its config.json: DOCKER_CONFIG, else `.docker` in our home."""
    env = os.environ if environment is None else environment
    return Path(env.get("DOCKER_CONFIG") or Path(env.get("HOME") or "/") / ".docker")


def cache_directory(environment: Mapping[str, str] | None = None) -> Path | None:
    """Where copies may be kept that can be had again: `buildkit` in XDG_CACHE_HOME, else in `~/.cache`.

    https://specifications.freedesktop.org/basedir-spec/latest/ ; None where there is neither that nor a home.
    """
    env = os.environ if environment is None else environment
    named, home = Path(env.get("XDG_CACHE_HOME") or "."), Path(env.get("HOME") or ".")
    if named.is_absolute():  # the specification has others ignored
        return named / "buildkit"
    return home / ".cache" / "buildkit" if home.is_absolute() else None


def proxy(host: str, *, secure: bool, environment: Mapping[str, str] | None = None) -> str:
    """The proxy on the way to a host (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, also in lower case); empty for none.

    This machine is never behind a proxy.
    """
    env = os.environ if environment is None else environment
    name = "https_proxy" if secure else "http_proxy"
    url = env.get(name) or env.get(name.upper()) or ""
    spared = env.get("no_proxy") or env.get("NO_PROXY") or ""
    if not url or is_loopback(host) or _is_spared(host, names=spared):
        return ""
    return url if "://" in url else f"http://{url}"


def _is_spared(host: str, *, names: str) -> bool:
    """Whether NO_PROXY names the host, or a domain that it is in, or everything (`*`)."""
    own = host.partition(":")[0].lower()
    for name in names.lower().split(","):
        domain = name.strip().partition(":")[0].lstrip(".")
        if domain == "*" or (domain and (own == domain or own.endswith(f".{domain}"))):
            return True
    return False


def _bundle(env: Mapping[str, str]) -> Path | None:
    named = env.get("CA_BUNDLE", "")
    if named == "none":
        return None
    if named:
        return Path(named)
    candidates = [Path(env[name]) for name in _BUNDLE_VARIABLES if env.get(name)]
    return next((path for path in [*candidates, _SYSTEM_BUNDLE] if path.is_file()), None)
