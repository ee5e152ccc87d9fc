from buildkit.edges.interfaces import default_mtu

ROUTES = "Iface\tDestination\tGateway\ndocker0\t000011AC\t00000000\neth0\t00000000\t010200C0\n"


def test_the_mtu_is_that_of_the_interface_with_the_default_route(tmp_path):
    (tmp_path / "eth0").mkdir()
    (tmp_path / "eth0" / "mtu").write_text("1400\n")
    (tmp_path / "route").write_text(ROUTES)
    assert default_mtu(routes=tmp_path / "route", interfaces=tmp_path) == 1400


def test_without_a_default_route_or_without_the_files_there_is_none(tmp_path):
    assert default_mtu(routes=tmp_path / "nonesuch", interfaces=tmp_path) is None
    (tmp_path / "route").write_text(ROUTES.splitlines()[0])
    assert default_mtu(routes=tmp_path / "route", interfaces=tmp_path) is None
