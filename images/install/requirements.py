"""Turn the wheels pinned in versions.toml into a requirements file that pip checks by hash.

`--but name ...` means all of them but these.
"""

import sys
import tomllib

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        wheels = tomllib.load(file)["wheel"]
    named = sys.argv[2:]
    if named[0] == "--but":
        named = [name for name in wheels if name not in named]
    for name in named:
        print(f"{name}=={wheels[name]['version']} --hash=sha256:{wheels[name]['sha256']}")
