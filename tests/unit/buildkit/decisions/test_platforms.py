from buildkit.decisions import platforms
from buildkit.values.oci import Platform
from tests.unit.buildkit.fleet_images import AMD64, ARM64


def test_the_same_machine_has_one_name():
    assert platforms.normal(Platform("Linux", "aarch64", "v8")) == ARM64
    assert platforms.normal(Platform("", "x86_64")) == AMD64
    assert platforms.normal(Platform("linux", "arm", "v6")).variant == "v6"


def test_a_base_for_the_plain_machine_suits_a_service_for_a_newer_one_and_not_the_other_way_round():
    newer = Platform("linux", "amd64", "v3")
    assert platforms.choose(newer, among=[AMD64, newer]) == newer
    assert platforms.choose(newer, among=[AMD64]) == AMD64
    assert platforms.choose(AMD64, among=[newer]) is None


def test_another_machine_is_another_machine():
    assert platforms.choose(AMD64, among=[ARM64]) is None
    assert platforms.choose(ARM64, among=[Platform("linux", "arm64", "v8")]) == Platform(
        "linux", "arm64", "v8"
    )
