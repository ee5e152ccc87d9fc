"""Small images, made in a registry without an engine."""

import gzip
import io
import json
import tarfile

from buildkit.decisions import oci_json
from buildkit.values.oci import (
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Descriptor,
    Platform,
    Reference,
)


def tarred(files):
    """A tar archive of these contents by path."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def pack(content):
    return gzip.compress(content, mtime=0)


def push(registry, repository, *layers, tag="", architecture="amd64", compress=pack, settings=None):
    """Push an image of these layers, each a mapping of contents by path, and return its reference by digest."""
    tars = [tarred(layer) for layer in layers]
    document = {
        "architecture": architecture,
        "os": "linux",
        "created": "2026-01-01T00:00:00Z",
        "config": settings or {},
        "rootfs": {"type": "layers", "diff_ids": [oci_json.digest(each) for each in tars]},
        "history": [{"created_by": f"layer {number}"} for number, _ in enumerate(tars)],
    }
    config = registry.put_blob(repository, json.dumps(document).encode(), media_type=OCI_CONFIG)
    blobs = [registry.put_blob(repository, compress(each), media_type=OCI_LAYER) for each in tars]
    raw = oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": oci_json.described(config),
            "layers": [oci_json.described(each) for each in blobs],
        }
    )
    digest = registry.put(repository, raw, media_type=OCI_MANIFEST, version=tag or oci_json.digest(raw))
    return Reference(registry.host, repository, tag=tag, digest=digest)


def push_index(registry, repository, images, *, tag=""):
    """Push an index of images by architecture, and return its reference by digest."""
    entries = []
    for architecture, image in images.items():
        found = registry.head(repository, image.digest)
        entries.append(
            Descriptor(found.media_type, found.digest, found.size, platform=Platform("linux", architecture))
        )
    raw = oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [oci_json.described(each) for each in entries],
        }
    )
    digest = registry.put(repository, raw, media_type=OCI_INDEX, version=tag or oci_json.digest(raw))
    return Reference(registry.host, repository, tag=tag, digest=digest)
