"""Which image does a shape run in: the base of its Python with the shape's files in /app."""

import dataclasses
import hashlib
import tempfile
import threading
from pathlib import Path

import docker.errors

from buildkit.decisions import naming, versions_file
from buildkit.edges.children import build_child
from buildkit.values.errors import BuildkitError
from buildkit.verbs import build
from tests.shapes.errors import NotRunnable
from tests.shapes.venvs import packed

APPS = Path(__file__).parent / "apps"
WITH_PACKAGES = """\
FROM company/python-service
USER root
RUN apt-get update && apt-get install --yes --no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*
USER 10001
"""
COMPILER = ("build-essential", "python3-dev")


class Images:
    """The images of one run; threads may ask at once."""

    def __init__(self, engine, *, settings):
        self._engine = engine
        self._settings = settings
        self._versions = versions_file.parse(build.VERSIONS.read_text())
        self._lock = threading.Lock()
        self._locks = {}
        self._made = {}

    def base(self, python):
        """The base for a Python; the default's must be there, another's is built (a second if nothing changed)."""
        return self._once(("base", python), lambda: self._base(python))

    def app(self, row):
        """The row's image, by the id or name that the engine knows it by."""
        base = self.base(row.python)
        if row.dockerfile:
            return self._once(("own", row.name), lambda: self._own(row, base))
        if row.debian:
            base = self.with_packages(base, row.debian)
        return self._once(("app", row.app, base), lambda: self._app(row.app, base))

    def builder(self, base):
        """The base with a compiler, for requirements without wheels."""
        return self.with_packages(base, COMPILER)

    def with_packages(self, base, packages):
        """The base with more packages of Debian's."""
        text = WITH_PACKAGES.format(packages=" ".join(sorted(packages)))
        return self._once(
            ("packages", base, packages), lambda: self._child(text, {}, base=base, what="packages")
        )

    def _once(self, key, make):
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def _base(self, python):
        if python == self._versions.default_python:
            name = naming.tags(self._settings, version="unused")[-1]
            if not self._engine.image_exists(name):
                raise NotRunnable(f"{name} is not here; run `make build`")
            return name
        settings = dataclasses.replace(self._settings, python=python, tag=f"python{python}")
        row = versions_file.choose(self._versions, python=python)
        try:
            return build.build(self._engine, settings, row=row, versions=self._versions)[-1]
        except BuildkitError as error:
            raise NotRunnable(f"no base for Python {python}: {error}") from None

    def _own(self, row, base):
        return self._child(row.dockerfile, _files(row.app), base=base, what=row.name)

    def _app(self, app, base):
        """Made without a builder: a container that is never started, its files, and `commit`."""
        files = _files(app)
        client = self._engine.client
        key = hashlib.sha256(repr((self._engine.image_id(base), files)).encode()).hexdigest()[:16]
        repository = f"{self._settings.company}/shapes-app"
        tag = hashlib.sha256(f"{app} {base}".encode()).hexdigest()[:16]
        try:
            image = client.images.get(f"{repository}:{tag}")
            if image.labels.get("shapes.key") == key:
                return image.id
        except docker.errors.ImageNotFound:
            image = None
        container = client.containers.create(base, labels={"shapes": self._settings.company})
        try:
            container.put_archive("/app", packed(files))
            made = container.commit(repository, tag, changes=f'LABEL shapes.key="{key}"')
        finally:
            container.remove(force=True)
        if image is not None:
            self._drop(image.id)
        return made.id

    def _drop(self, image):
        try:
            self._engine.client.images.remove(image)
        except docker.errors.APIError:
            return  # another run uses it still

    def _child(self, dockerfile, files, *, base, what):
        """Build it as its author would; a name of its own for each text, so that the builder's cache is kept."""
        key = hashlib.sha256(f"{dockerfile} {base}".encode()).hexdigest()[:16]
        name = f"{self._settings.company}/shapes-{what}:{key}"
        with tempfile.TemporaryDirectory(prefix="shapes-") as directory:
            for path, content in {**files, "Dockerfile": dockerfile.encode()}.items():
                target = Path(directory) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            try:
                build_child(
                    self._engine, Path(directory), tag=name, base=base, ca_bundle=self._settings.ca_bundle
                )
            except BuildkitError as error:
                raise NotRunnable(str(error)) from None
        return name


def _files(app):
    directory = APPS / app
    return {"probe.py": (APPS / "probe.py").read_bytes()} | {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
