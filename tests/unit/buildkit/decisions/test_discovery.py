import dataclasses

from buildkit.decisions import discovery
from buildkit.values.fleet import Fleet, ServiceEntry
from buildkit.values.oci import Reference

FLEET = Fleet(
    registry="r.test", company="company", base="company/python-service", discover=("*",), tag="prod"
)


def names(fleet, *repositories):
    return [entry.name for entry in discovery.discovered(fleet, repositories=repositories)]


def test_repositories_become_services_with_the_fleets_tag():
    (entry,) = discovery.discovered(FLEET, repositories=["company/shop"])
    assert (entry.name, str(entry.image)) == ("shop", "r.test/company/shop:prod")


def test_the_base_is_no_service():
    assert names(FLEET, "company/python-service", "company/shop") == ["shop"]


def test_only_what_fits_a_pattern_is_a_service():
    fleet = dataclasses.replace(FLEET, discover=("shop/*", "*/api"))
    assert names(fleet, "shop/web", "news/api", "news/web") == ["api", "web"]


def test_a_service_of_the_file_is_not_found_twice_and_comes_first():
    mine = ServiceEntry("mine", Reference("r.test", "company/shop", "latest"))
    fleet = dataclasses.replace(FLEET, services=(mine,))
    assert names(fleet, "company/shop", "company/news") == ["mine", "news"]


def test_a_name_that_is_taken_gives_way_to_the_whole_path():
    assert names(FLEET, "a/web", "b/web", "c/api") == ["a/web", "b/web", "api"]
