import pytest

from buildkit.decisions import layer_types

DOCKER = "application/vnd.docker.image.rootfs"
OCI = "application/vnd.oci.image.layer"


@pytest.mark.parametrize(
    ("docker", "oci"),
    [
        (f"{DOCKER}.diff.tar", f"{OCI}.v1.tar"),
        (f"{DOCKER}.diff.tar.gzip", f"{OCI}.v1.tar+gzip"),
        (f"{DOCKER}.diff.tar.zstd", f"{OCI}.v1.tar+zstd"),
        (f"{DOCKER}.foreign.diff.tar.gzip", f"{OCI}.nondistributable.v1.tar+gzip"),
        (f"{OCI}.v1.tar+zstd", f"{OCI}.v1.tar+zstd"),
        ("application/x-unheard-of", "application/x-unheard-of"),
    ],
)
def test_dockers_layers_have_names_in_oci_and_others_keep_theirs(docker, oci):
    assert layer_types.oci(docker) == oci


def test_a_vendors_layer_is_elsewhere():
    assert layer_types.elsewhere(f"{DOCKER}.foreign.diff.tar.gzip")
    assert not layer_types.elsewhere(f"{DOCKER}.diff.tar.gzip")
