"""Bases and services as documents, as a builder would have written them."""

import datetime as dt
import json

from buildkit.decisions import base_version, oci_json, support
from buildkit.decisions.catalogue import Catalogue
from buildkit.values.known_base import BaseImage, KnownBase
from buildkit.values.oci import (
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Image,
    Platform,
    Reference,
)
from buildkit.values.stand import ServiceAt
from buildkit.values.support import SupportRules

COMPANY = "company"
FACTS = f"com.{COMPANY}.base."
AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
BASE = Reference("registry.test:5000", "company/python-service")
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KINDS = {
    OCI_MANIFEST: (OCI_CONFIG, OCI_LAYER),
    DOCKER_MANIFEST: (DOCKER_CONFIG, DOCKER_LAYER),
}


def digest(text):
    return oci_json.digest(text.encode())


def image(
    layers,
    *,
    settings=None,
    platform=AMD64,
    kind=OCI_MANIFEST,
    annotations=None,
    history=None,
    compression="gzip",
    layer_type="",
    members=None,
    reference=None,
):
    """An image whose layers are these texts; the same text is the same layer."""
    config_type, plain_type = KINDS[kind]
    document = {
        "created": "2025-12-31T12:00:00Z",
        "architecture": platform.architecture,
        "os": platform.os,
        "config": settings or {},
        "rootfs": {"type": "layers", "diff_ids": [digest(f"diff {layer}") for layer in layers]},
        "history": history if history is not None else [{"created_by": layer} for layer in layers],
    } | (members or {})
    raw = oci_json.written(document)
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {"mediaType": config_type, "digest": oci_json.digest(raw), "size": len(raw)},
        "layers": [
            {
                "mediaType": layer_type or plain_type,
                "digest": digest(f"{compression} {layer}"),
                "size": len(layer),
            }
            for layer in layers
        ],
    } | ({"annotations": annotations} if annotations else {})
    parsed = oci_json.manifest(oci_json.written(manifest), media_type=kind)
    return Image(reference or Reference("registry.test:5000", "shop"), parsed, oci_json.config(raw))


def contract(python="3.13", **changes):
    facts = {"python": python, "soabi": f"cpython-{python}", "libc": "glibc-2.41", "uid": "10001"} | changes
    return {f"{FACTS}{name}": value for name, value in facts.items()}


def base_settings(version, **changes):
    found = base_version.parse(version)
    labels = contract(found.python) | {
        f"{FACTS}version": found.number,
        f"{FACTS}revision": str(found.revision),
    }
    return {
        "Env": ["PATH=/opt/venv/bin:/usr/bin", f"BASE={version}"],
        "Entrypoint": ["/usr/bin/tini", "--"],
        "Cmd": ["gunicorn", "app:app"],
        "Labels": labels | changes.pop("labels", {}),
    } | changes


def base(version, *, layers=None, days=0, platforms=(AMD64,), settings=None, rules=None, today=FIRST, **more):
    """A release of the base, some days after the first, with three layers of its own."""
    parts = layers or ["debian", "venv", f"tracing {version}"]
    images = {}
    for platform in platforms:
        own = [f"{layer} {platform}" for layer in parts]
        made = image(own, settings=settings or base_settings(version), platform=platform, **more)
        images[platform] = BaseImage(platform, made.manifest, made.config)
    only = next(iter(images.values())).manifest.digest
    found = base_version.parse(version)
    released = FIRST + dt.timedelta(days=days)
    return KnownBase(
        version=found,
        reference=Reference(
            BASE.registry, BASE.repository, digest=only if len(images) == 1 else digest(version)
        ),
        platforms=images,
        released=released,
        support=support.support(
            found, released=released, rules=rules or SupportRules(days=3650, warn_days=30), today=today.date()
        ),
    )


def catalogue(*bases):
    return Catalogue(bases, company=COMPANY)


def on(known, *own, platform=AMD64, settings=None, **more):
    """A service with layers of its own on a base."""
    below = known.platforms[platform]
    layers = [entry["created_by"] for entry in below.config.document["history"]]
    return image(
        [*layers, *(f"{layer} {platform}" for layer in own)],
        settings=dict(below.config.settings) | (settings or {}),
        platform=platform,
        **more,
    )


def index(*images, kind=OCI_INDEX, attested=True, annotations=None):
    """Several platforms' images as one, with the attestations that buildx adds."""
    entries = []
    for made in images:
        platform = made.config.platform
        entries.append(
            {
                "mediaType": made.manifest.media_type,
                "digest": made.manifest.digest,
                "size": len(made.manifest.raw),
                "platform": {"architecture": platform.architecture, "os": platform.os},
            }
        )
        if attested:
            entries.append(
                {
                    "mediaType": OCI_MANIFEST,
                    "digest": digest(f"attestation {made.manifest.digest}"),
                    "size": 10,
                    "platform": {"architecture": "unknown", "os": "unknown"},
                    "annotations": {
                        "vnd.docker.reference.type": "attestation-manifest",
                        "vnd.docker.reference.digest": made.manifest.digest,
                    },
                }
            )
    document = {"schemaVersion": 2, "mediaType": kind, "manifests": entries}
    raw = oci_json.written(document | ({"annotations": annotations} if annotations else {}))
    return oci_json.manifest(raw, media_type=kind)


def service(*images, document=None, **more):
    return ServiceAt(
        Reference("registry.test:5000", "shop", "latest"), document or images[0].manifest, images, **more
    )


def read(raw):
    return json.loads(raw)
