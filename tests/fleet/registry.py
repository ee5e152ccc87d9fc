"""A real registry for tests: Debian's docker-registry in a container on 127.0.0.1.

`python -m tests.fleet.registry` starts one and runs it until it is interrupted.
"""

import hashlib
import io
import json
import os
import signal
import socket
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

import docker.errors
import urllib3

from buildkit.decisions import versions_file
from buildkit.edges import environment, upstream
from buildkit.edges.children import build_child
from buildkit.edges.engine import Engine
from buildkit.values.errors import BuildkitError
from buildkit.verbs import build

READY_SECONDS = 30
STARTS = 5
PORT = 5000
# Debian starts a service when its package is installed, unless policy-rc.d says no.
DOCKERFILE = """\
FROM company/python-service
RUN printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \\
 && apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends docker-registry \\
 && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /registry/data /registry/files && printf '%s\\n' '{config}' > /registry/config.yml
"""
CONFIG = {
    "version": 0.1,
    "log": {"level": "error", "accesslog": {"disabled": True}},
    "storage": {
        "filesystem": {"rootdirectory": "/registry/data", "maxthreads": 100},
        "cache": {"blobdescriptor": "inmemory"},
        "delete": {"enabled": True},
        "maintenance": {"uploadpurging": {"enabled": False}},
    },
    "http": {"addr": f":{PORT}"},
}


def image(engine, settings):
    """The image's name; built unless it is there (a second if the builder has its steps)."""
    versions = versions_file.parse(build.VERSIONS.read_text())
    below = upstream.resolve(
        engine, versions_file.choose(versions), versions=versions, company=settings.company
    )
    text = DOCKERFILE.format(config=json.dumps(CONFIG))
    key = hashlib.sha256(f"{text} {engine.image_id(below)}".encode()).hexdigest()[:16]
    name = f"{settings.company}/test-registry:{key}"
    if not engine.image_exists(name):
        with tempfile.TemporaryDirectory(prefix="registry-") as directory:
            (Path(directory) / "Dockerfile").write_text(text)
            build_child(engine, Path(directory), tag=name, base=below, ca_bundle=settings.ca_bundle)
    return name


class RegistryServer:
    """A registry as long as the `with` block lasts.

    Args:
        engine: Runs it.
        settings: The environment's; they name the image.
        variables: `REGISTRY_...`, which override the configuration's members.
        files: Contents by name; they lie in /registry/files.
        disk: Bytes that it may store; None for as many as the machine has.
        own_network: Whether its port is published; else it is the machine's own, without the engine's proxy on the way.

    Attributes:
        host: `127.0.0.1:PORT`.
    """

    def __init__(self, engine, settings, *, variables=None, files=None, disk=None, own_network=True):
        self._engine = engine
        self._settings = settings
        self._variables = variables or {}
        self._files = files or {}
        self._disk = disk
        self._own_network = own_network
        self._container = None
        self.host = ""

    def __enter__(self):
        for tries in range(1, STARTS + 1):
            # Of our own choosing: the engine would give it another port when it starts again.
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            try:
                self._start(port)
            except docker.errors.APIError as error:
                if tries == STARTS or "address already in use" not in str(error):
                    raise
            else:
                return self
        raise AssertionError

    def _start(self, port):
        self.host = f"127.0.0.1:{port}"
        self._container = self._engine.client.containers.create(
            image(self._engine, self._settings),
            ["serve", "/registry/config.yml"],
            entrypoint=["docker-registry"],
            **self._place(port),
            tmpfs={"/registry/data": f"size={self._disk}"} if self._disk else None,
            # What nobody stopped, since the run was killed, can be told by it and removed.
            labels={"test-registry": str(os.getpid())},
            name=f"test-registry-{os.getpid()}-{os.urandom(3).hex()}",
        )
        try:
            if self._files:
                self._container.put_archive("/registry/files", _packed(self._files))
            self._container.start()
            self._wait()
        except BaseException:
            self._container.remove(force=True, v=True)
            raise

    def _place(self, port):
        if self._own_network:
            return {"environment": self._variables, "ports": {f"{PORT}/tcp": ("127.0.0.1", port)}}
        return {
            "environment": {**self._variables, "REGISTRY_HTTP_ADDR": self.host},
            "network_mode": "host",
        }

    def cpu_seconds(self):
        """The CPU time that it has used so far."""
        return (
            self._container.stats(stream=False, one_shot=True)["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
        )

    def __exit__(self, *exc_info):
        self._container.remove(force=True, v=True)

    def logs(self):
        return self._container.logs().decode(errors="replace")

    def pause(self):
        self._container.pause()

    def unpause(self):
        self._container.unpause()

    def restart(self):
        """Stop it and start it again with what it has stored, on the same port."""
        # As process 1 it does not heed SIGTERM.
        self._container.restart(timeout=0)
        self._wait()

    def run(self, *command):
        """A command's code and output in its container."""
        code, said = self._container.exec_run(list(command))
        return code, said.decode(errors="replace")

    def _wait(self):
        """Any answer will do, also a 401, and the 400 of one that speaks TLS."""
        until = time.monotonic() + READY_SECONDS
        with urllib3.PoolManager(retries=False, timeout=2) as http:
            while True:
                try:
                    http.request("GET", f"http://{self.host}/v2/")
                except urllib3.exceptions.HTTPError:
                    self._container.reload()
                    if self._container.status != "running" or time.monotonic() > until:
                        raise RuntimeError(f"the registry is not ready: {self.logs()[-2000:]}") from None
                    # Nothing tells that a port begins to listen.
                    time.sleep(0.05)
                else:
                    return


def _packed(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def main():
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        engine = Engine.connect()
        try:
            with RegistryServer(engine, environment.settings()) as server:
                print(server.host, flush=True)
                stop.wait()
        finally:
            engine.close()
    except BuildkitError as error:
        print(f"registry: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
