"""How is an image's origin written down?

An in-toto statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) with SLSA's provenance
(https://slsa.dev/spec/v1.0/provenance). No time of making is in it: the same work gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit.decisions import oci_json

if TYPE_CHECKING:
    from buildkit.values.oci import Reference
    from buildkit.values.package import Origin

MEDIA_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:python-service-base:{how}:v1"
ANNOTATION = "in-toto.io/predicate-type"


def written(origin: Origin, *, image: Reference) -> bytes:
    """The statement about an image, whose digest must be set."""
    materials: list[dict[str, Any]] = []
    if origin.base:
        materials.append(_material(f"oci://{origin.base}", sha256=origin.base_digest))
    if origin.before:
        materials.append(_material(f"oci://{image.name}", sha256=origin.before))
    if origin.source:
        materials.append(_material(origin.source, commit=origin.commit))
    external = {"image": image.name, "base": origin.base, "source": origin.source}
    return oci_json.written(
        {
            "_type": STATEMENT,
            "subject": [{"name": image.name, "digest": _named(image.digest)}],
            "predicateType": PREDICATE,
            "predicate": {
                "buildDefinition": {
                    "buildType": BUILD_TYPE.format(how=origin.how),
                    "externalParameters": {name: value for name, value in external.items() if value},
                    "resolvedDependencies": materials,
                },
                "runDetails": {"builder": {"id": origin.builder or "buildkit"}},
            },
        }
    )


def _material(uri: str, *, sha256: str = "", commit: str = "") -> dict[str, Any]:
    if commit:
        return {"uri": uri, "digest": {"gitCommit": commit}}
    return {"uri": uri, "digest": _named(sha256)} if sha256 else {"uri": uri}


def _named(digest: str) -> dict[str, str]:
    algorithm, _, value = digest.partition(":")
    return {algorithm: value}
