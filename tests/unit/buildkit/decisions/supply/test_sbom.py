import json

from buildkit.decisions.supply import sbom
from buildkit.values.oci import Platform, Reference
from buildkit.values.package import Contents, Kind, Package

IMAGE = Reference("localhost:5000", "company/shop", digest="sha256:" + "a" * 64)


def document(*packages, created="2026-01-01T00:00:00Z"):
    contents = Contents(packages, {"ID": "debian", "VERSION_ID": "13"})
    return sbom.written(contents, image=IMAGE, platform=Platform(), created=created)


def test_the_same_contents_are_the_same_bytes():
    one, two = (Package(Kind.PYTHON, name, "1", path=name) for name in "ab")
    assert document(one, two) == document(two, one)
    assert document(one, created="") == document(one, created="")


def test_an_image_without_a_time_gives_a_document_without_one():
    assert "timestamp" not in json.loads(document(created=""))["metadata"]
    assert "timestamp" not in json.loads(document(created="yesterday"))["metadata"]


def test_a_package_that_lies_in_two_places_is_there_twice():
    found = json.loads(document(*(Package(Kind.PYTHON, "wrapt", "2", path=path) for path in ("a", "b"))))
    libraries = [each for each in found["components"] if each["type"] == "library"]
    assert [each["properties"][0]["value"] for each in libraries] == ["/a", "/b"]


def test_a_licence_that_is_no_spdx_expression_is_kept_as_it_is():
    found = json.loads(document(Package(Kind.PYTHON, "thing", "1", license="as is, more or less")))
    (thing,) = (each for each in found["components"] if each["name"] == "thing")
    assert "as is, more or less" in json.dumps(thing["licenses"])
