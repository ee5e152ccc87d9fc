"""Which servers can stand beside a shape, and when are they ready?

One image has them all, from Debian's archive; a container of it is started for each server that a row names, once
a run, and is reached by that name.
"""

import dataclasses
import tempfile
import threading
from pathlib import Path

from buildkit.decisions import versions_file
from buildkit.edges import upstream
from buildkit.edges.children import build_child
from buildkit.values.errors import BuildkitError
from buildkit.verbs import build
from tests.shapes.errors import NotRunnable

READY_SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Server:
    """One of them.

    Attributes:
        package: Debian's.
        command: Runs it in the foreground, for all addresses and without a password.
        ready: A shell command in its container that succeeds once a real connection works.
        setup: Shell commands as root when the image is made.
        user: Whom it runs as.
    """

    package: str
    command: tuple[str, ...]
    ready: str
    setup: str = "true"
    user: str = "root"


#: Trusts whoever comes; the directory is made anew, since Debian's own listens on the loopback.
POSTGRESQL = """
export PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
initdb --auth=trust --pgdata=/tmp/data >/dev/null
echo 'host all all all trust' >> /tmp/data/pg_hba.conf
exec postgres -D /tmp/data -h 0.0.0.0 -k /tmp -c fsync=off
"""

SERVERS = {
    "mariadb": Server(
        "mariadb-server",
        ("mariadbd", "--user=mysql", "--bind-address=0.0.0.0", "--skip-grant-tables", "--skip-name-resolve"),
        "mariadb-admin --protocol=tcp --host=127.0.0.1 ping",
        setup="mkdir -p /run/mysqld && chown mysql /run/mysqld",
    ),
    "memcached": Server(
        "memcached",
        ("memcached", "-u", "nobody", "-l", "0.0.0.0"),
        "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 11211))'",
    ),
    "postgresql": Server(
        "postgresql",
        ("sh", "-euc", POSTGRESQL),
        "psql --host=127.0.0.1 --username=postgres --command='SELECT 1'",
        user="postgres",
    ),
    "redis": Server(
        "redis-server",
        ("redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--appendonly", "no"),
        "redis-cli ping | grep -q PONG",
    ),
    "rabbitmq": Server(
        "rabbitmq-server",
        ("rabbitmq-server",),
        # The first frame of AMQP's handshake: its own tools start an Erlang for each question.
        'python3 -c \'import socket; s = socket.create_connection(("127.0.0.1", 5672), 1);'
        ' s.sendall(b"AMQP\\x00\\x00\\x09\\x01"); assert s.recv(1)\' 2> /dev/null',
        # The user guest may else only come from the same host.
        setup="echo 'loopback_users = none' >> /etc/rabbitmq/rabbitmq.conf",
        user="rabbitmq",
    ),
}


class Beside:
    """The servers of one run; threads may ask at once."""

    def __init__(self, engine, *, settings, stage):
        self._engine = engine
        self._settings = settings
        self._stage = stage
        self._lock = threading.Lock()
        self._running = {}
        self._image = ""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        for container in self._running.values():
            container.remove(force=True, v=True)

    def have(self, name):
        """Start it unless it runs already.

        Raises:
            NotRunnable: It cannot be had.
        """
        with self._lock:
            if name not in self._running:
                self._running[name] = self._start(name)

    def _start(self, name):
        if name not in SERVERS:
            raise NotRunnable(f"no server {name!r} in tests/shapes/beside.py")
        server = SERVERS[name]
        if not self._image:
            self._image = self._build()
        container = self._engine.client.containers.run(
            self._image,
            list(server.command),
            detach=True,
            user=server.user,
            hostname=name,
            name=f"{self._stage.network.name}-{name}",
            labels=self._stage.labels,
        )
        self._stage.network.connect(container, aliases=[name])
        self._wait(container, server, name)
        return container

    def _wait(self, container, server, name):
        """One shell in the container asks until it works: an exec for each attempt costs more than the answer."""
        script = f"for i in $(seq {READY_SECONDS * 5}); do {server.ready} && exit 0; sleep 0.2; done; exit 1"
        code, said = container.exec_run(["sh", "-c", script], user=server.user)
        if code:
            logs = container.logs().decode(errors="replace")[-4000:]
            container.remove(force=True, v=True)
            raise NotRunnable(f"{name} is not ready: {said.decode(errors='replace')[-500:]}\n{logs}")

    def _build(self):
        versions = versions_file.parse(build.VERSIONS.read_text())
        row = versions_file.choose(versions)
        packages = " ".join(sorted({server.package for server in SERVERS.values()}))
        setup = "".join(f"RUN {server.setup}\n" for server in SERVERS.values() if server.setup != "true")
        text = (
            "FROM company/python-service\n"
            # Debian starts a service when its package is installed, unless this says no.
            "RUN printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d\n"
            "RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes"
            f" --no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*\n{setup}"
        )
        name = f"{self._settings.company}/shapes-beside:latest"
        try:
            below = upstream.resolve(self._engine, row, versions=versions, company=self._settings.company)
            with tempfile.TemporaryDirectory(prefix="beside-") as directory:
                (Path(directory) / "Dockerfile").write_text(text)
                build_child(
                    self._engine,
                    Path(directory),
                    tag=name,
                    base=below,
                    ca_bundle=self._settings.ca_bundle,
                )
        except BuildkitError as error:
            raise NotRunnable(f"the image with the servers: {error}") from None
        return name
