import pytest

from buildkit.decisions.dockerfile import parse
from buildkit.values.errors import BadDockerfile


def test_words_lines_flags_and_values_are_read_as_the_builder_reads_them():
    text = "# escape=`\nfrom a as x\nrun --network=none b `\n  # between\n\n  && c\nCOPY <<E /f\nFROM in\nE\n"
    found = parse(text).instructions
    assert [(one.word, one.first, one.last) for one in found] == [
        ("FROM", 2, 2),
        ("RUN", 3, 6),
        ("COPY", 7, 9),
    ]
    assert found[1].flag("network") == "none"


def test_stages_have_the_images_that_their_variables_name():
    text = "ARG NAME=company/python-service\nARG TAG=1.4-py3.13\n"
    text += "FROM --platform=$BUILDPLATFORM ${NAME}:${TAG} AS Build\n"
    text += "FROM build\nFROM ${NAME}:${TAG:-x}-${TARGETARCH}\n"
    first, second, third = parse(text, build_args={"TAG": "2"}).stages
    assert (first.name, first.image, first.parent) == ("build", "company/python-service:2", None)
    assert (second.name, second.parent) == ("", 0)
    assert third.image == "company/python-service:2-amd64"


def test_the_platform_that_is_built_for_can_be_part_of_a_name():
    [stage] = parse("FROM a-$TARGETARCH$TARGETVARIANT-$TARGETOS", platform="linux/arm/v7").stages
    assert stage.image == "a-armv7-linux"


def test_an_argument_of_a_stage_is_none_of_a_from():
    with pytest.raises(BadDockerfile, match="line 3: FROM \\$B names no image"):
        parse("FROM a\nARG B=b\nFROM $B\n", build_args={"B": "b"})


def test_a_build_argument_that_is_not_declared_is_not_there():
    [stage] = parse("FROM a$B", build_args={"B": "b"}).stages
    assert stage.image == "a"


def test_a_later_stage_of_the_same_name_is_the_one_that_is_meant():
    assert [stage.parent for stage in parse("FROM a AS x\nFROM b AS x\nFROM X\n").stages] == [None, None, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no instructions"),
        ("# only a comment\n", "no instructions"),
        ("FROM a\n\nFRMO b\n", "line 3: there is no instruction FRMO"),
        ("FROM a\nRUN b\nRUN <<END\nc\n", "line 3: unterminated heredoc"),
        ("FROM a\nENV x\nRUN b\n", "line 2: ENV must have two arguments"),
        ("RUN a\n", "no FROM"),
        ("RUN a\nFROM b\n", "line 1: RUN before the first FROM"),
        ("FROM\n", "line 1: FROM takes"),
        ("FROM a b\n", "line 1: FROM takes"),
        ("FROM a AS 1\n", "line 1: a stage cannot be called '1'"),
        ("FROM ${A\n", "line 1: \\${A has no closing }"),
        ("FROM ${A:?missing}\n", "line 1: A: missing"),
    ],
)
def test_what_does_not_parse_is_said_with_its_line(text, said):
    with pytest.raises(BadDockerfile, match=said):
        parse(text)


def test_another_frontend_may_have_other_words():
    assert parse("# syntax=acme/plus:1\nFROM a\nINCLUDE b\n").instructions[1].word == "INCLUDE"
