"""What docker's configuration knows of a registry."""

import base64
import json
from pathlib import Path

import pytest

from buildkit.decisions.registry import logins
from buildkit.decisions.registry.logins import Login
from buildkit.values.errors import BadSetting

PATH = Path("config.json")


def auth(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("key", ["r.example:5000", "https://r.example:5000", "http://r.example:5000/v2/"])
def test_a_registry_is_found_under_each_way_to_write_it(key):
    found = logins.stored({"auths": {key: {"auth": auth("u:p:p")}}}, host="r.example:5000", source="here")
    assert found == Login("u", "p:p", source="here")


def test_another_port_is_another_registry():
    document = {"auths": {"r.example:5000": {"auth": auth("u:p")}}}
    assert not logins.stored(document, host="r.example", source="").known


@pytest.mark.parametrize("host", ["docker.io", "registry-1.docker.io"])
def test_docker_hub_is_found_under_its_old_name(host):
    document = {"auths": {"https://index.docker.io/v1/": {"auth": auth("u:p")}}}
    assert logins.stored(document, host=host, source="").user == "u"


def test_an_entry_that_a_helper_left_empty_is_nobody():
    assert not logins.stored({"auths": {"r.example": {}}}, host="r.example", source="").known
    assert not logins.stored({}, host="r.example", source="").known
    assert not logins.stored({"auths": None}, host="r.example", source="").known


def test_plain_names_and_identity_tokens_are_read():
    entry = {"username": "u", "password": "p"}
    assert logins.stored({"auths": {"r": entry}}, host="r", source="") == Login("u", "p")
    assert logins.stored({"auths": {"r": {"identitytoken": "t"}}}, host="r", source="").identity_token == "t"


@pytest.mark.parametrize("broken", ["%%%", auth("no colon"), "w4M=", "é"])
def test_credentials_that_cannot_be_read_are_told_without_showing_them(broken):
    with pytest.raises(BadSetting, match=r"the credentials for r in here cannot be read") as caught:
        logins.stored({"auths": {"r": {"auth": broken}}}, host="r", source="here")
    assert broken not in str(caught.value)


def test_a_registrys_own_helper_comes_before_the_general_one():
    document = {"credHelpers": {"r.example": "own"}, "credsStore": "all"}
    assert logins.helper(document, host="r.example") == "own"
    assert logins.helper(document, host="other.example") == "all"
    assert logins.helper({}, host="r.example") == ""


def test_a_helpers_token_is_no_password():
    answer = json.dumps({"Username": "<token>", "Secret": "t"})
    assert logins.from_helper(answer, source="s") == Login(identity_token="t", source="s")
    assert logins.from_helper('{"Username": "u", "Secret": "p"}', source="s").password == "p"


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_a_file_that_is_no_object_is_refused(text):
    with pytest.raises(BadSetting, match=r"config.json is no JSON"):
        logins.read(text, path=PATH)


def test_a_secret_never_shows_in_a_login():
    login = Login("u", "secret-1", "secret-2", "here")
    assert "secret" not in f"{login} {login!r}"
    assert str(login) == "u (from here)"
