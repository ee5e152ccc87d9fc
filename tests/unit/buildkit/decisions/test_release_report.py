import datetime as dt
import json

from buildkit.decisions import base_version, release_report
from buildkit.values.base_tags import Move
from buildkit.values.oci import OCI_MANIFEST, Descriptor
from buildkit.values.release import Candidate, Outcome
from buildkit.values.support import Phase, Support

WHEN = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
VERSION = base_version.parse("1.4.0-r2-py3.13")
BEFORE = base_version.parse("1.4.0-r1-py3.13")
TARGET = Descriptor(OCI_MANIFEST, "sha256:" + "a" * 64, 1)
MOVES = (
    Move("py3.13", BEFORE, moves=True, why=f"was on {BEFORE}"),
    Move("latest", VERSION, moves=False, why="is there already"),
)


def outcome(*, is_new=True, target=TARGET, phase=Phase.SUPPORTED, left=365):
    until = Support(dt.date(2027, 11, 22), "365 days after its release", phase, left)
    return Outcome(Candidate(VERSION, target, is_new=is_new, released=WHEN), MOVES, until)


def lines(*outcomes, dry=False):
    return list(release_report.lines(outcomes, notes="- Non-breaking: a change.", dry=dry))


def test_a_release_tells_its_digest_its_tags_its_end_and_what_is_new():
    assert lines(outcome()) == [
        f"1.4.0-r2-py3.13  released, supported until 2027-11-22  {TARGET.digest}",
        "  py3.13       moved: was on 1.4.0-r1-py3.13",
        "  latest       kept: is there already",
        "",
        "What is new:",
        "",
        "- Non-breaking: a change.",
    ]


def test_nothing_new_is_said_so():
    found = lines(outcome(is_new=False))
    assert found[0].startswith("1.4.0-r2-py3.13  is released already")
    assert found[-1] == "nothing to release: every base is what it was"


def test_a_dry_run_speaks_of_what_would_be():
    found = lines(outcome(target=None), dry=True)
    assert found[:2] == [
        "1.4.0-r2-py3.13  would be released, supported until 2027-11-22",
        "  py3.13       would move: was on 1.4.0-r1-py3.13",
    ]


def test_a_near_end_is_warned_of():
    found = lines(outcome(phase=Phase.ENDING, left=12))
    assert "  warning: support ends in 12 days, on 2027-11-22 (365 days after its release)" in found


def test_a_program_gets_the_same_as_json():
    document = json.loads(release_report.as_json([outcome()], repository="registry:5000/acme/python-service"))
    assert document["repository"] == "registry:5000/acme/python-service"
    assert document["releases"] == [
        {
            "version": "1.4.0-r2-py3.13",
            "digest": TARGET.digest,
            "new": True,
            "released": "2026-11-22T12:00:00+00:00",
            "supported_until": "2027-11-22",
            "support": "supported",
            "tags": [
                {"tag": "py3.13", "moves": True, "why": "was on 1.4.0-r1-py3.13"},
                {"tag": "latest", "moves": False, "why": "is there already"},
            ],
        }
    ]
