import pytest

from buildkit.decisions.builder_choice import Candidate, choose, has_named_contexts, is_engine, named
from buildkit.values.errors import NoBuilder

NEW = Candidate("/usr/local/bin/docker", "Docker version 28.2.2, build e6534b4", buildx=False)
OLD = Candidate("/usr/bin/docker", "Docker version 20.10.24+dfsg1, build 297e128", buildx=False)
PLUGIN = Candidate("/opt/docker", "Docker version 20.10.24", buildx=True)


def test_a_new_command_without_buildx_is_passed_over_for_an_old_one_behind_it():
    builder = choose((NEW, OLD))
    assert builder.command == ("/usr/bin/docker", "build")
    assert builder.environment == (("DOCKER_BUILDKIT", "1"),)
    assert not builder.buildx


def test_buildx_is_preferred_wherever_it_is():
    builder = choose((NEW, OLD, PLUGIN))
    assert builder.command[:3] == ("/opt/docker", "buildx", "build")
    assert "--load" in builder.command
    assert builder.buildx


def test_buildx_uses_the_builder_that_is_the_contexts_engine():
    assert choose((PLUGIN,), context="colima").command[3:5] == ("--builder", "colima")


@pytest.mark.parametrize("candidates", [(), (NEW,), (Candidate("/bin/docker", "", buildx=False),)])
def test_where_nothing_can_build_the_error_says_what_was_found_and_what_to_do(candidates):
    with pytest.raises(NoBuilder, match="make engine") as caught:
        choose(candidates)
    assert all(candidate.path in str(caught.value) for candidate in candidates)
    assert caught.value.exit_code == 1


def test_a_named_builder_needs_the_plugin_and_keeps_its_results_to_itself():
    builder = named((OLD, PLUGIN), name="farm")
    assert builder.command == ("/opt/docker", "buildx", "build", "--builder", "farm")
    with pytest.raises(NoBuilder, match="the builder farm needs docker's buildx plugin"):
        named((NEW, OLD), name="farm")


@pytest.mark.parametrize(
    ("inspected", "engine", "can"),
    [
        ("Driver: docker-container\nBuildKit version: v0.12.3\n", "", True),
        ("Driver: kubernetes\nBuildkit:  v0.10.0\n", "", True),
        ("Driver: docker\nBuildKit version: v0.8+unknown\n", "20.10.24", False),
        ("Driver: docker\nBuildKit version: v0.0.0+unknown\n", "26.1.5+dfsg1", True),
        ("Driver: docker\nBuildKit version: v0.0.0+unknown\n", "20.10.24+dfsg1", False),
        ("Driver: remote\nBuildKit version: v0.0.0+unknown\n", "", False),
        ("BuildKit version: v0.12.3\nBuildKit version: v0.9.3\n", "", False),
        ("Driver: docker\n", "", False),
    ],
)
def test_named_contexts_are_used_only_where_every_node_surely_has_them(inspected, engine, can):
    assert has_named_contexts(inspected, engine=engine) is can


def test_an_engines_own_builder_is_told_from_others():
    assert is_engine("Name: mine\nDriver: docker\n")
    assert not is_engine("Name: docker\nDriver: docker-container\n")
