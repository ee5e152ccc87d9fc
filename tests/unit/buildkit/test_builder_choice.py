import pytest

from buildkit.decisions.builder_choice import Candidate, choose
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
