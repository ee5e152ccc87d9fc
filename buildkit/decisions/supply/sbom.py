"""How is an image's contents written as CycloneDX?

The same contents always give the same bytes: the serial number is made from the image's digest, and the time is
the image's own.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from buildkit.values.package import Kind

if TYPE_CHECKING:
    from buildkit.values.oci import Platform, Reference
    from buildkit.values.package import Contents, Package

MEDIA_TYPE = "application/vnd.cyclonedx+json"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/")


def written(contents: Contents, *, image: Reference, platform: Platform, created: str) -> bytes:
    """A CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/).

    Args:
        contents: what is installed.
        image: what it is about; its digest must be set.
        platform: of that image.
        created: the image's own word on when it was made (RFC 3339), empty if it has none.
    """
    purl = PackageURL(
        type="oci",
        name=image.repository.rpartition("/")[2].lower(),
        version=image.digest,
        qualifiers=_said(repository_url=image.name.lower(), arch=platform.architecture),
    )
    subject = Component(
        type=ComponentType.CONTAINER, name=image.name, version=image.digest, purl=purl, bom_ref=str(purl)
    )
    metadata = BomMetaData(component=subject)
    bom = Bom(serial_number=uuid.uuid5(_NAMESPACE, image.digest), metadata=metadata)
    if (when := _time(created)) is not None:
        metadata.timestamp = when
    packages = [_component(package, release=contents.release) for package in contents.packages]
    if contents.release.get("ID"):
        packages.append(
            Component(
                type=ComponentType.OPERATING_SYSTEM,
                name=contents.release["ID"],
                version=contents.release.get("VERSION_ID"),
                bom_ref="os",
            )
        )
    bom.components.update(packages)
    bom.register_dependency(subject, packages)
    text = JsonV1Dot6(bom).output_as_string(indent=None)
    return text.encode() if when is not None else _without_time(text)


def _component(package: Package, *, release: dict[str, str]) -> Component:
    if package.kind is Kind.DEBIAN:
        name = release.get("ID") or "debian"
        number = release.get("VERSION_ID")
        purl = PackageURL(
            type="deb",
            namespace=name,
            name=package.name,
            version=package.version,
            qualifiers=_said(
                arch=package.architecture,
                distro=f"{name}-{number}" if number else "",
                upstream=package.source,
            ),
        )
    else:
        purl = PackageURL(type="pypi", name=_normal(package.name), version=package.version)
    licenses = (LicenseFactory().make_from_string(package.license),) if package.license else None
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=purl,
        # The same package may lie in several places: in the service's venv, and in the tracer's.
        bom_ref=BomRef(f"{purl}#{package.path}").value,
        licenses=licenses,
        properties=(Property(name="path", value=f"/{package.path}"),),
    )


def _said(**qualifiers: str) -> dict[str, str]:
    return {name: value for name, value in qualifiers.items() if value}


def _normal(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/, as package URLs want it."""
    return name.lower().replace("_", "-")


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _without_time(text: str) -> bytes:
    """The library writes the time of writing if there is no other."""
    document = json.loads(text)
    document["metadata"].pop("timestamp", None)
    return json.dumps(document, separators=(", ", ": ")).encode()
