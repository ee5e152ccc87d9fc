import dataclasses
import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import attestation
from buildkit.decisions.checks import VERSION
from buildkit.values.check import Check, Outcome
from buildkit.values.service_probe import ServiceProbe
from buildkit.values.verification import Verification

DIGEST = "sha256:" + "a" * 64
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
PROBE = ServiceProbe(environment={"TOKEN": "secret"})
PLATFORM = "linux/amd64"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
CHECKS = st.lists(st.builds(Check, TEXT, st.sampled_from(Outcome), TEXT, TEXT, TEXT), min_size=1, max_size=5)


def verdict(**changes):
    whole = Verification(
        image="localhost:5000/shop",
        digest=DIGEST,
        checks=(
            Check("Starts", Outcome.PASS, "up"),
            Check("Carries the trace on", Outcome.SKIP, "not proven"),
        ),
        time=NOW,
        checks_version=VERSION,
        settings=attestation.settings(PROBE),
        called=("http://inventory:8080",),
        base_version="1.4.0",
        platform=PLATFORM,
    )
    return dataclasses.replace(whole, **changes)


FAILED = (Check("Starts", Outcome.FAIL, "ended", cause="it crashes", hint="look"),)


@given(CHECKS, st.datetimes(timezones=st.just(UTC)), TEXT, st.lists(TEXT, max_size=3))
def test_what_is_written_is_read_again(checks, time, bypass, lines):
    time = time.replace(microsecond=time.microsecond // 1000 * 1000)
    found = verdict(checks=tuple(checks), time=time, bypass=bypass, last_lines=tuple(lines))
    again = attestation.read(attestation.write(found), digest=DIGEST, attestation="sha256:b")
    assert again == dataclasses.replace(found, reused=True, attestation="sha256:b")


def test_the_result_is_where_policy_engines_look_for_it():
    document = json.loads(attestation.write(verdict(checks=FAILED)))
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicate"]["result"] == "FAILED"
    assert document["predicate"]["failedTests"] == ["Starts"]
    assert document["subject"] == [{"name": "localhost:5000/shop", "digest": {"sha256": "a" * 64}}]


def test_no_variables_value_is_written_down():
    assert b"secret" not in attestation.write(verdict())


def test_the_same_verdict_is_the_same_bytes():
    assert attestation.write(verdict()) == attestation.write(verdict())


def test_a_statement_about_another_image_is_no_word_on_this_one():
    assert attestation.read(attestation.write(verdict()), digest="sha256:" + "b" * 64) is None


def test_a_verdict_that_its_checks_contradict_is_none():
    document = json.loads(attestation.write(verdict(checks=FAILED)))
    document["predicate"]["result"] = "PASSED"
    assert attestation.read(json.dumps(document).encode(), digest=DIGEST) is None


@given(st.binary(max_size=200))
def test_garbage_is_no_verdict(raw):
    assert attestation.read(raw, digest=DIGEST) is None


@given(st.data())
def test_a_statement_with_any_member_damaged_is_no_error(data):
    document = json.loads(attestation.write(verdict()))
    place = document
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(st.sampled_from([None, 3, "x", [], [1], {}, {"sha256": 1}]))
            break
        place = place[key]
    found = attestation.read(json.dumps(document).encode(), digest=DIGEST)
    assert found is None or found.digest == DIGEST


def test_the_last_good_verdict_of_the_same_checks_and_settings_is_used_again():
    old, new = verdict(attestation="1"), verdict(time=NOW + timedelta(hours=1), attestation="2")
    assert attestation.reusable([new, old], probe=PROBE, platform=PLATFORM) is new
    assert attestation.latest([new, old]) is new
    assert attestation.latest([]) is None


def test_a_failure_is_not_used_again_nor_what_it_has_overtaken():
    later = verdict(checks=FAILED, time=NOW + timedelta(hours=1))
    assert attestation.reusable([verdict(), later], probe=PROBE, platform=PLATFORM) is None


def test_other_checks_settings_or_machines_are_no_proof():
    def reusable(found, probe=PROBE):
        return attestation.reusable([found], probe=probe, platform=PLATFORM)

    assert reusable(verdict()) is not None
    assert reusable(verdict(checks_version=VERSION - 1)) is None
    assert reusable(verdict(platform="linux/arm64")) is None
    for change in (
        {"path": "/x"},
        {"probes": ("/x",)},
        {"command": ("x",)},
        {"environment": {}},
        {"ports": (1,)},
    ):
        assert reusable(verdict(), dataclasses.replace(PROBE, **change)) is None
    assert reusable(verdict(), dataclasses.replace(PROBE, timeout=1.0)) is not None


def test_verdicts_that_differ_in_time_only_say_the_same():
    later = verdict(time=NOW + timedelta(days=1), called=(), attestation="x")
    assert attestation.says_the_same(verdict(), later)
    assert attestation.says_the_same(verdict(bypass="process 7 runs"), verdict(bypass="process 12 runs"))
    assert not attestation.says_the_same(verdict(), verdict(bypass="process 7 runs"))
    assert not attestation.says_the_same(verdict(), verdict(checks=FAILED))
    assert not attestation.says_the_same(verdict(), verdict(settings="other"))
