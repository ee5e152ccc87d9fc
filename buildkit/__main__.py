"""`python -m buildkit`."""

import sys

from buildkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
