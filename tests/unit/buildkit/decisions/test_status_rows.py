import dataclasses
import json

from buildkit.decisions import status_rows
from buildkit.decisions.stand import stand
from buildkit.values.fleet import Fleet, ServiceEntry
from buildkit.values.oci import Reference
from buildkit.values.status import StatusRow
from tests.unit.buildkit.fleet_images import AMD64 as AMD
from tests.unit.buildkit.fleet_images import ARM64, base, catalogue, image, index, on, service

OLD = base("1.4.0-r1-py3.13")
MIDDLE = base("1.4.0-r2-py3.13", days=39)
NEW = base("1.5.0-r1-py3.13", days=40)
KNOWN = catalogue(OLD, MIDDLE, NEW)


def row(name, made=None, *, known=KNOWN, **more):
    entry = ServiceEntry(name, Reference("registry.test:5000", name, "latest"))
    if made is None:
        return StatusRow(entry, error="nothing there")
    at = service(made, **more)
    return StatusRow(entry, at=at, stand=stand(at, catalogue=known))


ROWS = (
    row("current", on(NEW, "app")),
    row("a-little", on(MIDDLE, "app")),
    row("far", on(OLD, "app")),
    row("broken"),
    row("other", image(["alpine"])),
    row("bypassed", on(NEW, "app"), bypass="python -S"),
)


def test_failures_come_first_then_the_worst_then_the_furthest_behind():
    assert [each.entry.name for each in status_rows.ordered(ROWS)] == [
        "broken",
        "other",
        "bypassed",
        "far",
        "a-little",
        "current",
    ]


def test_numbers_agree_with_their_nouns():
    assert status_rows.lag(ROWS[1].stand) == "1 release, 1 day"
    assert status_rows.lag(ROWS[2].stand) == "2 releases, 40 days"
    assert status_rows.lag(ROWS[0].stand) == ""


def test_the_last_line_counts_every_kind():
    assert (
        status_rows.summary(ROWS)
        == "6 services: 1 current, 2 behind, 1 bypassed, 1 not-on-base, 1 could not be read"
    )
    assert status_rows.summary(ROWS[:1]) == "1 service: 1 current"
    assert status_rows.summary(()) == "no services"


def test_only_what_could_not_be_read_is_a_failure():
    assert status_rows.exit_code(ROWS) == 1
    assert status_rows.exit_code(ROWS[:3]) == 0


def test_remarks_say_what_the_table_does_not():
    assert status_rows.remarks(ROWS[0]) == ""
    assert status_rows.remarks(ROWS[3]) == "nothing there"
    assert status_rows.remarks(ROWS[4]) == "its final stage is something else"


def test_programs_get_all_of_it():
    both = base("1.5.0-r1-py3.13", platforms=(AMD, ARM64))
    images = on(both, "app"), on(both, "app", platform=ARM64)
    at = service(*images, document=index(*images))
    known = catalogue(both)
    several = StatusRow(
        ServiceEntry("both", Reference("r.test", "both", "latest")), at=at, stand=stand(at, catalogue=known)
    )
    document = json.loads(status_rows.as_json((*ROWS, several), catalogue=KNOWN))
    assert document["base"] == "registry.test:5000/company/python-service"
    assert [release["version"] for release in document["releases"]] == [
        "1.5.0-r1-py3.13",
        "1.4.0-r2-py3.13",
        "1.4.0-r1-py3.13",
    ]
    by_name = {each["name"]: each for each in document["services"]}
    assert by_name["far"]["releases_behind"] == 2
    assert by_name["broken"] == {
        "name": "broken",
        "image": "registry.test:5000/broken:latest",
        "digest": None,
        "kind": "error",
        "error": "nothing there",
    }
    assert [each["platform"] for each in by_name["both"]["platforms"]] == ["linux/amd64", "linux/arm64"]
    assert document["summary"] == {
        "services": 7,
        "behind": 2,
        "bypassed": 1,
        "current": 2,
        "error": 1,
        "not-on-base": 1,
    }


def test_a_log_has_one_line_for_each_service_in_columns():
    assert status_rows.lines((ROWS[2], ROWS[3], ROWS[4])) == (
        "Service  Stands       On base          Behind               Remarks",
        "far      behind       1.4.0-r1-py3.13  2 releases, 40 days",
        "broken   error                                              nothing there",
        "other    not-on-base                                        its final stage is something else",
    )


def test_a_discovered_repository_without_the_tag_is_no_service_and_a_named_one_is_missed():
    named, stranger = (dataclasses.replace(row(name), missing=True) for name in ("named", "stranger"))
    fleet = Fleet("r.test", "company", "company/python-service", services=(named.entry,), discover=("*",))
    kept, line = status_rows.without_strangers((named, stranger, ROWS[0]), fleet=fleet)
    assert kept == (named, ROWS[0])
    assert line == "no tag latest, so no services of this fleet: stranger"
    assert status_rows.without_strangers(ROWS, fleet=fleet) == (ROWS, "")


def test_platforms_on_different_bases_are_told_apart_and_alike_ones_are_not():
    old, new = (base(f"1.{minor}.0-r1-py3.13", platforms=(AMD, ARM64)) for minor in (4, 5))
    known = catalogue(old, new)

    def told(*images):
        at = service(*images, document=index(*images))
        entry = ServiceEntry("both", Reference("r.test", "both", "latest"))
        return status_rows.remarks(StatusRow(entry, at=at, stand=stand(at, catalogue=known)))

    assert told(on(old, "app"), on(old, "app", platform=ARM64)) == ""
    assert told(on(new, "app"), on(old, "app", platform=ARM64)).startswith("linux/arm64: its first 3 layers")
