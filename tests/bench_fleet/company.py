"""A company's registry with as many services as one likes, made without an engine.

The base has seven layers, as the real one: two of them are empty, and the same in every release.
"""

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor

from buildkit.decisions import base_version, contract, naming, oci_json
from buildkit.values.oci import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST
from tests.fleet.layers import layer

COMPANY = "company"
BASE = f"{COMPANY}/python-service"
AT_ONCE = 16
FIRST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
FIRST_RELEASE = "1.0.0-r1-py3.13"
EMPTY = layer({})
#: Below the service's own: what changes with a release of Debian's, and with one of ours.
DEBIAN = ("debian", "shell", "users", "detail", "runtime")
RUNTIME = ("runtime",)
FACTS = {"python": "3.13", "soabi": "cpython-313-x86_64-linux-gnu", "libc": "glibc-2.41"}


def service(number):
    """A service's repository."""
    return f"team-{number % 20}/service-{number:04}"


def populate(registry, services):
    """The first release, and all services on it."""
    release(registry, FIRST_RELEASE, changed=DEBIAN, days=0)
    below = _layers(FIRST_RELEASE, changed=DEBIAN)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda number: _push_service(registry, number, below), range(services)))


def release(registry, version, *, changed, days):
    """Push one more release, in which some layers differ from the first."""
    labels = contract.labels(FACTS, uid=10001) | {
        "version": version.partition("-")[0],
        "revision": str(base_version.parse(version).revision),
        "created": (FIRST + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    settings = {
        "Env": ["PATH=/opt/venv/bin:/usr/bin", "HOME=/home/app", "PORT=8000", f"RELEASE={version}"],
        "Entrypoint": ["/usr/bin/tini", "-g", "--"],
        "Cmd": ["gunicorn", "app:app"],
        "User": "10001",
        "WorkingDir": "/app",
        "ExposedPorts": {"8000/tcp": {}},
        "StopSignal": "SIGTERM",
        "Labels": {naming.base_label(COMPANY, name): value for name, value in labels.items()},
    }
    stored = _layers(version, changed=changed)
    for each in {each.diff_id: each for each in stored}.values():
        registry.put_blob(BASE, each.packed, media_type=OCI_LAYER)
    _push(registry, BASE, stored, settings=settings, tag=version)


def _layers(version, *, changed):
    own = {
        name: layer({name: f"{name} of {version if name in changed else FIRST_RELEASE}".encode()})
        for name in DEBIAN
    }
    return [own["debian"], own["shell"], own["users"], own["detail"], EMPTY, own["runtime"], EMPTY]


def _push_service(registry, number, below):
    name = service(number)
    own = [
        layer({"requirements": f"requirements of {number % 50}".encode()}),
        layer({"app.py": f"print({number})".encode() + os.urandom(200)}),
    ]
    for each in {each.diff_id: each for each in below}.values():
        registry.mount(name, oci_json.digest(each.packed), source=BASE)
    for each in own:
        registry.put_blob(name, each.packed, media_type=OCI_LAYER)
    labels = {
        naming.base_label(COMPANY, key): value for key, value in contract.labels(FACTS, uid=10001).items()
    }
    labels |= {naming.base_label(COMPANY, "version"): "1.0.0", naming.base_label(COMPANY, "revision"): "1"}
    settings = {
        "Env": [
            "PATH=/opt/venv/bin:/usr/bin",
            "HOME=/home/app",
            "PORT=8000",
            f"RELEASE={FIRST_RELEASE}",
            f"SERVICE={name}",
        ],
        "Entrypoint": ["/usr/bin/tini", "-g", "--"],
        "Cmd": ["gunicorn", "--threads=4", "app:app"],
        "User": "10001",
        "WorkingDir": "/app",
        "ExposedPorts": {"8000/tcp": {}},
        "StopSignal": "SIGTERM",
        "Labels": labels | {"team": name.partition("/")[0]},
    }
    _push(registry, name, [*below, *own], settings=settings, tag="latest")


def _push(registry, repository, layers, *, settings, tag):
    config = oci_json.written(
        {
            "created": "2026-01-01T00:00:00Z",
            "architecture": "amd64",
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [each.diff_id for each in layers]},
            "history": [
                {"created": "2026-01-01T00:00:00Z", "created_by": f"RUN step {number}", "comment": "buildkit"}
                for number in range(len(layers))
            ],
        }
    )
    blob = registry.put_blob(repository, config, media_type=OCI_CONFIG)
    raw = oci_json.written(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": oci_json.described(blob),
            "layers": [
                {"mediaType": OCI_LAYER, "digest": oci_json.digest(each.packed), "size": len(each.packed)}
                for each in layers
            ],
        }
    )
    registry.put(repository, raw, media_type=OCI_MANIFEST, version=tag)
