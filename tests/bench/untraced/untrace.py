"""Takes every leg of the tracing out of an image and puts back what the legs had replaced."""

import py_compile
import subprocess
import sys
import sysconfig
from pathlib import Path

STDLIB = Path(sysconfig.get_path("stdlib"))
NAME = "sitecustomize"


def main():
    ours, shadowed = STDLIB / f"{NAME}.py", STDLIB / f"_shadowed_{NAME}.py"
    ours.unlink()
    for cached in (STDLIB / "__pycache__").glob(f"*{NAME}.*"):
        cached.unlink()
    if shadowed.exists():
        shadowed.rename(ours)
        # As fast as it can be: without this, each start of the bare interpreter would compile it.
        py_compile.compile(
            str(ours), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )
    (STDLIB / "tracing_bootstrap").unlink()
    for leg in [*Path("/usr").rglob("tracing.pth"), *Path("/opt/venv").rglob("tracing.pth")]:
        leg.unlink()
    check = "import sys; assert not any('tracing' in name for name in sys.modules), sys.modules"
    for python in (sys.executable, "/opt/venv/bin/python"):
        subprocess.run([python, "-c", check], check=True)


if __name__ == "__main__":
    main()
