import datetime as dt

import pytest

from buildkit.decisions import release_time
from tests.unit.buildkit.fleet_images import ARM64, COMPANY, FACTS, image, index

NOTE = release_time.ANNOTATION_CREATED


def released(*images, document=None):
    return release_time.released(document or images[0].manifest, images=images, company=COMPANY).isoformat()


def test_the_releases_own_label_comes_first():
    made = image(
        ["a"],
        settings={"Labels": {f"{FACTS}created": "2026-03-01T10:00:00Z"}},
        annotations={NOTE: "2026-02-01T10:00:00Z"},
    )
    assert released(made) == "2026-03-01T10:00:00+00:00"


def test_then_an_annotation_then_when_the_image_was_created():
    assert released(image(["a"], annotations={NOTE: "2026-02-01T10:00:00Z"})) == "2026-02-01T10:00:00+00:00"
    assert released(image(["a"])) == "2025-12-31T12:00:00+00:00"


def test_the_last_platform_counts():
    late = image(["b"], platform=ARM64, members={"created": "2026-01-02T00:00:00.123456789+02:00"})
    both = image(["a"]), late
    assert released(*both, document=index(*both)) == "2026-01-02T00:00:00.123456+02:00"


@pytest.mark.parametrize("said", [None, "", "yesterday", "0001-01-01T00:00:00Z", "1980-01-01T00:00:01Z"])
def test_what_says_nothing_is_the_epoch_so_that_results_stay_the_same(said):
    assert released(image(["a"], members={"created": said})) == release_time.UNKNOWN.isoformat()


def test_a_time_without_a_zone_is_utc():
    assert released(image(["a"], members={"created": "2026-01-02T00:00:00"})) == "2026-01-02T00:00:00+00:00"
    assert release_time.UNKNOWN.tzinfo is dt.UTC
