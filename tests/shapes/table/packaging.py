"""How a service's packages get into its image, and how its Python is started."""

from tests.shapes.row import Row

SERVE = ("gunicorn", "service:app")
FLASK = ("flask", "gunicorn")


def row(name, command=SERVE, *, requirements=FLASK, **more):
    """A row that differs in how the service is started."""
    return Row(name, app="packaged", command=command, requirements=requirements, **more)


def built(name, *steps, command=SERVE, **more):
    """A row with a Dockerfile of its own."""
    dockerfile = "\n".join(("FROM company/python-service", *steps, ""))
    return Row(name, app="packaged", command=command, dockerfile=dockerfile, **more)


#: A venv of the service's own: first on PATH, as its authors do it.
VENV = (
    "RUN python3 -m venv {options} /home/app/venv && /home/app/venv/bin/pip install flask gunicorn",
    "ENV PATH=/home/app/venv/bin:$PATH VIRTUAL_ENV=/home/app/venv",
    "COPY . .",
)
OWN_VENV = tuple(line.replace("{options} ", "") for line in VENV)
#: uv takes the machine's certificates, and never a Python that is not the image's.
UV = "ENV UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1"
#: importtime's lines, which tracing adds to: the modules that it imports are its own.
IMPORT_TIMES = (r"^import time:",)

#: gunicorn's own listening socket, on either side, as chance has it.
LISTENER = (
    r"^(Exception ignored in: |ResourceWarning: unclosed )<socket\.socket .*laddr=\('0\.0\.0\.0', 8000\)>$",
)
UNSTABLE = {"importtime": IMPORT_TIMES, "warnings-are-errors": LISTENER, "development-mode": LISTENER}

PYTHON_FLAGS = {
    "isolated": "-I",
    "ignoring-the-environment": "-E",
    "no-user-site": "-s",
    "safe-path": "-P",
    "optimized": "-O",
    "no-docstrings": "-OO",
    "no-bytecode": "-B",
    "warnings-are-errors": "-W error",
    "development-mode": "-X dev",
    "bytes-warnings": "-bb",
    "nothing-frozen": "-X frozen_modules=off",
    "importtime": "-X importtime",
}

ROWS: tuple[Row, ...] = (
    row("images-venv"),
    row("module", ("python", "-m", "gunicorn", "service:app")),
    row("script", ("python", "service.py")),
    *(
        row(
            f"python-{name}",
            ("python", *flags.split(), "-m", "gunicorn", "service:app"),
            unstable=UNSTABLE.get(name, ()),
        )
        for name, flags in PYTHON_FLAGS.items()
    ),
    # Virtual environments of the service's own.
    built("own-venv", *OWN_VENV),
    built("own-venv-copies", *(line.replace("{options}", "--copies") for line in VENV)),
    built(
        "own-venv-system-site-packages",
        *(line.replace("{options}", "--system-site-packages") for line in VENV),
    ),
    built("own-venv-isolated", *OWN_VENV, command=("python", "-I", "-m", "gunicorn", "service:app")),
    built(
        "virtualenv",
        "RUN pip install virtualenv && virtualenv /home/app/venv && /home/app/venv/bin/pip install flask gunicorn",
        *OWN_VENV[1:],
    ),
    built(
        "venv-from-a-build-stage",
        "RUN python3 -m venv /home/app/venv && /home/app/venv/bin/pip install flask gunicorn",
        "FROM company/python-service",
        "COPY --from=0 /home/app/venv /home/app/venv",
        *OWN_VENV[1:],
    ),
    built(
        "uv-sync",
        UV,
        "RUN pip install uv",
        "COPY --chown=app . .",
        "RUN uv sync",
        command=("uv", "run", "--no-sync", "gunicorn", "service:app"),
    ),
    built(
        "uv-into-the-images-venv",
        UV,
        "RUN pip install uv && uv pip install flask gunicorn",
        "COPY . .",
    ),
    built(
        "poetry",
        "RUN python3 -m venv /home/app/poetry && /home/app/poetry/bin/pip install poetry",
        "COPY --chown=app pyproject.toml .",
        # By pip's own index page: not every mirror of a registry has the API that poetry asks first.
        "RUN cd /app && index=$(python -c"
        " 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')"
        " && poetry=/home/app/poetry/bin/poetry && unset VIRTUAL_ENV && $poetry source add mirror $index/"
        " && POETRY_VIRTUALENVS_IN_PROJECT=true $poetry install",
        "COPY service.py probe.py ./",
        command="unset VIRTUAL_ENV; exec /home/app/poetry/bin/poetry run gunicorn service:app",
    ),
    built(
        "pipenv",
        "RUN python3 -m venv /home/app/pipenv && /home/app/pipenv/bin/pip install pipenv",
        "COPY --chown=app Pipfile .",
        "RUN env -u VIRTUAL_ENV PIPENV_VENV_IN_PROJECT=1 /home/app/pipenv/bin/pipenv install --skip-lock",
        "COPY . .",
        command="unset VIRTUAL_ENV; exec /home/app/pipenv/bin/pipenv run gunicorn service:app",
    ),
    built(
        "editable-install",
        "RUN pip install setuptools flask gunicorn",
        "COPY --chown=app . src",
        "RUN cd src && pip install --no-build-isolation --editable .",
        "WORKDIR /home/app",
        command=("serve",),
    ),
    built(
        "packages-in-a-directory",
        "RUN pip install --target /home/app/lib flask gunicorn",
        "COPY . .",
        "ENV PYTHONPATH=/home/app/lib",
        command=("python3", "-m", "gunicorn", "service:app"),
    ),
    built(
        "bare-interpreter",
        "RUN pip install --target /home/app/lib flask gunicorn",
        "COPY . .",
        command="PYTHONPATH=/home/app/lib exec $(realpath $(command -v python3)) -m gunicorn service:app",
    ),
    built(
        "user-site",
        "RUN /usr/bin/env -u VIRTUAL_ENV PIP_BREAK_SYSTEM_PACKAGES=1 pip --python $(realpath $(command -v python3))"
        " install --user flask gunicorn",
        "COPY . .",
        command="exec $(realpath $(command -v python3)) -m gunicorn service:app",
    ),
    built(
        "zipapp",
        "RUN pip install --target /home/app/zipped flask",
        "COPY . .",
        "RUN cp service.py probe.py /home/app/zipped"
        " && python -m zipapp /home/app/zipped --main service:main --output /home/app/service.pyz",
        "WORKDIR /home/app",
        command=("python", "service.pyz"),
    ),
    # Paths and sitecustomizes.
    row("pythonpath-replaced", environment={"PYTHONPATH": "/nonesuch"}),
    row("own-sitecustomize-on-pythonpath", environment={"PYTHONPATH": "/app/own", "OWN_SITECUSTOMIZE": "1"}),
    built(
        "own-sitecustomize-in-the-venv",
        "RUN pip install flask gunicorn",
        "COPY . .",
        "RUN cp own/sitecustomize.py /opt/venv/lib/python3.*/site-packages",
        environment={"OWN_SITECUSTOMIZE": "1"},
    ),
    built(
        "own-venv-own-sitecustomize",
        *OWN_VENV,
        "RUN cp own/sitecustomize.py /home/app/venv/lib/python3.*/site-packages",
        environment={"OWN_SITECUSTOMIZE": "1"},
    ),
    built(
        "own-venv-sitecustomize-on-pythonpath",
        *OWN_VENV,
        environment={"PYTHONPATH": "/app/own", "OWN_SITECUSTOMIZE": "1"},
        command=("python", "service.py"),
    ),
    # What a platform does to a container.
    row("read-only-root", docker={"read_only": True}),
    row("read-only-root-with-tmp", docker={"read_only": True, "tmpfs": {"/tmp": ""}}),
    row("random-uid", docker={"user": "1000680000:0"}),
    row("random-uid-and-group", docker={"user": "4711:4711"}),
    row("root", docker={"user": "0"}),
    row("no-home", environment={"HOME": None}),
    row("home-that-is-not-there", environment={"HOME": "/nonesuch"}),
    row("no-dev-shm", docker={"ipc_mode": "none"}),
    row("no-capabilities", docker={"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}),
    row("no-init", docker={"entrypoint": []}),
    row(
        "environment-of-the-image-lost",
        ("/opt/venv/bin/gunicorn", "--bind", ":8000", "service:app"),
        environment=dict.fromkeys(("HOME", "VIRTUAL_ENV", "PORT", "PYTHONUNBUFFERED"))
        | {"PATH": "/usr/bin:/bin"},
    ),
    # A shell between tini and the service: a signal ends the shell at once, tini with it, and the engine then kills
    # the service in the middle of its own end, with and without tracing. What it did before has left by then.
    *(
        row(
            name, command, wait_for_tree=True, unstable=("Worker exiting", "Handling signal", "Shutting down")
        )
        for name, command in {
            "start-script": ("sh", "start.sh"),
            "shell-form": "gunicorn service:app",
        }.items()
    ),
    row("shell-form-exec", "exec gunicorn service:app"),
    # Other Pythons: Debian bookworm's and forky's.
    *(row(f"python{version}", python=version) for version in ("3.11", "3.14")),
    *(built(f"python{version}-own-venv", *OWN_VENV, python=version) for version in ("3.11", "3.14")),
    Row(
        "own-interpreter",
        app="packaged",
        command=SERVE,
        cannot="a second interpreter (uv's, conda's, pyenv's, PyInstaller's) does not read the image's standard"
        " library; `verify` names that cause",
    ),
)
