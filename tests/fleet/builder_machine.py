"""A second machine with a BuildKit: Debian's engine in a container, reached as a docker context and as a remote builder.

Its engine has containerd's image store. A registry on 127.0.0.1 of this machine is at the same name there.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from buildkit.decisions import versions_file
from buildkit.edges import upstream
from buildkit.edges.children import build_child
from buildkit.verbs import build

READY_SECONDS = 60
DOCKERFILE = """\
FROM company/python-service
RUN printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d \\
 && apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends docker.io docker-buildx iptables \\
 && rm -rf /var/lib/apt/lists/*
COPY forward.py /forward.py
"""
# In its network, 127.0.0.1:PORT leads to the same port of a file's socket beside it.
FORWARD = """\
import socket
import sys
import threading


def pipe(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    client, _ = listener.accept()
    server = socket.socket(socket.AF_UNIX)
    server.connect("/machine/registry.sock")
    for pair in ((client, server), (server, client)):
        threading.Thread(target=pipe, args=pair, daemon=True).start()
"""
PLUGIN = "/usr/libexec/docker/cli-plugins/docker-buildx"
UPGRADE = (
    b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"
)


class BuilderMachine:
    """The machine as long as the `with` block lasts.

    Args:
        engine: Runs it.
        settings: The environment's.
        registry_host: `127.0.0.1:PORT`.

    Attributes:
        config: DOCKER_CONFIG of a docker command with buildx, the context `machine` and the remote builder `farm`.
    """

    def __init__(self, engine, settings, *, registry_host):
        self._engine = engine
        self._settings = settings
        self._registry = ("127.0.0.1", int(registry_host.rpartition(":")[2]))
        # Paths of sockets are short.
        self._place = Path(tempfile.mkdtemp(prefix="machine-", dir="/tmp"))
        self._listeners = []
        self._container = None
        self.config = self._place / "config"

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info):
        for listener in self._listeners:
            listener.close()
        if self._container is not None:
            self._container.remove(force=True, v=True)
        shutil.rmtree(self._place, ignore_errors=True)

    def _start(self):
        image = self._image()
        (self._place / "daemon.json").write_text(json.dumps({"features": {"containerd-snapshotter": True}}))
        registry = socket.socket(socket.AF_UNIX)
        registry.bind(str(self._place / "registry.sock"))
        registry.listen()
        self._serve(registry, lambda: socket.create_connection(self._registry))
        self._container = self._engine.client.containers.create(
            image,
            ["-c", f"python3 /forward.py {self._registry[1]} & exec dockerd --host unix:///machine/docker.sock"
                   " --config-file /machine/daemon.json"],
            entrypoint=["sh"],
            user="root",
            # As much as this machine itself may do; less than `privileged`, which cannot be had everywhere.
            cap_add=_capabilities(),
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            environment={"DOCKER_ALLOW_IPV6_ON_IPV4_INTERFACE": "1"},
            volumes={
                str(self._place): {"bind": "/machine", "mode": "rw"},
                "/sys/fs/cgroup": {"bind": "/sys/fs/cgroup", "mode": "rw"},
            },
            labels={"test-builder": str(os.getpid())},
            name=f"test-builder-{os.getpid()}-{os.urandom(3).hex()}",
            # Overlays cannot lie on overlays.
            mounts=[
                {"Type": "volume", "Target": "/var/lib/docker"},
                {"Type": "volume", "Target": "/var/lib/containerd"},
            ],
        )  # fmt: skip
        self._container.start()
        self._wait()
        self._configure()

    def _image(self):
        versions = versions_file.parse(build.VERSIONS.read_text())
        row = versions_file.choose(versions)
        below = upstream.resolve(self._engine, row, versions=versions, company=self._settings.company)
        context = self._place / "image"
        context.mkdir()
        (context / "Dockerfile").write_text(DOCKERFILE)
        (context / "forward.py").write_text(FORWARD)
        name = f"{self._settings.company}/test-builder:latest"
        build_child(self._engine, context, tag=name, base=below, ca_bundle=self._settings.ca_bundle)
        return name

    def _wait(self):
        until = time.monotonic() + READY_SECONDS
        while True:
            code, _ = self._container.exec_run(["docker", "-H", "unix:///machine/docker.sock", "version"])
            if code == 0:
                return
            self._container.reload()
            if self._container.status != "running" or time.monotonic() > until:
                raise RuntimeError(
                    f"no engine there: {self._container.logs()[-2000:].decode(errors='replace')}"
                )
            time.sleep(0.2)  # nothing tells that an engine begins to answer

    def _configure(self):
        plugins = self.config / "cli-plugins"
        plugins.mkdir(parents=True)
        code, content = self._container.exec_run(["cp", PLUGIN, "/machine/config/cli-plugins/docker-buildx"])
        assert code == 0, content
        listener = socket.create_server(("127.0.0.1", 0))
        # An engine's BuildKit behind its API, as a builder of its own: what a remote builder speaks, and nothing else.
        self._serve(listener, self._buildkit)
        port = listener.getsockname()[1]
        self.docker("context", "create", "machine", "--docker", f"host=unix://{self._place}/docker.sock")
        self.docker("buildx", "create", "--name", "farm", "--driver", "remote", f"tcp://127.0.0.1:{port}")

    def docker(self, *words):
        """Run the docker command with this machine in its configuration."""
        subprocess.run(
            ("docker", *words),
            check=True,
            capture_output=True,
            env={**os.environ, "DOCKER_CONFIG": str(self.config)},
        )

    def _buildkit(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self._place / "docker.sock"))
        connection.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        return connection

    def _serve(self, listener, connect):
        self._listeners.append(listener)

        def serve():
            while True:
                try:
                    client, _ = listener.accept()
                    server = connect()
                except OSError:
                    return
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_pipe, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()


def _pipe(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _capabilities():
    """The names of ours that every engine knows, by their numbers in linux/capability.h."""
    names = [
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "KILL",
        "SETGID",
        "SETUID",
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_CHROOT",
        "SYS_PTRACE",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "LEASE",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "SYSLOG",
    ]
    lines = Path("/proc/self/status").read_text().splitlines()
    mask = int(next(line.split()[1] for line in lines if line.startswith("CapBnd")), 16)
    return [name for number, name in enumerate(names) if mask >> number & 1]
