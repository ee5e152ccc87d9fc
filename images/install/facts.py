"""What a service depends on when it stands on this interpreter: the base's contract."""

import json
import os
import sys
import sysconfig


def contract():
    """Python X.Y and its file, the ABI that compiled packages are built for, and the C library.

    A service's layers fit onto a newer base only if all of them are the same.
    """
    return {
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "soabi": sysconfig.get_config_var("SOABI"),
        "libc": os.confstr("CS_GNU_LIBC_VERSION").replace(" ", "-"),
        # What a service's own venv links to. Debian's python3 is a link to it, and in another place each time.
        "interpreter": os.path.realpath(sys.executable),
    }


if __name__ == "__main__":
    print(json.dumps(contract()))
