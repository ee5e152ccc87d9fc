"""Takes every leg of the tracing out of an image and puts back what the legs had replaced."""

import py_compile
import subprocess
import sys
import sysconfig
from pathlib import Path

STDLIB = Path(sysconfig.get_path("stdlib"))
NAME = "sitecustomize"


def put_back(ours, theirs=None):
    """Remove a module of ours; put what it had replaced, if anything, in its place again."""
    ours.unlink()
    for name in (ours.stem, theirs and theirs.stem):
        for cached in (ours.parent / "__pycache__").glob(f"{name}.*"):
            cached.unlink()
    if theirs and theirs.exists():
        theirs.rename(ours)
        # As fast as it can be: without this, each start of the bare interpreter would compile it.
        py_compile.compile(
            str(ours), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )


def main():
    put_back(STDLIB / f"{NAME}.py", STDLIB / f"_shadowed_{NAME}.py")
    aliases = STDLIB / "encodings" / "aliases.py"
    put_back(aliases, aliases.with_suffix(".py.upstream"))
    put_back(STDLIB / "_tracing_early.py")
    (STDLIB / "tracing_bootstrap").unlink()
    for leg in [*Path("/usr").rglob("tracing.pth"), *Path("/opt/venv").rglob("tracing.pth")]:
        leg.unlink()
    check = "import sys; assert not any('tracing' in name for name in sys.modules), sys.modules"
    for python in (sys.executable, "/opt/venv/bin/python"):
        subprocess.run([python, "-c", check], check=True)


if __name__ == "__main__":
    main()
