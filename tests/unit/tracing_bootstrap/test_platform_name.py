import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.recorder import platform_name

IN_KUBERNETES = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}


@pytest.fixture
def hosts(tmp_path):
    path = tmp_path / "hosts"
    path.write_text("# Kubernetes-managed hosts file.\n127.0.0.1 localhost\n")
    return path


@pytest.mark.parametrize(
    ("pod", "name"),
    [
        ("shop-7d9f8b6c5d-x2x7k", "shop"),
        ("web-shop-65f9c7b8d-4x2wz", "web-shop"),
        ("shop-28391040-9qk4l", "shop"),
        ("shop-x2x7k", "shop"),
        ("shop-0", "shop"),
        ("shop-eu-12", "shop-eu"),
        # The middle is a word and not the hash of a template.
        ("shop-frontend-x2x7k", "shop-frontend"),
        ("shop", None),
        ("shop-store", None),
        ("shop-20261122", None),
        ("-x2x7k", None),
        ("", None),
    ],
)
def test_a_controllers_name_is_what_is_left_of_its_pods(pod, name):
    assert platform_name.workload(pod) == name


def test_a_pods_own_name_is_read_in_kubernetes_only(hosts):
    pod = {"HOSTNAME": "shop-7d9f8b6c5d-x2x7k"}
    assert platform_name.find(pod | IN_KUBERNETES, hosts=str(hosts)) == "shop"
    assert platform_name.find(pod, hosts=str(hosts)) is None
    assert platform_name.find(IN_KUBERNETES, hosts=str(hosts)) is None


def test_a_nodes_name_is_not_taken_for_a_pods(hosts):
    hosts.write_text("# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n")
    node = {"HOSTNAME": "ip-10-0-0-1"}
    assert platform_name.find(node | IN_KUBERNETES, hosts=str(hosts)) is None
    named = node | IN_KUBERNETES | {"POD_NAME": "shop-x2x7k"}
    assert platform_name.find(named, hosts=str(hosts)) == "shop"


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"K8S_DEPLOYMENT_NAME": "shop", "K8S_POD_NAME": "other-0"}, "shop"),
        ({"K8S_POD_NAME": "shop-7d9f8b6c5d-x2x7k"}, "shop"),
        ({"POD_NAME": "shop"}, "shop"),
        ({"K_SERVICE": "shop"}, "shop"),
        ({"DD_SERVICE": "shop"}, "shop"),
        ({"K_SERVICE": " "}, None),
        # A container of Docker's: its own id, and nothing else.
        ({"HOSTNAME": "3f1c9be2a7d4"}, None),
        ({}, None),
    ],
)
def test_names_that_stand_in_the_environment_are_taken(environ, name):
    assert platform_name.find(environ, hosts="/nowhere") == name


@given(st.text())
def test_no_name_makes_it_raise_or_answer_with_nothing(pod):
    assert platform_name.workload(pod) != ""
