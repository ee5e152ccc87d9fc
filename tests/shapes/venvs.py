"""Where do a shape's requirements come from: one venv per distinct set, made once, kept in a volume.

The volume begins as a copy of the image's own /opt/venv (the engine fills an empty volume from what it covers),
the packages are installed by the image's user into that, and services get it read-only in the same place: what
they see is what `RUN pip install` in a child image leaves. uv does the work, since it takes a tenth of pip's time.
"""

import hashlib
import io
import os
import tarfile
import threading

import docker.errors

from buildkit.decisions import networks
from tests.shapes.errors import NotRunnable

VENV = "/opt/venv"
HOME = "/home/app"
INSTALL_SECONDS = 900
MARKS = f"""
cat {VENV}/pyvenv.cfg {VENV}/pip.conf {VENV}/lib/python*/site-packages/*.pth
python -c 'import sys, sysconfig, pip; print(sys.version, sysconfig.get_config_var("SOABI"), pip.__version__)'
"""
UV = f"""
test -x {HOME}/uv/bin/uv || {{ pip install --quiet --target {HOME}/uv.$$ uv && mv -T {HOME}/uv.$$ {HOME}/uv; }}
"""
INSTALL = """
set -e
uv=/home/app/uv/bin/uv
export UV_LINK_MODE=copy UV_PYTHON=/opt/venv/bin/python
$uv pip install --quiet --compile-bytecode -r /tmp/requirements.txt >&2
$uv pip freeze
"""
PASSED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


class Venvs:
    """The venvs of one run; threads may ask at once."""

    def __init__(self, engine, *, company, ca_bundle, builders):
        self._engine = engine
        self._company = company
        self._ca_bundle = ca_bundle
        self._builders = builders
        self._locks = {}
        self._lock = threading.Lock()
        self._marks = {}

    def volume(self, requirements, *, base):
        """Name of the volume, and what was installed as `pip freeze` says it; (None, "") for no requirements.

        Raises:
            NotRunnable: They cannot be installed.
        """
        if not requirements:
            return None, ""
        key = hashlib.sha256(repr((sorted(requirements), self._base_marks(base))).encode()).hexdigest()[:16]
        name = f"{self._company}-shapes-venv-{key}"
        with self._own_lock(name):
            return name, self._resolved(name) or self._make(name, requirements, base=base)

    def _own_lock(self, key):
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())

    def _base_marks(self, base):
        """What of the base is in a venv: while it stays the same, so may the venvs."""
        with self._own_lock(base):
            if base not in self._marks:
                self._marks[base] = self._engine.output(base, ["/bin/sh", "-c", MARKS])
            return self._marks[base]

    def _resolved(self, name):
        """The list of packages is the label of a second, empty volume, which is made when all is there."""
        try:
            done = self._engine.client.volumes.get(f"{name}-done")
        except docker.errors.NotFound:
            return ""
        return (done.attrs.get("Labels") or {}).get("packages", "")

    def _make(self, name, requirements, *, base):
        self._drop(name)
        labels = {"shapes": self._company}
        self._engine.client.volumes.create(name, labels=labels)
        try:
            packages = self._install(name, requirements, image=base)
        except NotRunnable:
            # Something has to be compiled, perhaps: the image has no compiler, on purpose.
            self._drop(name)
            self._engine.client.volumes.create(name, labels=labels)
            packages = self._install(name, requirements, image=self._builders(base))
        self._engine.client.volumes.create(f"{name}-done", labels={**labels, "packages": packages})
        return packages

    def _drop(self, name):
        try:
            self._engine.client.volumes.get(name).remove(force=True)
        except docker.errors.NotFound:
            return

    def _install(self, name, requirements, *, image):
        wheels = f"{self._company}-shapes-wheels"
        with self._own_lock(wheels):
            if wheels not in self._marks:
                self._run(image, UV, {wheels: {"bind": HOME}}, {}, what="installing uv")
                self._marks[wheels] = "has uv"
        volumes = {wheels: {"bind": HOME}, name: {"bind": VENV}}
        files = {"requirements.txt": "\n".join(requirements) + "\n"}
        return self._run(image, INSTALL, volumes, files, what=f"installing {', '.join(requirements)}")

    def _run(self, image, script, volumes, files, *, what):
        files = dict(files)
        environment = {
            "OTEL_SDK_DISABLED": "true",
            "UV_CACHE_DIR": f"{HOME}/cache",
            "PIP_ROOT_USER_ACTION": "ignore",
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        }
        if self._ca_bundle is not None:
            files["ca.pem"] = self._ca_bundle.read_text()
            environment |= {"SSL_CERT_FILE": "/tmp/ca.pem", "PIP_CERT": "/tmp/ca.pem"}
        engine = self._engine
        network = networks.for_builds(bridge_mtu=engine.bridge_mtu, host_mtu=engine.mtu) or "bridge"
        container = engine.client.containers.create(
            image,
            ["-c", script],
            entrypoint=["/bin/sh"],
            environment=environment,
            network_mode=network,
            volumes=volumes,
            labels={"shapes": self._company},
        )
        try:
            container.put_archive("/tmp", packed(files))
            container.start()
            code = container.wait(timeout=INSTALL_SECONDS)["StatusCode"]
            if code:
                said = container.logs(stdout=True, stderr=True).decode(errors="replace")
                raise NotRunnable(f"{what} failed ({code}):\n{said[-4000:]}")
            return container.logs(stdout=True, stderr=False).decode()
        finally:
            container.remove(force=True, v=True)


def packed(files, *, directory=""):
    """A tar of files by their names, readable by everybody, owned by root as COPY leaves them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(directory + name)
            member.size = len(data)
            member.mode = 0o755 if data.startswith(b"#!") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
