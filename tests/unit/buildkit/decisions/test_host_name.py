import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions.naming import host


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("shop", "shop"),
        ("company/shop:1.2", "shop"),
        ("registry:5000/company/Shop_Front@sha256:0123", "shop-front"),
        ("sha256:0123456789ab", "sha256"),
        ("___", "service"),
    ],
)
def test_a_service_is_called_after_its_image(image, name):
    assert host(image) == name


@given(st.text())
def test_every_name_is_a_host_name(image):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", host(image))
