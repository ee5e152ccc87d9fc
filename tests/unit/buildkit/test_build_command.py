import dataclasses
import itertools
from pathlib import Path

from buildkit.decisions.build_command import Build, words
from buildkit.decisions.builder_choice import Builder

OLD = Builder(command=("docker", "build"))
BUILDX = Builder(command=("docker", "buildx", "build"), buildx=True)
BUILD = Build(
    context=Path("/src"),
    tags=("a:1", "a:latest"),
    dockerfile=Path("/tmp/Dockerfile"),
    build_args={"B": "2", "A": "1"},
    labels={"com.acme": "x y"},
    annotations={"org.opencontainers.image.title": "a"},
    secrets={"ca_bundle": Path("/ca.pem")},
    contexts={"base": "docker-image://b"},
    network="host",
)


def test_each_part_of_a_build_becomes_its_option_and_the_context_comes_last():
    line = words(BUILD, builder=OLD)
    assert line[:3] == ("docker", "build", "--progress=plain")
    assert line[-1] == "/src"
    pairs = list(itertools.pairwise(line))
    for pair in (
        ("--tag", "a:1"),
        ("--tag", "a:latest"),
        ("--file", "/tmp/Dockerfile"),
        ("--label", "com.acme=x y"),
        ("--secret", "id=ca_bundle,src=/ca.pem"),
        ("--network", "host"),
    ):
        assert pair in pairs


def test_the_order_of_arguments_does_not_depend_on_how_they_were_given():
    turned = dataclasses.replace(BUILD, build_args={"A": "1", "B": "2"})
    assert words(BUILD, builder=OLD) == words(turned, builder=OLD)


def test_what_only_buildx_knows_is_said_to_buildx_only():
    only = {"--annotation", "--build-context", "--provenance=false"}
    assert only.isdisjoint(words(BUILD, builder=OLD))
    assert only < set(words(BUILD, builder=BUILDX))
