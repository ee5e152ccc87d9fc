import pytest

from buildkit.decisions.dockerfile import parse
from buildkit.decisions.footing import footing
from buildkit.values.errors import BadDockerfile

BASE = ("localhost:5000/company/python-service", "company/python-service")
DIGEST = "sha256:" + "0a" * 32


def of(text, *, target=""):
    return footing(parse(text), base=BASE, target=target)


@pytest.mark.parametrize(
    ("image", "tag", "digest"),
    [
        ("company/python-service", "latest", ""),
        ("company/python-service:1.4-py3.13", "1.4-py3.13", ""),
        ("docker.io/company/python-service:1", "1", ""),
        ("index.docker.io/company/python-service", "latest", ""),
        ("localhost:5000/company/python-service:1", "1", ""),
        (f"company/python-service@{DIGEST}", "", DIGEST),
        (f"localhost:5000/company/python-service:1@{DIGEST}", "1", DIGEST),
    ],
)
def test_the_base_is_known_by_every_name_of_it(image, tag, digest):
    found = of(f"FROM {image}\n")
    assert (found.on_base, found.tag, found.digest, found.pinned) == (True, tag, digest, bool(digest))
    assert found.spellings == (image,)


@pytest.mark.parametrize(
    "image",
    [
        "company/python-service-x",
        "elsewhere.com/company/python-service",
        "python:3.13",
        "scratch",
        "x/company/python-service",
    ],
)
def test_another_image_is_not_the_base(image):
    found = of(f"FROM {image}\n")
    assert not found.on_base
    assert found.reason == f"the stage that is built, number 0 (line 1), is FROM {image}"


def test_stages_that_stand_on_each_other_lead_to_the_base():
    found = of("FROM company/python-service:1 AS base\nFROM base AS deps\nFROM debian AS other\nFROM deps\n")
    assert found.on_base
    assert [stage.position for stage in found.chain] == [3, 1, 0]


def test_a_base_that_only_a_build_stage_uses_is_reported_with_the_way():
    found = of(
        "FROM company/python-service:1 AS build\nFROM debian AS slim\nFROM slim AS run\nCOPY --from=build /a /b\n"
    )
    assert not found.on_base
    assert found.reason == (
        "the stage that is built, `run` (line 3), which stands on `slim` (line 2), is FROM debian; "
        "only another stage uses the base"
    )
    assert found.spellings == ("company/python-service:1",)


def test_a_target_is_a_stage_by_name_or_number():
    text = "FROM company/python-service AS app\nFROM debian AS test\n"
    assert of(text, target="APP").on_base
    assert of(text, target="0").on_base
    assert not of(text, target="test").on_base
    with pytest.raises(BadDockerfile, match="no stage 'prod'; its stages: app, test"):
        of(text, target="prod")


def test_every_spelling_that_the_build_needs_is_known_and_no_other():
    text = (
        "FROM company/python-service:1 AS a\nFROM docker.io/company/python-service:2 AS unused\n"
        "FROM a\nCOPY --from=company/python-service:3 /x /y\n"
        "RUN --mount=type=bind,from=localhost:5000/company/python-service,target=/b true\n"
    )
    assert set(of(text).spellings) == {
        "company/python-service:1",
        "company/python-service:3",
        "localhost:5000/company/python-service",
    }
