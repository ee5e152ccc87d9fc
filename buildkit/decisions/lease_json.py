"""How does a lease lie in a registry?"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from buildkit.decisions import oci_json
from buildkit.values.errors import BadManifest
from buildkit.values.lease import Lease
from buildkit.values.oci import OCI_EMPTY, OCI_MANIFEST, Descriptor

if TYPE_CHECKING:
    from buildkit.values.oci import Index, Manifest

TAG = "rollout-lease"
ARTIFACT = "application/vnd.python-service-base.rollout-lease.v1"
EMPTY = b"{}"
_PREFIX = "rollout.lease."


def written(lease: Lease) -> bytes:
    """An artifact's manifest: the lease is in its annotations, so that one request reads it.

    https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
    """
    empty = oci_json.described(Descriptor(OCI_EMPTY, oci_json.digest(EMPTY), len(EMPTY)))
    return oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "artifactType": ARTIFACT,
            "config": empty,
            "layers": [empty],
            "annotations": {_PREFIX + key: str(value) for key, value in dataclasses.asdict(lease).items()},
        }
    )


def read(document: Manifest | Index) -> Lease:
    """The lease.

    Raises:
        BadManifest: somebody has put something else there.
    """
    found = {
        key.removeprefix(_PREFIX): value
        for key, value in document.annotations.items()
        if key.startswith(_PREFIX)
    }
    try:
        seconds, renewal = int(found.pop("seconds")), int(found.pop("renewal"))
        return Lease(**found, seconds=seconds, renewal=renewal)
    except (KeyError, TypeError, ValueError):
        raise BadManifest(
            f"the tag {TAG} of the base's repository is no lease", hint="delete it: it is only for rollouts"
        ) from None
