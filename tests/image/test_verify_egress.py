"""A service whose dependencies are not there is proven all the same: whom it calls by name is the verifier."""

from pathlib import Path

import pytest

from buildkit.decisions.checks import outgoing, start
from tests.image.verifying import run_verify

HERE = Path(__file__).parent
pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image(bench):
    return bench.build_from(HERE / "egress", name="egress")


@pytest.fixture
def examine(bench, image):
    def run(way, target, *arguments, **environment):
        variables = {"WAY": way, "TARGET": target, **environment}
        given = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        return bench.verify(image, *given, *arguments)

    return run


@pytest.mark.parametrize(
    ("way", "target"),
    [
        ("requests", "http://inventory:8080/items"),
        ("urllib", "http://inventory/items"),
        ("httpx", "http://inventory.shop.svc.cluster.local:23456/items"),
        ("requests", "https://api.example.com/items"),
        ("httpx", "https://api.example.com/items"),
        ("http2", "https://api.example.com/items"),
        ("grpc", "http://stock:50051"),
    ],
)
def test_a_call_by_name_is_caught_answered_and_proven_without_a_setting(examine, way, target):
    found = examine(way, target)
    assert found.failed == []
    assert {check["outcome"] for check in found.checks.values()} == {"PASS"}
    assert target.split("/")[2].split(":")[0] in found.checks[outgoing.CARRIED]["detail"]
    assert found.checks[start.ANSWERS]["detail"] == "200 OK"


def test_a_cut_on_the_way_to_a_name_is_told_with_the_name(examine):
    found = examine("raw", "http://inventory:8080/items")
    assert found.failed == [outgoing.CARRIED]
    assert "had no traceparent (GET http://inventory:8080/items)" in found.checks[outgoing.CARRIED]["detail"]
    assert "raw socket" in found.checks[outgoing.CARRIED]["cause"]


def test_a_call_from_a_thread_that_knows_no_request_is_another_trace(examine):
    found = examine("thread", "http://inventory:8080/items")
    assert found.failed == [outgoing.CARRIED]
    assert "another trace" in found.checks[outgoing.CARRIED]["detail"]
    assert "contextvars" in found.checks[outgoing.CARRIED]["hint"]


def test_what_a_service_calls_by_itself_is_not_held_against_it(examine):
    found = examine(
        "requests",
        "http://inventory:8080/items",
        AT_START="http://settings:8888/shop",
        POLLS="http://registrar:8761/beat",
    )
    assert found.failed == []
    assert "inventory" in found.checks[outgoing.CARRIED]["detail"]
    assert "registrar" not in found.checks[outgoing.CARRIED]["detail"]


def test_a_service_that_calls_only_by_itself_is_not_proven(examine):
    found = examine("none", "", POLLS="http://registrar:8761/beat")
    assert found.exit_code == 0
    check = found.checks[outgoing.CARRIED]
    assert check["outcome"] == "SKIP"
    assert "only by itself, outside of requests (GET http://registrar:8761/beat)" in check["detail"]


def test_a_single_call_without_our_trace_is_asked_for_again_before_it_counts(examine):
    found = examine("none", "", ONCE="http://settings:8888/shop")
    assert found.failed == []
    assert "may be chance" in found.checks[outgoing.CARRIED]["detail"]


def test_a_port_that_nobody_thought_of_is_opened_when_the_service_has_called_it(examine):
    """Neither usual, nor to be seen in a variable: only the service's own span tells it."""
    found = examine("requests", "http://stock:{far}/items", FAR="33335")
    assert found.failed == []
    assert "http://stock:33335" in found.checks[outgoing.CARRIED]["detail"]


def test_a_service_that_trusts_its_own_authorities_only_is_not_provable_and_told_so(examine):
    found = examine("distrusting", "https://api.example.com/items")
    check = found.checks[outgoing.CARRIED]
    assert check["outcome"] == "SKIP"
    assert "it called api.example.com:443 over TLS, and does not trust the verifier's" in check["detail"]
    assert "SSL_CERT_FILE" in check["hint"]


def test_a_database_refuses_at_once_as_if_it_were_not_there(examine):
    found = examine("connect", "postgresql://db:5432/shop")
    assert found.seconds < 15
    check = found.checks[outgoing.CARRIED]
    assert check["outcome"] == "SKIP"
    assert "it looked up db" in check["detail"]


def test_nothing_is_left_in_the_engine(bench):
    assert bench.leftovers() == []


def test_the_report_names_whom_it_called(image):
    ran = run_verify(image, "--env", "WAY=requests", "--env", "TARGET=http://inventory:8080/items")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "http://inventory:8080" in ran.stdout
