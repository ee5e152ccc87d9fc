import dataclasses

from buildkit.decisions import recipe
from buildkit.values.versions import Row, Versions

ROW = Row(python="3.14", upstream="python:3.14-slim", suite="forky", apt_options=('A::B "false"',))
VERSIONS = Versions(
    base="1.0", default_python="3.14", rows={"3.14": ROW}, packages=("tini", "python3"), source_date_epoch=1
)


def test_the_command_names_the_suite_its_packages_and_its_apt_options():
    command = recipe.command(ROW, versions=VERSIONS, target="root.tar")
    assert command[0] == "mmdebstrap"
    assert command[-2:] == ("forky", "root.tar")
    assert "--include=python3,tini" in command
    assert '--aptopt=A::B "false"' in command


def test_the_digest_changes_with_the_recipe_and_with_nothing_else():
    digest = recipe.digest(ROW, versions=VERSIONS)
    assert digest == recipe.digest(ROW, versions=dataclasses.replace(VERSIONS, base="2.0"))
    assert digest != recipe.digest(ROW, versions=dataclasses.replace(VERSIONS, packages=("python3",)))
    assert digest != recipe.digest(ROW, versions=dataclasses.replace(VERSIONS, source_date_epoch=2))


def test_the_order_of_the_packages_does_not_matter():
    turned = dataclasses.replace(VERSIONS, packages=VERSIONS.packages[::-1])
    assert recipe.digest(ROW, versions=VERSIONS) == recipe.digest(ROW, versions=turned)


def test_a_bootstrapped_image_never_has_the_official_images_name():
    name, exact = recipe.tags(ROW, versions=VERSIONS, company="acme")
    assert name == "acme/upstream-debian:forky-python3.14"
    assert exact.startswith(name + "-")
