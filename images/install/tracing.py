"""Put the tracing layer into the image: runs once, inside the build, with the upstream's own Python.

Everything lands outside the service's packages, owned by root and read-only.
"""

import json
import os
import pathlib
import py_compile
import shutil
import site
import subprocess
import sys
import sysconfig

import bundle
import facts
import sealing

HOME = pathlib.Path("/opt/tracing")
VENV = pathlib.Path("/opt/venv")
PACKAGE = "tracing_bootstrap"
EARLY_IMPORT = """

# Added by the company's base image: see _tracing_early.py.
try:
    import _tracing_early
except ImportError:
    pass
"""


def copy_tree(sources):
    """The package, and the files that a company may edit, as they are in the repository."""
    shutil.copytree(sources / PACKAGE, HOME / PACKAGE, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    # File by file: a tree copied onto "/" would give "/" itself the rights that the checkout happens to have.
    for source in sorted((sources / "rootfs").rglob("*")):
        target = pathlib.Path("/") / source.relative_to(sources / "rootfs")
        if source.is_dir():
            target.mkdir(exist_ok=True)
        else:
            shutil.copyfile(source, target)
            target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def link_package(stdlib):
    """One link makes the package importable in any venv, under -I and -E, with sys.path as it was."""
    (stdlib / PACKAGE).symlink_to(HOME / PACKAGE)


def install_sitecustomize(stdlib):
    """Our sitecustomize takes the standard library's place for it; one that was there is kept beside it."""
    source = HOME / PACKAGE / "legs" / "sitecustomize.py"
    ours = stdlib / "sitecustomize.py"
    shadowed = stdlib / "_shadowed_sitecustomize.py"
    if ours.is_symlink() or ours.exists():
        move_aside(ours, shadowed)
    shutil.copyfile(source, ours)
    compile_file(ours)
    if shadowed.exists():
        compile_file(shadowed)


def install_early(stdlib):
    """The leg that is there before any sitecustomize: imported by a module that every interpreter begins with."""
    aliases = stdlib / "encodings" / "aliases.py"
    before = aliases.read_text()
    move_aside(aliases, aliases.with_suffix(".py.upstream"))
    aliases.write_text(before + EARLY_IMPORT)
    early = stdlib / "_tracing_early.py"
    shutil.copyfile(HOME / PACKAGE / "legs" / "early.py", early)
    for path in (aliases, early):
        compile_file(path)


def move_aside(path, to):
    """A diversion, not a rename, where dpkg owns it: an upgrade of the Debian package in a service's image would
    otherwise write its own over ours.
    """
    owned = subprocess.run(["dpkg-query", "--search", path], capture_output=True, check=False)
    if owned.returncode == 0:
        subprocess.run(["dpkg-divert", "--local", "--rename", "--divert", to, "--add", path], check=True)
    else:
        path.rename(to)
    for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        stale.unlink()


def compile_file(path):
    py_compile.compile(str(path), doraise=True, invalidation_mode=sealing.MODE)


def install_pth(stdlib):
    """The second leg: for services whose own sitecustomize comes earlier on the path than ours."""
    source = HOME / PACKAGE / "legs" / "tracing.pth"
    venv_site = VENV / "lib" / stdlib.name / "site-packages"
    base_site = pathlib.Path(site.getsitepackages()[0])
    base_site.mkdir(parents=True, exist_ok=True)
    for directory in (venv_site, base_site):
        shutil.copyfile(source, directory / source.name)


def write_settings(company, version, collector, uid):
    """Company defaults and the facts of this base."""
    defaults = HOME / "defaults.env"
    key = "OTEL_EXPORTER_OTLP_ENDPOINT="
    lines = defaults.read_text().splitlines()
    defaults.write_text("".join((key + collector if x.startswith(key) else x) + "\n" for x in lines))
    base = {"version": version, "company": company, **facts.contract(), "uid": uid}
    (HOME / "base.json").write_text(json.dumps(base, indent=2) + "\n")


def main(sources):
    stdlib = pathlib.Path(sysconfig.get_path("stdlib"))
    os.umask(0o022)
    copy_tree(sources)
    write_settings(
        os.environ["COMPANY"], os.environ["VERSION"], os.environ["COLLECTOR"], int(os.environ["APP_UID"])
    )
    link_package(stdlib)
    install_sitecustomize(stdlib)
    install_early(stdlib)
    install_pth(stdlib)
    sealing.compile_tree(HOME / PACKAGE, shown=stdlib / PACKAGE)
    bundle.write(HOME / PACKAGE, shown=stdlib / PACKAGE)
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    for path in HOME.iterdir():
        # These are sealed in a layer of their own: touching them again would copy them into this one.
        if path.name not in ("api", "detail"):
            sealing.seal(path, epoch=epoch)
    HOME.chmod(0o555)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
