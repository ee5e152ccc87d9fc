"""How is one service looked at by itself: in which role, with which requests, and what is the verdict then?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.decisions import attestation, egress, naming, probe
from buildkit.decisions.checks import VERSION
from buildkit.decisions.checks.inbound import bypass
from buildkit.decisions.verdict import verdict
from buildkit.values.role import PEERS, Role, Script
from buildkit.values.service import ServiceImage
from buildkit.values.service_probe import ServiceProbe
from buildkit.values.verification import Verification

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from buildkit.decisions.catalogue import Catalogue
    from buildkit.values.fleet import ServiceEntry
    from buildkit.values.service import Evidence

DEFAULT_PORT = 8000


def probe_of(entry: ServiceEntry) -> ServiceProbe:
    """How fleet.toml says that a service is started and asked."""
    return ServiceProbe(
        ports=entry.ports,
        path=entry.path,
        probes=entry.probes,
        command=entry.command,
        environment=entry.environment,
        call_env=entry.call_env,
        timeout=entry.timeout,
        require_outgoing=entry.require_outgoing,
    )


def known_images(catalogue: Catalogue) -> tuple[ServiceImage, ...]:
    """The known bases, as images that a service's layers are compared with."""
    return tuple(
        ServiceImage(f"base {base.version}", image.config.diff_ids, image.config.labels)
        for base in catalogue.bases
        for image in base.platforms.values()
    )


def role(image: ServiceImage, *, asked: ServiceProbe) -> Role:
    """The service's place in a chain of one."""
    return Role(
        name=naming.host(image.name),
        image=image,
        ports=asked.ports or image.ports or (DEFAULT_PORT,),
        peers=(*PEERS, *asked.call_env),
        environment=asked.environment,
        must_call_out=asked.require_outgoing,
        command=asked.command or None,
    )


def script(ids: random.Random, *, service: str, asked: ServiceProbe) -> Script:
    """What it is asked: its path in several ways, its probes, and its path again before it is stopped."""
    return Script(
        requests=(
            *probe.image_requests(ids, service=service, path=asked.path),
            *probe.health_requests(ids, service=service, paths=asked.probes),
        ),
        last=probe.last_requests(ids, through=(service,), path=asked.path),
        path=asked.path,
        timeout=asked.timeout,
    )


def verification(
    evidence: Evidence, *, image: str, digest: str, asked: ServiceProbe, platform: str, time: datetime
) -> Verification:
    """The verdict on what was seen.

    Args:
        evidence: of a chain of one.
        image: repository without tag.
        digest: of what ran.
        asked: how it was started and asked.
        platform: the engine's.
        time: now.
    """
    judged = verdict(evidence)
    return Verification(
        image=image,
        digest=digest,
        checks=judged.checks,
        time=time,
        checks_version=VERSION,
        settings=attestation.settings(asked),
        bypass=bypass(evidence),
        called=egress.names(egress.egress(evidence).judged),
        base_version=evidence.standing.version,
        platform=platform,
        last_lines=judged.last_lines if judged.failures else (),
    )
