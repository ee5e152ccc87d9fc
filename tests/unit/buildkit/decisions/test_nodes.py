import pytest

from buildkit.decisions import nodes, versions_file
from buildkit.edges import own_files
from buildkit.values.errors import BadVersionsFile, Misuse
from buildkit.values.oci import Platform

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


def test_a_list_of_platforms_keeps_its_order_and_names_each_once():
    assert nodes.wanted("linux/arm64/v8, linux/amd64,linux/arm64") == (ARM64, AMD64)
    assert nodes.wanted("") == ()


@pytest.mark.parametrize("text", ["arm64", "linux/", "linux/arm64/v8/x", "Linux/ARM64", "linux arm64"])
def test_what_is_no_platform_is_refused(text):
    with pytest.raises(Misuse, match="is no platform"):
        nodes.wanted(text)


def test_without_a_wish_the_engines_own_platform_is_built():
    assert nodes.spread((), nodes={}, own=AMD64) == {AMD64: ""}
    assert nodes.spread((), nodes={ARM64: "ssh://arm"}, own=AMD64) == {AMD64: "", ARM64: "ssh://arm"}


def test_each_platform_is_built_on_its_node_and_else_here():
    found = nodes.spread((AMD64, ARM64), nodes=dict([nodes.node("linux/arm64=ssh://arm")]), own=AMD64)
    assert found == {AMD64: "", ARM64: "ssh://arm"}


def test_a_node_that_is_not_needed_or_not_one_is_refused():
    with pytest.raises(Misuse, match="a node for linux/arm64, which is not released"):
        nodes.spread((AMD64,), nodes={ARM64: "ssh://arm"}, own=AMD64)
    with pytest.raises(Misuse, match="is no node"):
        nodes.node("linux/arm64")
    with pytest.raises(Misuse, match="is no node"):
        nodes.node("linux/arm64=builder")


def test_versions_toml_may_name_the_platforms():
    text = own_files.VERSIONS.read_text()
    named = text.replace("[base]\n", '[base]\nplatforms = ["linux/amd64", "linux/arm64"]\n')
    assert versions_file.parse(text).platforms == ()
    assert versions_file.parse(named).platforms == (AMD64, ARM64)
    with pytest.raises(BadVersionsFile, match="platforms: 'arm64' is no platform"):
        versions_file.parse(text.replace("[base]\n", '[base]\nplatforms = ["arm64"]\n'))
