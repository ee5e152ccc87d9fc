import datetime as dt

from buildkit.decisions.stand import stand
from buildkit.values.oci import DOCKER_MANIFEST
from buildkit.values.stand import Kind
from buildkit.values.support import SupportRules
from tests.unit.buildkit.fleet_images import (
    AMD64,
    ARM64,
    FIRST,
    base,
    base_settings,
    catalogue,
    contract,
    image,
    index,
    on,
    service,
)

OLD = base("1.4.0-r1-py3.13")
MIDDLE = base("1.4.0-r2-py3.13", days=10)
NEW = base("1.5.0-r1-py3.13", days=40)
KNOWN = catalogue(OLD, MIDDLE, NEW)


def stands(*images, known=KNOWN, **more):
    return stand(service(*images, **more), catalogue=known)


def test_a_service_on_the_newest_release_is_current():
    found = stands(on(NEW, "app"))
    assert (found.kind, found.releases, found.days) == (Kind.CURRENT, 0, 0)
    assert found.reason == "its first 3 layers are those of 1.5.0-r1-py3.13"


def test_a_service_on_an_older_release_is_behind_by_releases_and_days():
    found = stands(on(OLD, "app"))
    assert (found.kind, found.releases, found.days) == (Kind.BEHIND, 2, 40)
    assert (str(found.base), str(found.newest)) == ("1.4.0-r1-py3.13", "1.5.0-r1-py3.13")


def test_a_newer_release_for_another_python_leaves_a_service_current():
    known = catalogue(NEW, base("2.0.0-r1-py3.14", days=90))
    assert stands(on(NEW, "app"), known=known).kind is Kind.CURRENT


def test_an_old_base_by_digest_is_pinned_and_the_newest_one_is_just_current():
    pin = "company/python-service@sha256:0123"
    assert stands(on(OLD, "app"), pin=pin).kind is Kind.PINNED
    assert stands(on(OLD, "app"), pin=pin).reason == f"bound to {pin}"
    assert stands(on(NEW, "app"), pin=pin).kind is Kind.CURRENT


def test_what_the_last_verdict_says_of_a_bypass_is_told_with_how_far_behind_it_is():
    found = stands(on(OLD, "app"), bypass="started with python -S")
    assert (found.kind, found.releases) == (Kind.BYPASSED, 2)
    assert found.reason == "not traced: started with python -S"


def test_a_verdict_cannot_put_an_image_on_the_base():
    assert stands(image(["debian", "app"]), bypass="started with python -S").kind is Kind.NOT_ON_BASE


def test_layers_that_were_compressed_anew_are_still_the_bases():
    assert stands(on(NEW, "app", compression="zstd")).kind is Kind.CURRENT


def test_an_image_that_was_saved_loaded_and_pushed_again_stands_where_it_stood():
    assert stands(on(OLD, "app", kind=DOCKER_MANIFEST, compression="other")).kind is Kind.BEHIND


def test_labels_copied_by_hand_put_nothing_on_the_base():
    found = stands(image(["debian", "app"], settings=base_settings("1.5.0-r1-py3.13")))
    assert found.kind is Kind.NOT_ON_BASE
    assert found.reason == (
        "its labels say base 1.5.0-r1-py3.13, but its layers are not that base's:"
        " copied labels or a flattened image"
    )


def test_a_base_that_is_not_in_the_registry_is_named():
    gone = base("1.3.0-r1-py3.13")
    assert (
        stands(on(gone, "app")).reason == "its labels say base 1.3.0-r1-py3.13, which is not in the registry"
    )


def test_a_base_that_was_never_released_is_named():
    labels = contract() | {"com.company.base.version": "1.5.0"}
    found = stands(image(["mine"], settings={"Labels": labels}))
    assert found.reason == "its labels say 1.5.0 for Python 3.13, a base that was never released"


def test_a_final_stage_on_the_bases_own_upstream_is_not_on_the_base():
    found = stands(image(["debian linux/amd64", "app"]))
    assert found.kind is Kind.NOT_ON_BASE
    assert "what the base itself is built on" in found.reason


def test_a_final_stage_of_something_else_is_not_on_the_base():
    assert stands(image(["alpine", "app"])).reason == "its final stage is something else"
    assert stands(image([])).kind is Kind.NOT_ON_BASE


def test_an_image_with_several_platforms_stands_as_its_worst():
    old, new = (base(f"1.{minor}.0-r1-py3.13", platforms=(AMD64, ARM64)) for minor in (4, 5))
    images = on(new, "app"), on(old, "app", platform=ARM64)
    found = stands(*images, document=index(*images), known=catalogue(old, new))
    assert found.kind is Kind.BEHIND
    assert found.reason.startswith("linux/arm64: its first 3 layers")
    assert [(str(platform), each.kind) for platform, each in found.platforms] == [
        ("linux/amd64", Kind.CURRENT),
        ("linux/arm64", Kind.BEHIND),
    ]


def test_a_config_that_tells_of_other_layers_than_the_manifest_has_proves_nothing():
    honest = on(NEW, "app")
    other = on(NEW, "app", "more")
    lying = type(honest)(honest.reference, honest.manifest, other.config)
    found = stands(lying)
    assert found.kind is Kind.NOT_ON_BASE
    assert found.reason == "its manifest has 4 layers, its config tells of 5"


def test_the_end_of_a_bases_support_is_warned_of():
    rules = SupportRules(days=30, warn_days=10)
    ending = base("1.4.0-r1-py3.13", rules=rules, today=FIRST + dt.timedelta(days=25))
    assert "support ends in 5 days" in stands(on(ending, "app"), known=catalogue(ending)).warning
    assert stands(on(OLD, "app")).warning == ""
