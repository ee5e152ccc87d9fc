import json

from buildkit.decisions.supply import stack
from buildkit.values.package import Kind, LayerFacts, Package


def package(name, path):
    return Package(Kind.PYTHON, name, "1", path=path)


def layer(*names, removed=(), opaque=()):
    return LayerFacts(
        {f"site/{name}/METADATA": (package(name, f"site/{name}/METADATA"),) for name in names},
        removed=removed,
        opaque=opaque,
    )


def names(*layers):
    return [each.name for each in stack.contents(layers).packages]


def test_layers_add_up_in_an_order_of_their_own():
    assert names(layer("b"), layer("a")) == ["a", "b"]


def test_a_whiteout_takes_a_directory_and_nothing_that_only_begins_like_it():
    assert names(layer("a", "ab"), layer(removed=("site/a",))) == ["ab"]


def test_an_opaque_directory_hides_lower_layers_and_not_its_own():
    assert names(layer("a"), layer("b", opaque=("site",))) == ["b"]


def test_an_opaque_root_hides_everything_below():
    assert names(layer("a"), layer("b", opaque=("",))) == ["b"]


def test_a_later_file_replaces_an_earlier_one_also_if_it_names_nothing():
    assert names(layer("a"), LayerFacts({"site/a/METADATA": ()})) == []


def test_the_last_release_counts():
    first, second = LayerFacts(release={"ID": "debian"}), LayerFacts()
    assert stack.contents([first, second]).release == {"ID": "debian"}


def test_what_is_kept_in_a_cache_comes_back():
    facts = LayerFacts(
        {"site/a/METADATA": (package("a", "site/a/METADATA"),), "site/b/METADATA": ()},
        release={"ID": "debian"},
        removed=("x",),
        opaque=("y",),
    )
    back = stack.from_document(json.loads(json.dumps(stack.as_document(facts))))
    assert (back.packages, back.release, back.removed, back.opaque) == (
        facts.packages,
        facts.release,
        facts.removed,
        facts.opaque,
    )
