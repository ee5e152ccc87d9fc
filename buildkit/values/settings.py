"""What a company may set about its base image without editing a file."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a build; each is a variable of `make` and an option of `python -m buildkit`.

    Attributes:
        company: First part of the image's name and of its labels' name.
        registry: Host (and path) put before the image's name; empty for none.
        python: X.Y; empty for the default row of versions.toml.
        collector: OTLP/HTTP endpoint that services send to unless they say otherwise.
        ca_bundle: PEM file that pip and apt must trust while images are built.
        trust_ca: Whether that file's certificates also go into the image's trust store.
        tag: The only tag of the result; empty for the version and `latest`.
        upstream: Image to build on instead of the one in versions.toml.
    """

    company: str = "company"
    registry: str = ""
    python: str = ""
    collector: str = "http://otel-collector:4318"
    ca_bundle: Path | None = None
    trust_ca: bool = False
    tag: str = ""
    upstream: str = ""
