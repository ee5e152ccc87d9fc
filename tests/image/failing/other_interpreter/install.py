"""Put a Python beside the image's own: what a service has that brings its interpreter along."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

home = Path(sys.argv[1])
library = Path(sysconfig.get_path("stdlib"))
shutil.copytree(
    library,
    home / "lib" / library.name,
    ignore=shutil.ignore_patterns("*sitecustomize.py", "tracing_bootstrap", "*-packages"),
)
(home / "bin").mkdir()
shutil.copy2(os.path.realpath(sys.executable), home / "bin" / "python3")
