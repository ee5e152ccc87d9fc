"""On which network can a build reach the package archives?"""


def for_builds(*, bridge_mtu: int | None, host_mtu: int | None) -> str:
    """The network "host" where the engine's bridge is missing or would lose packets, else "" (the default).

    Args:
        bridge_mtu: Bytes in a packet on the default bridge; None where there is no such bridge.
        host_mtu: The same for the host's way out; None where the engine is on another machine.
    """
    if bridge_mtu is None:
        return "host"
    if host_mtu is not None and bridge_mtu > host_mtu:
        return "host"
    return ""
