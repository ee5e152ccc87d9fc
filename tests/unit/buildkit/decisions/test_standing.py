from buildkit.decisions.standing import standing
from buildkit.values.service import ServiceImage

BASE = ServiceImage("company/python-service:1", ("a", "b"), {"com.company.base.version": "1"})
FACTS = {"version": "1", "company": "company"}


def image(*layers, **labels):
    return ServiceImage("some/service", layers, {name.replace("_", "."): v for name, v in labels.items()})


def judge(looked_at, *, bases=(BASE,), facts=None):
    return standing(looked_at, bases=bases, company="company", facts=facts)


def test_an_image_that_begins_with_the_bases_layers_stands_on_it():
    found = judge(image("a", "b", "c"))
    assert found.on_base
    assert found.version == "1"
    assert "first 2 layers" in found.reason


def test_the_base_stands_on_itself():
    assert judge(image("a", "b")).on_base


def test_the_same_layers_in_another_place_do_not_count():
    assert not judge(image("x", "a", "b")).on_base
    assert not judge(image("b", "a")).on_base
    assert not judge(image("a")).on_base


def test_a_base_without_layers_is_the_base_of_nothing():
    assert not judge(image("a"), bases=(ServiceImage("empty"),)).on_base


def test_labels_that_the_files_confirm_do_for_a_base_that_is_not_here():
    found = judge(image("x", com_company_base_version="1"), facts=FACTS)
    assert found.on_base
    assert "not here" in found.reason


def test_labels_without_the_files_do_not():
    found = judge(image("x", com_company_base_version="1"))
    assert not found.on_base
    assert "not the base's files" in found.reason


def test_files_without_the_labels_do_not():
    assert "labels are missing" in judge(image("x"), facts=FACTS).reason


def test_another_companys_base_is_not_ours():
    found = judge(image("x", com_company_base_version="1"), facts=FACTS | {"company": "other"})
    assert not found.on_base
    assert "'other'" in found.reason
