"""Small images for tests, put into a registry without an engine."""

import dataclasses
import gzip
import hashlib
import io
import json
import tarfile

from buildkit.decisions import oci_json
from buildkit.values.oci import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST


@dataclasses.dataclass(frozen=True)
class Layer:
    """One, as it is stored and as `diff_ids` name it."""

    packed: bytes
    diff_id: str


def layer(files):
    """Files by name, always packed alike."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    data = plain.getvalue()
    return Layer(gzip.compress(data, mtime=0), f"sha256:{hashlib.sha256(data).hexdigest()}")


def push(registry, repository, layers, *, version="", settings=None, annotations=None, architecture="amd64"):
    """Write an image; its digest. Under its digest only, unless a tag is given."""
    document = {
        "created": "2026-01-01T00:00:00Z",
        "architecture": architecture,
        "os": "linux",
        "config": settings or {},
        "rootfs": {"type": "layers", "diff_ids": [each.diff_id for each in layers]},
        "history": [{"created_by": f"layer {number}"} for number in range(len(layers))],
    }
    config = registry.put_blob(repository, json.dumps(document).encode(), media_type=OCI_CONFIG)
    stored = [registry.put_blob(repository, each.packed, media_type=OCI_LAYER) for each in layers]
    raw = oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": oci_json.described(config),
            "layers": [oci_json.described(each) for each in stored],
            **({"annotations": annotations} if annotations else {}),
        }
    )
    return registry.put(repository, raw, media_type=OCI_MANIFEST, version=version or oci_json.digest(raw))
