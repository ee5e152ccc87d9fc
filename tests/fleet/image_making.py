"""Small images written straight into a registry: layers of one file, and configs as a builder writes them."""

import gzip
import io
import json
import tarfile

from buildkit.decisions import base_version, oci_json
from buildkit.values.oci import (
    DOCKER_CONFIG,
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Platform,
)

AMD64 = Platform("linux", "amd64")
ARM64 = Platform("linux", "arm64")
FACTS = "com.company.base."
KINDS = {OCI_MANIFEST: (OCI_CONFIG, OCI_LAYER), DOCKER_MANIFEST: (DOCKER_CONFIG, DOCKER_LAYER)}


def tar(name, text):
    """A layer with one file; the same text is the same layer."""
    content = text.encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


class Maker:
    """Writes bases and services into one registry.

    Args:
        registry: a `buildkit.edges.registry.Registry`.
        base: the base's repository.
    """

    def __init__(self, registry, *, base):
        self.registry = registry
        self.base = base
        self.configs = {}

    def image(self, repository, layers, *, settings, platform=AMD64, kind=OCI_MANIFEST, level=6, **members):
        """Push an image of layers (texts) by its digest, and return its descriptor as an index has it."""
        config_type, layer_type = KINDS[kind]
        diffs, described = [], []
        for number, text in enumerate(layers):
            plain = tar(f"layer-{number}", text)
            packed = gzip.compress(plain, compresslevel=level, mtime=0)
            diffs.append(oci_json.digest(plain))
            described.append(self.registry.put_blob(repository, packed, media_type=layer_type))
        document = {
            "created": "2026-01-01T00:00:00Z",
            "architecture": platform.architecture,
            "os": platform.os,
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": diffs},
            "history": [{"created_by": text} for text in layers],
        } | members
        raw = oci_json.written(document)
        config = self.registry.put_blob(repository, raw, media_type=config_type)
        manifest = oci_json.written(
            {
                "schemaVersion": 2,
                "mediaType": kind,
                "config": oci_json.described(config),
                "layers": [oci_json.described(layer) for layer in described],
            }
        )
        name = oci_json.digest(manifest)
        self.registry.put(repository, manifest, media_type=kind, version=name)
        self.configs[name] = document
        return {
            "mediaType": kind,
            "digest": name,
            "size": len(manifest),
            "platform": {"os": platform.os, "architecture": platform.architecture},
        }

    def tagged(self, repository, tag, entries, *, attested=False):
        """Give a tag to one image, or to an index of several; returns the digest."""
        if len(entries) == 1:
            (entry,) = entries
            raw, kind = self.registry.get(repository, entry["digest"]).raw, entry["mediaType"]
            return self.registry.put(repository, raw, media_type=kind, version=tag)
        more = [self._attestation(repository, entry) for entry in entries] if attested else []
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [*entries, *more]}
        return self.registry.put(repository, oci_json.written(document), media_type=OCI_INDEX, version=tag)

    def release(self, version, *, platforms=(AMD64,), created="2026-01-01T00:00:00Z", **options):
        """Push a release of the base, with its immutable tag."""
        found = base_version.parse(version)
        settings = self.base_settings(version, created=created)
        entries = [
            self.image(
                self.base,
                [f"debian {platform}", f"venv {platform}", f"tracing {version} {platform}"],
                settings=settings,
                platform=platform,
                **options,
            )
            for platform in platforms
        ]
        return self.tagged(self.base, str(found), entries)

    @staticmethod
    def base_settings(version, *, created="2026-01-01T00:00:00Z"):
        found = base_version.parse(version)
        facts = {
            "version": found.number,
            "revision": str(found.revision),
            "python": found.python,
            "soabi": f"cpython-{found.python}",
            "libc": "glibc-2.41",
            "uid": "10001",
            "created": created,
        }
        return {
            "Env": ["PATH=/opt/venv/bin:/usr/bin", f"BASE={version}"],
            "Entrypoint": ["/usr/bin/tini", "--"],
            "Cmd": ["gunicorn", "app:app"],
            "Labels": {f"{FACTS}{name}": value for name, value in facts.items()},
        }

    def service(
        self, repository, *own, on, tag="latest", platforms=(AMD64,), settings=None, attested=False, **options
    ):
        """Push a service that stands on a release, with layers (texts) of its own."""
        entries = [
            self.image(
                repository,
                [f"debian {platform}", f"venv {platform}", f"tracing {on} {platform}"]
                + [f"{text} {platform}" for text in own],
                settings=self.base_settings(on) | (settings or {}),
                platform=platform,
                **options,
            )
            for platform in platforms
        ]
        return self.tagged(repository, tag, entries, attested=attested)

    def _attestation(self, repository, entry):
        """What buildx adds for each image: an artifact of unknown platform."""
        statement = self.registry.put_blob(
            repository,
            json.dumps({"subject": entry["digest"]}).encode(),
            media_type="application/vnd.in-toto+json",
        )
        empty = self.registry.put_blob(repository, b"{}", media_type=OCI_CONFIG)
        raw = oci_json.written(
            {
                "schemaVersion": 2,
                "mediaType": OCI_MANIFEST,
                "config": oci_json.described(empty),
                "layers": [oci_json.described(statement)],
            }
        )
        name = oci_json.digest(raw)
        self.registry.put(repository, raw, media_type=OCI_MANIFEST, version=name)
        return {
            "mediaType": OCI_MANIFEST,
            "digest": name,
            "size": len(raw),
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": entry["digest"],
            },
        }
