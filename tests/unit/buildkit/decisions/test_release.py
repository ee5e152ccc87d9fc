import json

import pytest

from buildkit.decisions import base_version, contract, naming, oci_json, release
from buildkit.values.errors import BrokenContract, Misuse
from buildkit.values.oci import Platform

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
FACTS = {
    "python": "3.13",
    "soabi": "cpython-313",
    "libc": "glibc-2.41",
    "interpreter": "/usr/bin/python3.13",
}
RELEASED = tuple(
    base_version.parse(text)
    for text in (
        "1.4.0-r2-py3.13",
        "1.4.0-r1-py3.13",
        "1.3.0-r7-py3.13",
        "1.4.0-r3-py3.11",
        "0.9.0-r1-py3.13",
    )
)


def config(*layers, settings=None, **labels):
    named = {**contract.labels(FACTS, uid=10001), **labels}
    document = {
        "os": "linux",
        "architecture": "amd64",
        "created": labels.get("created", ""),
        "config": {
            "Env": ["PORT=8000"],
            "Labels": {naming.base_label("acme", name): value for name, value in named.items()},
            **(settings or {}),
        },
        "rootfs": {"type": "layers", "diff_ids": list(layers)},
    }
    return oci_json.config(json.dumps(document).encode())


def same(old, new):
    return release.same_content({AMD64: old}, {AMD64: new}, company="acme")


def broken(version, new, old=None, *, before="1.4.0-r2-py3.13", others=None):
    release.check_contract(
        base_version.parse(version),
        {AMD64: new},
        before=base_version.parse(before),
        old={AMD64: old or config("a"), **(others or {})},
        company="acme",
    )


def test_the_next_revision_is_counted_for_each_version_and_python():
    assert release.next_revision("1.4.0", python="3.13", released=RELEASED) == 3
    assert release.next_revision("1.4.0", python="3.11", released=RELEASED) == 4
    assert release.next_revision("1.4.1", python="3.13", released=RELEASED) == 1


def test_what_a_build_is_compared_with_is_the_newest_of_its_own_version():
    version = base_version.parse("1.4.0-r3-py3.13")
    assert str(release.latest_like(version, released=RELEASED)) == "1.4.0-r2-py3.13"
    assert release.latest_like(base_version.parse("1.5.0-r1-py3.13"), released=RELEASED) is None


@pytest.mark.parametrize(
    ("version", "before"),
    [
        ("1.4.0-r3-py3.13", "1.4.0-r2-py3.13"),
        ("1.5.0-r1-py3.13", "1.4.0-r2-py3.13"),
        ("1.3.1-r1-py3.13", "1.3.0-r7-py3.13"),
        ("1.2.0-r1-py3.13", "1.3.0-r7-py3.13"),
        ("2.0.0-r1-py3.13", "None"),
        ("1.4.0-r1-py3.14", "None"),
    ],
)
def test_the_contract_is_held_against_the_release_before_within_major_and_python(version, before):
    assert str(release.predecessor(base_version.parse(version), released=RELEASED)) == before


def test_only_the_occasion_differs_and_so_nothing_is_new():
    assert same(
        config("a", "b", revision="1", created="2026-01-01T00:00:00Z"),
        config("a", "b", revision="2", created="2026-02-01T00:00:00Z"),
    )


@pytest.mark.parametrize(
    "other",
    [
        config("a", "c"),
        config("a"),
        config("a", "b", settings={"Env": ["PORT=9000"]}),
        config("a", "b", settings={"StopSignal": "SIGINT"}),
        config("a", "b", uid="1000"),
    ],
)
def test_other_layers_settings_or_labels_are_new_content(other):
    assert not same(config("a", "b"), other)


def test_a_member_that_is_empty_is_as_good_as_missing():
    assert same(config("a"), config("a", settings={"Volumes": None, "OnBuild": []}))


def test_another_set_of_platforms_is_new_content():
    one, both = {AMD64: config("a")}, {AMD64: config("a"), ARM64: config("b")}
    assert not release.same_content(one, both, company="acme")
    assert release.same_content(both, dict(reversed(both.items())), company="acme")


def test_a_kept_contract_passes():
    broken("1.5.0-r1-py3.13", config("b"))


def test_a_broken_contract_names_each_difference_and_the_version_that_it_takes():
    with pytest.raises(BrokenContract) as caught:
        broken("1.5.0-r1-py3.13", config("b", uid="1000", libc="glibc-2.36"))
    said = str(caught.value)
    assert "1.5.0-r1-py3.13 breaks what 1.4.0-r2-py3.13 promised" in said
    assert "C library glibc-2.41 -> glibc-2.36" in said
    assert "user 10001 -> 1000" in said
    assert said.endswith("a new major version: 2.0.0")


def test_a_platform_that_is_gone_is_a_broken_contract():
    with pytest.raises(BrokenContract, match=r"has no linux/arm64, which 1\.4\.0-r2-py3\.13 has"):
        broken("1.5.0-r1-py3.13", config("b"), others={ARM64: config("c")})


def test_a_default_python_stays_for_a_major_version():
    now = base_version.parse("1.4.0-r1-py3.14")
    release.check_default(now, current=None)
    release.check_default(now, current=base_version.parse("1.3.0-r1-py3.14"))
    with pytest.raises(BrokenContract, match=r"the tag 1 is on Python 3\.13.*2\.0\.0"):
        release.check_default(now, current=base_version.parse("1.3.0-r1-py3.13"))


def test_a_changelog_that_says_breaking_needs_a_new_major_version():
    notes = "- Breaking: gone."
    first = base_version.parse("1.5.0-r1-py3.13")
    with pytest.raises(BrokenContract, match=r"release it as 2\.0\.0"):
        release.check_notes("1.5.0", notes, version=first, released=RELEASED)
    release.check_notes("1.5.0", "- Non-breaking: new.", version=first, released=RELEASED)
    release.check_notes("2.0.0", notes, version=base_version.parse("2.0.0-r1-py3.13"), released=RELEASED)
    # Nothing is promised before 1.0.0.
    release.check_notes("0.9.1", notes, version=base_version.parse("0.9.1-r1-py3.13"), released=RELEASED)


def test_a_revision_is_given_once_and_upwards():
    latest = base_version.parse("1.4.0-r2-py3.13")
    release.check_free(base_version.parse("1.4.0-r3-py3.13"), released=RELEASED, latest=latest)
    release.check_free(base_version.parse("1.4.0-r9-py3.13"), released=RELEASED, latest=latest)
    for taken in ("1.4.0-r1-py3.13", "1.4.0-r2-py3.13"):
        with pytest.raises(Misuse, match="released already, with other content; use --revision 3"):
            release.check_free(base_version.parse(taken), released=RELEASED, latest=latest)
    with pytest.raises(Misuse, match="is older than"):
        release.check_free(
            base_version.parse("1.3.0-r6-py3.13"),
            released=RELEASED,
            latest=base_version.parse("1.3.0-r7-py3.13"),
        )
