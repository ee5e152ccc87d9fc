from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import history_merge

CREATED = "2026-11-22T00:00:00Z"


def layer(text, **more):
    return {"created": CREATED, "created_by": text, **more}


def setting(text, **more):
    return layer(text, empty_layer=True, **more)


OLD = [layer("debian"), setting("ARG X"), layer("venv"), setting("ENV A"), setting("CMD old")]
NEW = [layer("debian 2"), layer("venv 2"), layer("tracing 2"), setting("CMD new")]


def merge(service, *, old=OLD, new=NEW, layers=None):
    count = layers or tuple(
        sum(not entry.get("empty_layer") for entry in history) for history in (service, old, new)
    )
    return history_merge.merge(service, old=old, new=new, layers=count, created=CREATED)


def test_the_new_bases_history_comes_before_the_services_own():
    own = [layer("COPY ."), setting("CMD mine")]
    assert merge([*OLD, *own]) == [*NEW, *own]


def test_a_builder_that_rewrites_times_is_understood():
    copied = [entry | {"created": "2020-01-01T00:00:00Z"} for entry in OLD]
    assert merge([*copied, layer("COPY .")]) == [*NEW, layer("COPY .")]


def test_a_base_whose_settings_were_not_recorded_in_the_service_costs_the_service_none_of_its_own():
    own = [setting("ENV MINE"), layer("COPY ."), setting("CMD mine")]
    assert merge([*OLD[:3], *own]) == [*NEW, *own]


def test_a_service_without_layers_of_its_own_keeps_its_settings():
    assert merge([*OLD, setting("CMD mine")]) == [*NEW, setting("CMD mine")]


def test_a_service_without_history_gets_entries_for_its_layers():
    result = merge([], layers=(4, 2, 3))
    assert result[: len(NEW)] == NEW
    assert [entry["comment"] for entry in result[len(NEW) :]] == [
        "a layer of the service without history"
    ] * 2


def test_a_base_without_history_gets_entries_for_its_layers():
    result = merge([*OLD, layer("COPY .")], new=[], layers=(3, 2, 3))
    assert [entry.get("created_by") for entry in result] == [None, None, None, "COPY ."]


ENTRIES = st.lists(
    st.builds(
        lambda text, empty: {"created_by": text} | ({"empty_layer": True} if empty else {}),
        st.text("ab", max_size=2),
        st.booleans(),
    ),
    max_size=6,
)


@given(service=ENTRIES, old=ENTRIES, new=ENTRIES, own=st.integers(0, 3), below=st.integers(0, 3))
def test_there_are_always_as_many_entries_as_layers(service, old, new, own, below):
    layers = (own + below, below, 3)
    result = history_merge.merge(service, old=old, new=new, layers=layers, created=CREATED)
    assert sum(not entry.get("empty_layer") for entry in result) == own + 3
