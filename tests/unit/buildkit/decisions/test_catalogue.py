from buildkit.decisions import base_version
from tests.unit.buildkit.fleet_images import AMD64, ARM64, base, base_settings, catalogue, image, on

OLD = base("1.4.0-r1-py3.13")
NEW = base("1.5.0-r1-py3.13", days=30)


def found(service, *bases):
    match = catalogue(*bases).find(service.config)
    return None if match is None else str(match.base.version)


def test_an_image_stands_on_the_base_whose_layers_it_begins_with():
    assert found(on(OLD, "app"), OLD, NEW) == "1.4.0-r1-py3.13"
    assert found(on(NEW, "app"), OLD, NEW) == "1.5.0-r1-py3.13"


def test_the_base_itself_stands_on_itself():
    assert found(on(OLD), OLD, NEW) == "1.4.0-r1-py3.13"


def test_an_image_with_only_some_of_a_bases_layers_stands_on_none():
    assert found(image(["debian linux/amd64", "venv linux/amd64", "mine"]), OLD, NEW) is None


def test_layers_in_another_order_are_not_the_bases():
    layers = [entry["created_by"] for entry in OLD.platforms[AMD64].config.document["history"]]
    assert found(image([*reversed(layers), "app"]), OLD) is None


def test_a_base_on_a_base_wins_over_the_one_below():
    upper = base("1.6.0-r1-py3.13", layers=["debian", "venv", "tracing 1.4.0-r1-py3.13", "more"])
    assert found(on(upper, "app"), OLD, upper) == "1.6.0-r1-py3.13"
    assert found(on(OLD, "app"), OLD, upper) == "1.4.0-r1-py3.13"


def test_of_two_releases_with_the_same_layers_the_inherited_labels_tell_which():
    layers = ["debian", "venv", "tracing"]
    one, two = (base(version, layers=layers) for version in ("1.4.0-r1-py3.13", "1.4.1-r1-py3.13"))
    assert found(on(one, "app"), one, two) == "1.4.0-r1-py3.13"
    assert found(on(two, "app"), one, two) == "1.4.1-r1-py3.13"


def test_labels_never_name_a_base_whose_layers_are_not_there():
    lying = on(OLD, "app", settings=base_settings("1.5.0-r1-py3.13"))
    assert found(lying, OLD, NEW) == "1.4.0-r1-py3.13"


def test_each_platform_has_its_own_layers():
    both = base("1.4.0-r1-py3.13", platforms=(AMD64, ARM64))
    match = catalogue(both).find(on(both, "app", platform=ARM64).config)
    assert match.image.platform == ARM64


def test_the_newest_release_is_one_of_the_same_python():
    other = base("2.0.0-r1-py3.14")
    known = catalogue(OLD, other, NEW)
    assert known.newest("3.13") == NEW
    assert known.newest("3.14") == other
    assert known.newest("3.15") is None


def test_releases_between_are_counted_on_one_python():
    middle = base("1.4.1-r1-py3.13")
    known = catalogue(OLD, base("1.4.1-r1-py3.14"), middle, NEW)
    assert known.between(OLD, NEW) == 2
    assert known.between(NEW, NEW) == 0


def test_a_release_is_found_by_its_version():
    assert catalogue(OLD, NEW).named(base_version.parse("1.5.0-r1-py3.13")) == NEW
    assert catalogue(OLD).named(base_version.parse("1.5.0-r1-py3.13")) is None
