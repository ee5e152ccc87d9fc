"""Put the tracing layer into the image: runs once, inside the build, with the upstream's own Python.

Everything lands outside the service's packages, owned by root and read-only.
"""

import compileall
import importlib.machinery
import json
import os
import pathlib
import py_compile
import shutil
import site
import subprocess
import sys
import sysconfig

import facts

HOME = pathlib.Path("/opt/tracing")
VENV = pathlib.Path("/opt/venv")
PACKAGE = "tracing_bootstrap"


def copy_tree(sources):
    """The package, and the files that a company may edit, as they are in the repository."""
    shutil.copytree(sources / PACKAGE, HOME / PACKAGE, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    shutil.copytree(sources / "rootfs", "/", dirs_exist_ok=True)


def link_package(stdlib):
    """One link makes the package importable in any venv, under -I and -E, with sys.path as it was."""
    (stdlib / PACKAGE).symlink_to(HOME / PACKAGE)


def install_sitecustomize(stdlib):
    """Our sitecustomize takes the standard library's place for it; one that was there is kept beside it.

    A diversion, not a rename, where dpkg owns it: an upgrade of the Debian package in a service's image
    would otherwise write its own over ours.
    """
    source = HOME / PACKAGE / "legs" / "sitecustomize.py"
    if not source.exists():
        return
    ours = stdlib / "sitecustomize.py"
    shadowed = stdlib / "_shadowed_sitecustomize.py"
    if ours.is_symlink() or ours.exists():
        owned = subprocess.run(["dpkg-query", "--search", ours], capture_output=True, check=False)
        if owned.returncode == 0:
            subprocess.run(
                ["dpkg-divert", "--local", "--rename", "--divert", shadowed, "--add", ours], check=True
            )
        else:
            ours.rename(shadowed)
        for stale in (stdlib / "__pycache__").glob("sitecustomize.*"):
            stale.unlink()
    shutil.copyfile(source, ours)
    compile_file(ours)
    if shadowed.exists():
        compile_file(shadowed)


def compile_file(path):
    py_compile.compile(
        str(path), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )


def install_pth(stdlib):
    """The second leg: for services whose own sitecustomize comes earlier on the path than ours."""
    source = HOME / PACKAGE / "legs" / "tracing.pth"
    if not source.exists():
        return
    venv_site = VENV / "lib" / stdlib.name / "site-packages"
    base_site = pathlib.Path(site.getsitepackages()[0])
    base_site.mkdir(parents=True, exist_ok=True)
    for directory in (venv_site, base_site):
        shutil.copyfile(source, directory / source.name)


def compile_package(stdlib):
    """Compile once, never look again: no stat of the source at start-up, and no write to a read-only tree."""
    for directory, shown in ((HOME / PACKAGE, stdlib / PACKAGE), (HOME / "api", HOME / "api")):
        done = compileall.compile_dir(
            directory,
            ddir=shown,  # the name under which it is imported; another one costs a rewrite at each import
            quiet=1,
            force=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        if not done:
            sys.exit(f"cannot compile {directory}")


def write_settings(company, version, collector, uid):
    """Company defaults and the facts of this base."""
    defaults = HOME / "defaults.env"
    key = "OTEL_EXPORTER_OTLP_ENDPOINT="
    lines = defaults.read_text().splitlines()
    defaults.write_text("".join((key + collector if x.startswith(key) else x) + "\n" for x in lines))
    base = {"version": version, "company": company, **facts.contract(), "uid": uid}
    (HOME / "base.json").write_text(json.dumps(base, indent=2) + "\n")


def seal(epoch):
    """Read-only for everybody, with one date for all, so that the same content is the same layer."""
    for path in (*HOME.rglob("*"), HOME):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def main(sources):
    stdlib = pathlib.Path(sysconfig.get_path("stdlib"))
    os.umask(0o022)
    copy_tree(sources)
    write_settings(
        os.environ["COMPANY"], os.environ["VERSION"], os.environ["COLLECTOR"], int(os.environ["APP_UID"])
    )
    link_package(stdlib)
    install_sitecustomize(stdlib)
    install_pth(stdlib)
    compile_package(stdlib)
    seal(int(os.environ["SOURCE_DATE_EPOCH"]))
    suffix = importlib.machinery.BYTECODE_SUFFIXES[0]
    print(f"tracing layer installed for {stdlib} ({sum(1 for _ in HOME.rglob('*' + suffix))} modules)")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
