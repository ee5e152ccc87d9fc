"""A small company: two releases of its base, and nine services in every state that a fleet knows.

`python -m tests.fleet.demo_fleet DIRECTORY` starts a registry, fills it, writes DIRECTORY/fleet.toml and waits until
it is interrupted: for trying `status`, `rollout` and `rollback` by hand.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

from buildkit.decisions import naming, oci_json, versions_file
from buildkit.edges import environment, upstream
from buildkit.edges.children import build_child
from buildkit.edges.engine import Engine
from buildkit.edges.registry import Registry
from buildkit.values.oci import OCI_CONFIG, OCI_INDEX
from buildkit.verbs import build
from tests.fleet.registry import RegistryServer

SOURCES = Path(__file__).with_name("demo")
OLD, NEW = "1.4.0", "1.5.0"
RELEASED = {OLD: "2026-01-05T00:00:00Z", NEW: "2026-03-01T00:00:00Z"}
RELEASE = """\
FROM company/python-service
USER root
RUN echo {number} > /opt/release-{number}
USER 10001
ENV RELEASED={number}
LABEL com.{company}.base.version={number} com.{company}.base.revision=1 com.{company}.base.created={created}
"""
SERVICE = """\
FROM {base}
ENV CALLED={name}
COPY {files} ./
EXPOSE 8000
CMD {command}
"""
FLEET = """\
registry = "{host}"
base = "{prefix}/python-service"

[brakes]
failures = "25%"

[service.shop] # two on an older base
image = "{prefix}/shop"
[service.stock]
image = "{prefix}/stock"
[service.lost] # nobody has its source any more
image = "{prefix}/lost"
[service.both] # for two platforms
image = "{prefix}/both"
platforms = ["linux/amd64", "linux/arm64"]
[service.legacy] # breaks on the new base
image = "{prefix}/legacy"
[service.bypass] # its command switches the tracing's loader off
image = "{prefix}/bypass"
[service.pinned] # its Dockerfile names the old base by digest
image = "{prefix}/pinned"
source = "pinned"
[service.foreign] # stands on something else
image = "{prefix}/foreign"
[service.moved] # its image stands on something else, its Dockerfile does no more
image = "{prefix}/moved"
source = "moved"
"""


class DemoFleet:
    """Fills a registry, and writes fleet.toml.

    Args:
        engine: builds and pushes.
        settings: the environment's.
        registry: a client of the registry.
        directory: for fleet.toml and sources.
        prefix: of all repositories.
    """

    def __init__(self, engine, settings, *, registry, directory, prefix="demo"):
        self.engine = engine
        self.settings = settings
        self.registry = registry
        self.directory = directory
        self.prefix = prefix
        self._made = []

    def fill(self):
        """All of it; half a minute the first time."""
        below = naming.repository(self.settings) + ":latest"
        bases = {number: self._release(number, below=below) for number in (OLD, NEW)}
        foreign = self._foreign()
        for name in ("shop", "stock", "lost", "pinned"):
            self._service(name, base=bases[OLD])
        self._service("both", base=bases[OLD])
        self._second_platform("both", tag="latest")
        self._service("legacy", base=bases[OLD], files="served.py legacy.py", command=["python", "legacy.py"])
        self._service("bypass", base=bases[OLD], command=["python", "-S", "served.py"])
        for name in ("foreign", "moved"):
            self._service(name, base=foreign, command=["python3", "served.py"])
        old = self.registry.head(f"{self.prefix}/python-service", f"{OLD}-r1-py3.13").digest
        self._source("pinned", base=f"company/python-service@{old}")
        self._source("moved", base="company/python-service:latest")
        text = FLEET.format(host=self.registry.host, prefix=self.prefix)
        (self.directory / "fleet.toml").write_text(text)

    def clean(self):
        """Remove what the engine has of it."""
        for name in reversed(self._made):
            self.engine.client.images.remove(name, force=True)

    def _release(self, number, *, below):
        """The base with a file and a variable of this release, for two platforms; its local name."""
        text = RELEASE.format(number=number, company=self.settings.company, created=RELEASED[number])
        name = self._local(f"base-{number}")
        self._build(text, name=name, base=below)
        tag = f"{number}-r1-py3.13"
        self._push(name, "python-service", tag=tag)
        digest = self._second_platform("python-service", tag=tag)
        raw = self.registry.get(f"{self.prefix}/python-service", digest).raw
        self.registry.put(f"{self.prefix}/python-service", raw, media_type=OCI_INDEX, version="latest")
        return name

    def _foreign(self):
        """What stands beside the base: what the base itself is built on."""
        versions = versions_file.parse(build.VERSIONS.read_text())
        row = versions_file.choose(versions)
        return upstream.resolve(self.engine, row, versions=versions, company=self.settings.company)

    def _service(self, name, *, base, files="served.py", command=("python", "served.py")):
        text = SERVICE.format(
            base="company/python-service", name=name, files=files, command=json.dumps(list(command))
        )
        local = self._local(name)
        self._build(text, name=local, base=base)
        self._push(local, name, tag="latest")

    def _local(self, name):
        """What the engine calls an image of ours: two runs at once do not meet."""
        return f"{self.settings.company}/demo-{name}:{os.getpid()}"

    def _source(self, name, *, base):
        """The service's own source, as its repository would have it."""
        directory = self.directory / name
        shutil.copytree(SOURCES, directory)
        text = SERVICE.format(base=base, name=name, files="served.py", command='["python", "served.py"]')
        (directory / "Dockerfile").write_text(text)

    def _build(self, text, *, name, base):
        # Never in the directory: it may be a checkout, with a Dockerfile of its own.
        with tempfile.TemporaryDirectory(prefix="demo-") as directory:
            dockerfile = Path(directory) / "Dockerfile"
            dockerfile.write_text(text)
            build_child(
                self.engine,
                SOURCES,
                tag=name,
                base=base,
                ca_bundle=self.settings.ca_bundle,
                dockerfile=dockerfile,
            )
        self._made.append(name)

    def _push(self, local, repository, *, tag):
        name = f"{self.registry.host}/{self.prefix}/{repository}"
        self.engine.client.images.get(local).tag(name, tag=tag)
        self._made.append(f"{name}:{tag}")
        for line in self.engine.client.images.push(name, tag=tag, stream=True, decode=True):
            assert "errorDetail" not in line, line

    def _second_platform(self, repository, *, tag):
        """Make an index of an image: what this machine built, and the same files called another platform's.

        No machine of another architecture is at hand. What a rollout does with a second platform is done with
        documents, and those are real.
        """
        where = f"{self.prefix}/{repository}"
        manifest = self.registry.get(where, tag)
        config = self.registry.config(where, manifest)
        other = oci_json.written(dict(config.document) | {"architecture": "arm64", "variant": "v8"})
        described = self.registry.put_blob(where, other, media_type=OCI_CONFIG)
        document = json.loads(manifest.raw) | {"config": oci_json.described(described)}
        raw = oci_json.written(document)
        digest = self.registry.put(where, raw, media_type=manifest.media_type, version=oci_json.digest(raw))
        entries = [
            {"mediaType": manifest.media_type, "digest": name, "size": size, "platform": platform}
            for name, size, platform in (
                (manifest.digest, len(manifest.raw), {"os": "linux", "architecture": "amd64"}),
                (digest, len(raw), {"os": "linux", "architecture": "arm64", "variant": "v8"}),
            )
        ]
        index = oci_json.written({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
        return self.registry.put(where, index, media_type=OCI_INDEX, version=tag)


def main(directory):
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    directory.mkdir(parents=True, exist_ok=True)
    engine, settings = Engine.connect(), environment.settings()
    try:
        with RegistryServer(engine, settings) as server, Registry.connect(server.host) as registry:
            fleet = DemoFleet(engine, settings, registry=registry, directory=directory)
            try:
                fleet.fill()
                print(f"{directory}/fleet.toml", flush=True)
                stop.wait()
            finally:
                fleet.clean()
    finally:
        engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
