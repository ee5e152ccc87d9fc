import pytest

from buildkit.decisions.dockerfile_words import expand
from buildkit.values.errors import BadDockerfile

SET = {"TAG": "1.4-slim", "EMPTY": "", "PATHLIKE": "a/b/c"}


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("a:$TAG", "a:1.4-slim"),
        ("a:${TAG}-x", "a:1.4-slim-x"),
        ("$NOT_SET", ""),
        ("${NOT_SET:-$TAG}", "1.4-slim"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${NOT_SET-x}", "x"),
        ("${TAG:+y}", "y"),
        ("${EMPTY:+y}", ""),
        ("${EMPTY+y}", "y"),
        ("${TAG:?no}", "1.4-slim"),
        ("${TAG%-*}", "1.4"),
        ("${PATHLIKE#*/}", "b/c"),
        ("${PATHLIKE##*/}", "c"),
        ("${PATHLIKE%%/*}", "a"),
        ("${PATHLIKE/a/z}", "z/b/c"),
        ("${TAG//./_}", "1_4-slim"),
        ("'$TAG'", "$TAG"),
        ('"a $TAG"', "a 1.4-slim"),
        ("\\$TAG", "$TAG"),
        ("a$", "a$"),
    ],
)
def test_variables_and_quotes_are_replaced_as_the_builder_does(word, expanded):
    assert expand(word, variables=SET, escape="\\", where="line 1") == expanded


@pytest.mark.parametrize("word", ["'a", '"a', "${", "${TAG", "${TAG~x}"])
def test_what_has_no_end_is_refused(word):
    with pytest.raises(BadDockerfile, match="line 7"):
        expand(word, variables=SET, escape="\\", where="line 7")
