import pytest

from buildkit.decisions import pins
from tests.unit.buildkit.fleet_images import base, on

DIGEST = "sha256:" + "0" * 64
BASE = "company/python-service"
NAME = "org.opencontainers.image.base.name"


@pytest.mark.parametrize(
    "name",
    [
        f"{BASE}@{DIGEST}",
        f"localhost:5000/{BASE}@{DIGEST}",
        f"{BASE}:latest@{DIGEST}",
        f"r.test/x/{BASE}:1@{DIGEST}",
    ],
)
def test_the_base_by_digest_is_a_pin(name):
    assert pins.is_pin(name, base=BASE)


@pytest.mark.parametrize(
    "name",
    [
        "",
        BASE,
        f"{BASE}:latest",
        f"localhost:5000/{BASE}",
        f"other@{DIGEST}",
        f"my{BASE}@{DIGEST}",
        f"{BASE}@",
    ],
)
def test_a_tag_or_another_image_is_no_pin(name):
    assert not pins.is_pin(name, base=BASE)


def test_it_is_read_from_the_annotation_or_from_the_label():
    known, pin = base("1.4.0-r1-py3.13"), f"{BASE}@{DIGEST}"
    assert pins.of_image(on(known, "app", annotations={NAME: pin}), base=BASE) == pin
    assert pins.of_image(on(known, "app", settings={"Labels": {NAME: pin}}), base=BASE) == pin
    assert pins.of_image(on(known, "app"), base=BASE) == ""
