"""What a service depends on when it stands on this interpreter: the base's contract."""

import json
import os
import sys
import sysconfig


def contract():
    """Python X.Y, the ABI that compiled packages are built for, and the C library.

    A service's layers fit onto a newer base only if all three are the same.
    """
    return {
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "soabi": sysconfig.get_config_var("SOABI"),
        "libc": os.confstr("CS_GNU_LIBC_VERSION").replace(" ", "-"),
    }


if __name__ == "__main__":
    print(json.dumps(contract()))
