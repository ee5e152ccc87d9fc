"""Make an image ready for its tag: its SBOM, its provenance, its signature, as the fleet's policy asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions.supply import policy
from buildkit.edges.supply import attaching, cosign
from buildkit.values.errors import BadSignature

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.decisions.supply.policy import Keys
    from buildkit.edges.registry import Registry
    from buildkit.values.oci import Reference
    from buildkit.values.package import Origin

KEYS = 'write `key` and `public_key` below [policy] in fleet.toml, or `signatures = "off"`'


def check_policy(*, signatures_required: bool, keys: Keys) -> None:
    """Before anything is done: can the policy be kept here?

    Raises:
        BadSignature: no, for each reason.
    """
    missing = policy.contradictions(required=signatures_required, keys=keys, cosign=cosign.installed())
    if missing:
        hint = cosign.INSTALL if keys.public else KEYS
        raise BadSignature("; ".join(missing), hint=hint)


def check_signature(image: Reference, *, required: bool, keys: Keys) -> None:
    """Whether somebody whom we believe has signed it: asked of a base before anything is put onto it.

    Args:
        image: its digest must be set.
        required: False: only a signature that can be checked here is.
        keys: whose public key.

    Raises:
        BadSignature: it is not signed with that key.
    """
    if not keys.public or not (required or cosign.installed()):
        return
    if refused := cosign.refusal(image, key=keys.public):
        raise BadSignature(
            f"{image.name}@{image.digest} is not signed with {keys.public}: {refused}",
            hint=f"sign it: cosign sign --key <private key> {image.name}@{image.digest}",
        )


def vouch(
    registry: Registry,
    image: Reference,
    *,
    origin: Origin,
    keys: Keys,
    signatures_required: bool,
    sbom: bool,
    cache: Path | None,
) -> None:
    """Attach what is to be known of an image, sign it, and check what was signed.

    All of it can be repeated: what is there is not made again, but for the signature, of which one more does no harm.

    Args:
        registry: has the image.
        image: its digest must be set.
        origin: how it came to be.
        keys: with which it is signed.
        signatures_required: whether it is refused unless its signature is good.
        sbom: whether it gets one.
        cache: directory where what layers said is kept.

    Raises:
        BadSignature: it cannot be signed, or its signature is not good.
        RegistryError: something cannot be attached.
    """
    if sbom:
        attaching.attach_sbom(registry, image, cache=cache)
    attaching.attach_provenance(registry, image, origin=origin)
    signable = cosign.installed() and bool(keys.private)
    if signable and (not keys.public or cosign.refusal(image, key=keys.public)):
        cosign.sign(image, key=keys.private)
    if signable or signatures_required:
        check_signature(image, required=signatures_required, keys=keys)
