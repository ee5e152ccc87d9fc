import pytest

from buildkit.decisions.networks import for_builds


@pytest.mark.parametrize(
    ("bridge", "host", "network"),
    [
        (1500, 1500, ""),
        (1400, 1500, ""),
        (1500, None, ""),
        (1500, 1400, "host"),
        (None, 1500, "host"),
        (None, None, "host"),
    ],
)
def test_a_build_leaves_the_bridge_only_if_it_is_missing_or_too_wide(bridge, host, network):
    assert for_builds(bridge_mtu=bridge, host_mtu=host) == network
