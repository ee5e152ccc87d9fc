from hypothesis import given
from hypothesis import strategies as st

from buildkit.decisions import config_merge

FACTS = "com.company.base."
BASE = {
    "User": "10001",
    "ExposedPorts": {"8000/tcp": {}},
    "Env": ["PATH=/opt/venv/bin:/usr/bin", "PORT=8000"],
    "Entrypoint": ["/usr/bin/tini", "--"],
    "Cmd": ["gunicorn", "app:app"],
    "WorkingDir": "/app",
    "Labels": {f"{FACTS}version": "1.4.0"},
    "StopSignal": "SIGTERM",
}


def merge(service, *, old=BASE, new=BASE):
    return config_merge.merge(service, old=old, new=new, facts=FACTS)


def conflicts(service, *, new):
    return [str(conflict) for conflict in merge(BASE | service, new=BASE | new).conflicts]


def test_every_setting_of_the_new_base_arrives_at_a_service_that_has_none_of_its_own():
    new = {
        "User": "10002",
        "ExposedPorts": {"8080/tcp": {}},
        "Env": ["PATH=/usr/bin", "PORT=8080", "NEW=1"],
        "Entrypoint": ["/opt/tracing/init", "--"],
        "Cmd": ["serve"],
        "WorkingDir": "/srv",
        "Labels": {f"{FACTS}version": "1.5.0", "maintainer": "platform"},
        "StopSignal": "SIGINT",
        "Healthcheck": {"Test": ["CMD", "true"]},
        "Shell": ["/bin/bash", "-c"],
        "Volumes": {"/data": {}},
    }
    result = merge(BASE, new=new)
    assert result.settings == new
    assert result.conflicts == ()


def test_the_services_word_wins_and_each_conflict_is_listed():
    service = {
        "User": "1",
        "StopSignal": "SIGQUIT",
        "WorkingDir": "/mine",
        "Healthcheck": {"Test": ["CMD", "mine"]},
    }
    new = {
        "User": "2",
        "StopSignal": "SIGINT",
        "WorkingDir": "/srv",
        "Healthcheck": {"Test": ["CMD", "theirs"]},
    }
    assert merge(BASE | service, new=BASE | new).settings == BASE | service
    assert conflicts(service, new=new) == [
        "User: '1' kept, the new base says '2'",
        "WorkingDir: '/mine' kept, the new base says '/srv'",
        "StopSignal: 'SIGQUIT' kept, the new base says 'SIGINT'",
        'Healthcheck: \'{"Test": ["CMD", "mine"]}\' kept, the new base says \'{"Test": ["CMD", "theirs"]}\'',
    ]


def test_a_command_of_its_own_keeps_the_bases_entrypoint():
    result = merge(BASE | {"Cmd": ["flask", "run"]}, new=BASE | {"Entrypoint": ["/new"]})
    assert result.settings["Entrypoint"] == ["/new"]
    assert result.settings["Cmd"] == ["flask", "run"]


def test_an_entrypoint_of_its_own_keeps_its_command_also_where_that_reads_like_the_bases():
    service = BASE | {"Entrypoint": ["/start.sh"]}
    result = merge(service, new=BASE | {"Cmd": ["serve"]})
    assert (result.settings["Entrypoint"], result.settings["Cmd"]) == (["/start.sh"], ["gunicorn", "app:app"])


def test_an_entrypoint_of_its_own_without_a_command_does_not_get_the_new_bases():
    service = {name: value for name, value in BASE.items() if name != "Cmd"} | {"Entrypoint": ["/start.sh"]}
    assert "Cmd" not in merge(service, new=BASE | {"Cmd": ["serve"]}).settings


def test_a_cleared_entrypoint_stays_cleared():
    service = BASE | {"Entrypoint": [], "Cmd": ["/bin/app"]}
    result = merge(service, new=BASE | {"Entrypoint": ["/new"]})
    assert not result.settings["Entrypoint"]
    assert [conflict.setting for conflict in result.conflicts] == ["Entrypoint"]


def test_null_empty_and_missing_are_the_same():
    service = BASE | {"Volumes": None, "OnBuild": [], "Healthcheck": None}
    result = merge(service, new=BASE | {"Volumes": {"/data": {}}})
    assert result.settings["Volumes"] == {"/data": {}}
    assert result.conflicts == ()


def test_ports_and_volumes_of_both_are_united_and_the_old_bases_go():
    service = BASE | {"ExposedPorts": {"8000/tcp": {}, "9000/tcp": {}}, "Volumes": {"/mine": {}}}
    result = merge(service, new=BASE | {"ExposedPorts": {"8080/tcp": {}}, "Volumes": {"/base": {}}})
    assert result.settings["ExposedPorts"] == {"8080/tcp": {}, "9000/tcp": {}}
    assert result.settings["Volumes"] == {"/mine": {}, "/base": {}}


def test_labels_that_say_which_base_is_below_are_the_new_bases_whatever_the_service_says():
    service = BASE | {"Labels": {f"{FACTS}version": "9.9.9", f"{FACTS}trusts-ca": "true", "team": "shop"}}
    result = merge(service, new=BASE | {"Labels": {f"{FACTS}version": "1.5.0"}})
    assert result.settings["Labels"] == {f"{FACTS}version": "1.5.0", "team": "shop"}
    assert result.conflicts == ()


def test_the_services_triggers_stay_and_the_bases_do_not_arrive():
    service = BASE | {"OnBuild": ["RUN mine"]}
    assert merge(service, new=BASE | {"OnBuild": ["RUN theirs"]}).settings["OnBuild"] == ["RUN mine"]
    assert "OnBuild" not in merge(BASE, new=BASE | {"OnBuild": ["RUN theirs"]}).settings


def test_what_a_builder_left_behind_goes_without_a_word():
    service = BASE | {"Image": "sha256:old", "Hostname": "0123"}
    result = merge(service, new=BASE | {"Image": "sha256:other", "Hostname": "4567"})
    assert result.settings == BASE
    assert result.conflicts == ()


def test_a_setting_that_nobody_knows_is_merged_as_well():
    result = merge(BASE | {"StopTimeout": 5}, new=BASE | {"StopTimeout": 9, "Novel": True})
    assert result.settings["StopTimeout"] == 5
    assert result.settings["Novel"] is True
    assert [conflict.setting for conflict in result.conflicts] == ["StopTimeout"]


def of(texts):
    """Settings whose values come from these letters."""
    word = st.text(texts, min_size=1, max_size=2)
    words = st.lists(word, min_size=1, max_size=2)
    names = st.sampled_from(["one", "two", "three"])
    return st.fixed_dictionaries(
        {},
        optional={
            "User": word,
            "WorkingDir": word,
            "StopSignal": word,
            "Entrypoint": words,
            "Cmd": words,
            "Shell": words,
            "Healthcheck": st.fixed_dictionaries({"Test": words}),
            "Labels": st.dictionaries(names, word, min_size=1),
            "Env": st.dictionaries(names, word, min_size=1).map(
                lambda variables: [f"{name}={value}" for name, value in sorted(variables.items())]
            ),
        },
    )


def built(service, *, base):
    """What a builder makes of a service's own settings on a base."""
    image = base | service
    if "Labels" in service:
        image["Labels"] = base.get("Labels", {}) | service["Labels"]
    if "Env" in service:
        variables = dict(entry.split("=") for entry in (*base.get("Env", ()), *service["Env"]))
        image["Env"] = [f"{name}={value}" for name, value in variables.items()]
    if "Entrypoint" in service and "Cmd" not in service:
        image.pop("Cmd", None)
    return image


def plain(settings):
    """Without the order of the variables."""
    return settings | ({"Env": sorted(settings["Env"])} if "Env" in settings else {})


BASES, SERVICES = of("xyz"), of("abc")


@given(service=SERVICES, old=BASES, new=BASES)
def test_a_rebase_gives_the_settings_that_a_rebuild_gives(service, old, new):
    result = merge(built(service, base=old), old=old, new=new)
    assert plain(result.settings) == plain(built(service, base=new))


@given(service=SERVICES, old=BASES, new=BASES)
def test_a_second_rebase_changes_nothing(service, old, new):
    first = merge(built(service, base=old), old=old, new=new)
    again = merge(first.settings, old=new, new=new)
    assert plain(again.settings) == plain(first.settings)
    assert again.conflicts == ()


@given(service=SERVICES, old=BASES, new=BASES)
def test_there_and_back_gives_the_settings_of_before(service, old, new):
    image = built(service, base=old)
    there = merge(image, old=old, new=new).settings
    assert plain(merge(there, old=new, new=old).settings) == plain(image)


@given(service=SERVICES, base=BASES)
def test_a_rebase_onto_the_same_base_changes_nothing(service, base):
    image = built(service, base=base)
    result = merge(image, old=base, new=base)
    assert plain(result.settings) == plain(image)
    assert result.conflicts == ()
