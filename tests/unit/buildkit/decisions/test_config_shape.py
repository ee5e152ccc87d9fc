import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import config_shape, oci_json, rebase_plan
from buildkit.decisions.stand import stand
from buildkit.values.errors import BadManifest
from buildkit.values.oci import Image
from tests.unit.buildkit.fleet_images import base, catalogue, on, service

KNOWN = base("1.4.0-r1-py3.13")
NEW = base("1.5.0-r1-py3.13")


def config(document):
    return oci_json.config(json.dumps(document).encode())


def test_a_whole_config_and_an_empty_one_are_fine():
    for found in (
        on(KNOWN, "app").config,
        config({}),
        config({"config": None, "rootfs": None, "history": None}),
    ):
        assert config_shape.check(found, name="shop") is found


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"rootfs": "x"}, "rootfs is 'x'"),
        ({"rootfs": {"diff_ids": [1]}}, r"rootfs.diff_ids is '\[1\]'"),
        ({"config": []}, r"config is '\[\]'"),
        ({"config": {"Env": {"A": "1"}}}, "config.Env is"),
        ({"config": {"Labels": {"a": 1}}}, "config.Labels is"),
        ({"history": ["x"]}, "history is"),
        ({"os": 5}, "os is '5'"),
    ],
)
def test_what_is_broken_is_named(document, said):
    with pytest.raises(BadManifest, match=said):
        config_shape.check(config(document), name="shop")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
SETTINGS = st.dictionaries(
    st.sampled_from(["Env", "Labels", "User", "Cmd", "Entrypoint", "ExposedPorts", "OnBuild", "Novel"]),
    JSON,
    max_size=3,
)


@given(
    st.dictionaries(st.sampled_from(["created", "history", "os", "variant", "author"]), JSON), SETTINGS | JSON
)
def test_whatever_a_registry_sends_is_broken_or_can_be_rebased(members, settings):
    honest = on(KNOWN, "app")
    sent = config(dict(honest.config.document) | members | {"config": settings})
    try:
        config_shape.check(sent, name="shop")
    except BadManifest:
        return
    at = service(Image(honest.reference, honest.manifest, sent))
    known = catalogue(KNOWN, NEW)
    assert stand(at, catalogue=known).base is not None
    if not rebase_plan.blockers(at, catalogue=known):
        assert rebase_plan.prepare(at, catalogue=known).result.changed
