from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import env_merge

NAMES = st.sampled_from(["PATH", "HOME", "PORT", "A", "B", "LONGER_NAME"])


def environments(values):
    return st.dictionaries(NAMES, values, max_size=6)


# Values of the service and of the bases differ, or it could not be told whose they are.
BASES = environments(st.text("xyz", max_size=3))
SERVICES = environments(st.text("abc", min_size=1, max_size=3))


def entries(variables):
    return [f"{name}={value}" for name, value in variables.items()]


def variables(entries):
    return dict(entry.split("=", 1) for entry in entries)


def merged(service, *, old, new):
    return variables(env_merge.merge(entries(service), old=entries(old), new=entries(new)).entries)


def merge(service, *, old, new):
    return env_merge.merge(service, old=old, new=new)


def test_what_the_service_never_touched_follows_the_new_base():
    assert merge(["A=1", "B=1"], old=["A=1", "B=1"], new=["A=2"]).entries == ("A=2",)


def test_what_is_new_in_the_base_arrives():
    assert merge(["A=1"], old=["A=1"], new=["A=1", "NEW=x"]).entries == ("A=1", "NEW=x")


def test_what_the_service_set_stays():
    assert merge(["PORT=9000", "MINE=1"], old=["PORT=8000"], new=["PORT=8000"]).entries == (
        "PORT=9000",
        "MINE=1",
    )


def test_where_both_changed_a_variable_the_service_wins_and_that_is_said():
    result = merge(["PORT=9000"], old=["PORT=8000"], new=["PORT=8080"])
    assert result.entries == ("PORT=9000",)
    assert [str(conflict) for conflict in result.conflicts] == [
        "Env PORT: '9000' kept, the new base says '8080'"
    ]


def test_a_variable_that_the_service_overrode_stays_when_the_base_drops_it():
    result = merge(["PORT=9000"], old=["PORT=8000"], new=[])
    assert result.entries == ("PORT=9000",)
    assert [str(conflict) for conflict in result.conflicts] == [
        "Env PORT: '9000' kept, the new base removes it"
    ]


def test_a_path_in_front_of_the_bases_keeps_its_place():
    old, new = "/opt/venv/bin:/usr/bin", "/opt/venv/bin:/opt/tracing/bin:/usr/bin"
    result = merge([f"PATH=/app/bin:{old}"], old=[f"PATH={old}"], new=[f"PATH={new}"])
    assert result.entries == (f"PATH=/app/bin:{new}",)
    assert result.conflicts == ()


def test_a_path_behind_and_around_the_bases_keeps_its_place():
    result = merge(["PATH=/a:/usr/bin:/z"], old=["PATH=/usr/bin"], new=["PATH=/usr/bin:/bin"])
    assert result.entries == ("PATH=/a:/usr/bin:/bin:/z",)


def test_a_part_of_a_members_name_is_not_the_bases_path():
    result = merge(["PATH=/usr/bin2:/x"], old=["PATH=/usr/bin"], new=["PATH=/bin"])
    assert result.entries == ("PATH=/usr/bin2:/x",)
    assert len(result.conflicts) == 1


def test_arguments_in_front_of_the_bases_keep_their_place():
    result = merge(
        ["ARGS=-w 2 --log-level=info"], old=["ARGS=--log-level=info"], new=["ARGS=--log-level=debug"]
    )
    assert result.entries == ("ARGS=-w 2 --log-level=debug",)


def test_a_value_may_hold_equals_signs_and_nothing():
    assert merge(["A=b=c", "E="], old=[], new=[]).entries == ("A=b=c", "E=")


@given(service=SERVICES, old=BASES, new=BASES)
def test_the_services_own_values_survive(service, old, new):
    result = merged(old | service, old=old, new=new)
    assert {name: result[name] for name in service} == service


@given(service=SERVICES, old=BASES, new=BASES)
def test_the_rest_is_the_new_bases(service, old, new):
    result = merged(old | service, old=old, new=new)
    assert {name: value for name, value in result.items() if name not in service} == {
        name: value for name, value in new.items() if name not in service
    }


@given(service=SERVICES, old=BASES, new=BASES)
def test_a_second_merge_changes_nothing(service, old, new):
    first = env_merge.merge(entries(old | service), old=entries(old), new=entries(new))
    again = env_merge.merge(first.entries, old=entries(new), new=entries(new))
    assert set(again.entries) == set(first.entries)
    assert not again.conflicts


@given(service=SERVICES, old=BASES, new=BASES)
def test_there_and_back_gives_the_environment_of_before(service, old, new):
    mine = old | service
    assert merged(merged(mine, old=old, new=new), old=new, new=old) == mine


PATHS = st.lists(st.sampled_from(["/x", "/y", "/z"]), min_size=1, max_size=3).map(":".join)


@given(st.lists(st.sampled_from(["/a", "/b"]), max_size=3), PATHS, PATHS)
def test_what_the_service_put_before_the_bases_path_survives(own, old, new):
    mine = {"PATH": ":".join([*own, old])}
    assert merged(mine, old={"PATH": old}, new={"PATH": new}) == {"PATH": ":".join([*own, new])}
