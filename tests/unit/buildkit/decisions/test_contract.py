import dataclasses
import re
from pathlib import Path

import pytest

from buildkit.decisions import contract, naming
from buildkit.values.contract import Contract

DOCKERFILE = Path(__file__).parents[4] / "Dockerfile"
FACTS = {
    "python": "3.13",
    "soabi": "cpython-313-x86_64-linux-gnu",
    "libc": "glibc-2.41",
    "interpreter": "/usr/bin/python3.13",
}
LABELS = {naming.base_label("acme", key): value for key, value in contract.labels(FACTS, uid=10001).items()}
OLD = Contract(
    **FACTS,
    uid="10001",
    paths=("/app", "/home/app", "/opt/tracing", "/opt/venv"),
    env=("HOME", "PATH", "PORT"),
)


def test_the_recorded_variables_are_those_that_the_dockerfile_sets():
    block = re.search(r"^ENV (.+?[^\\])$", DOCKERFILE.read_text(), re.MULTILINE | re.DOTALL)[1]
    assert tuple(sorted(re.findall(r"(\w+)=", block))) == contract.ENV


def test_the_recorded_paths_are_those_that_the_dockerfile_makes():
    made = re.findall(r"install --directory .*?((?: /\S+)+)", DOCKERFILE.read_text())
    assert tuple(sorted(" ".join(made).split())) == contract.PATHS


def test_a_contract_survives_as_labels():
    found = contract.of(LABELS, company="acme")
    assert found == dataclasses.replace(OLD, env=contract.ENV)


def test_an_image_without_the_bases_labels_has_no_contract():
    assert contract.of(LABELS, company="other") is None
    assert contract.of({}, company="acme") is None


def test_the_same_contract_fits_and_so_does_one_that_adds_something():
    assert contract.differences(OLD, OLD) == ()
    added = dataclasses.replace(OLD, paths=(*OLD.paths, "/srv"), env=(*OLD.env, "TZ"))
    assert contract.differences(OLD, added) == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"python": "3.14"}, "Python 3.13 -> 3.14"),
        ({"soabi": "cpython-313t-x86_64-linux-gnu"}, "ABI cpython-313-x86_64-linux-gnu -> cpython-313t"),
        ({"libc": "glibc-2.36"}, "C library glibc-2.41 -> glibc-2.36"),
        ({"uid": "1000"}, "user 10001 -> 1000"),
        ({"interpreter": "/usr/local/bin/python3.13"}, "interpreter /usr/bin/python3.13 -> /usr/local"),
        ({"paths": ("/app", "/home/app", "/opt/tracing")}, "path /opt/venv is gone"),
        ({"env": ("HOME", "PATH")}, "variable PORT is gone"),
    ],
)
def test_each_difference_is_named_with_what_it_means(changed, said):
    (reason,) = contract.differences(OLD, dataclasses.replace(OLD, **changed))
    assert said in str(reason)
    assert reason.hint


def test_what_an_older_base_did_not_record_is_not_compared():
    older = dataclasses.replace(OLD, interpreter="", paths=(), env=())
    assert contract.differences(older, OLD) == ()
    assert contract.differences(OLD, older) == ()
