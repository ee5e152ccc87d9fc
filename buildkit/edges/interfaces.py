"""How large may a packet be on this machine's way out?"""

from pathlib import Path

ROUTES = Path("/proc/net/route")
INTERFACES = Path("/sys/class/net")


def default_mtu(*, routes: Path = ROUTES, interfaces: Path = INTERFACES) -> int | None:
    """Bytes in a packet on the interface of the default route; None where there is no such route or file."""
    try:
        rows = [line.split() for line in routes.read_text().splitlines()[1:]]
        name = next((row[0] for row in rows if len(row) > 1 and row[1] == "00000000"), None)
        return int((interfaces / name / "mtu").read_text()) if name else None
    except (OSError, ValueError):
        return None
