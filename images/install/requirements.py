"""Turn the wheels pinned in versions.toml into a requirements file that pip checks by hash."""

import sys
import tomllib

if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        wheels = tomllib.load(file)["wheel"]
    for name in sys.argv[2:]:
        print(f"{name}=={wheels[name]['version']} --hash=sha256:{wheels[name]['sha256']}")
