"""Registries that want to know who asks, and that prove who they are."""

import base64
import json
import stat
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from buildkit.decisions.registry.logins import Login
from buildkit.edges.registry import Registry, trust
from buildkit.values.errors import (
    BadSetting,
    CredentialsRefused,
    MissingFile,
    RegistryUnavailable,
    UntrustedCertificate,
)
from buildkit.values.oci import OCI_LAYER
from tests.fleet.layers import layer, push
from tests.fleet.registry import RegistryServer
from tests.fleet.token_server import IDENTITY_TOKEN, PASSWORD, TokenServer

# bcrypt of PASSWORD, at the lowest cost that there is.
HTPASSWD = b"writer:$2b$04$14HAPOMwyz43epZmclpkM.l5x44l1V1wjWspFXi55UoFUhdTc9Au.\n"
WRITER = Login("writer", PASSWORD, source="a test")
READER = Login("reader", PASSWORD, source="a test")
NOBODY = Login()


@pytest.fixture(scope="module")
def basic_host(engine, settings):
    """A registry that wants a password."""
    variables = {
        "REGISTRY_AUTH": "htpasswd",
        "REGISTRY_AUTH_HTPASSWD_REALM": "the test",
        "REGISTRY_AUTH_HTPASSWD_PATH": "/registry/files/htpasswd",
    }
    with RegistryServer(engine, settings, variables=variables, files={"htpasswd": HTPASSWD}) as server:
        yield server.host


@pytest.fixture(scope="module")
def token_server():
    with TokenServer() as server:
        yield server


@pytest.fixture(scope="module")
def token_host(engine, settings, token_server):
    """A registry that wants a token of the token server's."""
    files = {"root.pem": token_server.root}
    with RegistryServer(engine, settings, variables=token_server.variables(), files=files) as server:
        yield server.host


@pytest.fixture
def tokens(token_server):
    token_server.asked.clear()
    token_server.seconds = 300
    return token_server


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def tls_server(engine, settings, authority):
    """A registry whose certificate the company's own authority has signed."""
    issued = authority.issue_cert("127.0.0.1")
    files = {
        "tls.key": issued.private_key_pem.bytes(),
        "tls.pem": b"".join(blob.bytes() for blob in issued.cert_chain_pems),
    }
    variables = {
        "REGISTRY_HTTP_TLS_CERTIFICATE": "/registry/files/tls.pem",
        "REGISTRY_HTTP_TLS_KEY": "/registry/files/tls.key",
    }
    with RegistryServer(engine, settings, variables=variables, files=files) as server:
        yield server


@pytest.fixture
def docker_config(tmp_path, monkeypatch):
    """Write docker's config.json, and the helpers that it names."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    def write(document, **helpers):
        (tmp_path / "config.json").write_text(document if isinstance(document, str) else json.dumps(document))
        for name, script in helpers.items():
            program = tmp_path / f"docker-credential-{name}"
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(stat.S_IRWXU)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return write


def stored(user, password=PASSWORD):
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def write_and_read(client, repository):
    digest = push(client, repository, [layer({"a": b"a"})], version="one")
    assert client.get(repository, "one").digest == digest


def test_a_password_lets_us_in(basic_host, unique):
    with Registry.connect(basic_host, login=WRITER) as client:
        write_and_read(client, unique)


def test_after_the_first_refusal_the_password_is_sent_at_once(basic_host, unique):
    with Registry.connect(basic_host, login=WRITER) as client:
        for _ in "123":
            client.head(unique, "x")
        assert client.requests == 4


@pytest.mark.parametrize(
    ("login", "who"),
    [(NOBODY, "anybody without credentials"), (Login("writer", "wrong", source="s"), r"writer \(from s\)")],
)
def test_a_wrong_password_and_none_are_refused_in_one_line(basic_host, unique, login, who):
    with Registry.connect(basic_host, login=login) as client:
        with pytest.raises(
            CredentialsRefused, match=f"{basic_host} does not allow it to {who}.*; `docker login"
        ) as caught:
            client.get(unique, "x")
        assert "\n" not in str(caught.value)
        assert client.requests <= 2


def test_dockers_own_login_is_used(basic_host, unique, docker_config):
    docker_config({"auths": {f"http://{basic_host}/v2/": stored("writer")}})
    with Registry.connect(basic_host) as client:
        write_and_read(client, unique)


def test_a_credential_helper_is_asked(basic_host, unique, docker_config):
    answer = json.dumps({"ServerURL": basic_host, "Username": "writer", "Secret": PASSWORD})
    docker_config(
        {"credHelpers": {basic_host: "test"}, "credsStore": "nonesuch"},
        test=f"""read -r host; [ "$1 $host" = "get {basic_host}" ] && echo '{answer}'""",
    )
    with Registry.connect(basic_host) as client:
        write_and_read(client, unique)


def test_a_helper_that_knows_nothing_leaves_it_to_the_file(basic_host, unique, docker_config):
    docker_config(
        {"credsStore": "test", "auths": {basic_host: stored("writer")}},
        test="echo 'credentials not found in native keychain'; exit 1",
    )
    with Registry.connect(basic_host) as client:
        write_and_read(client, unique)


@pytest.mark.parametrize(
    ("document", "helper", "words"),
    [
        ("{", "", "is no JSON"),
        ("[]", "", "no JSON object"),
        ({"auths": {"HOST": {"auth": "%%%"}}}, "", "cannot be read; `docker login"),
        ({"credsStore": "test"}, "echo locked >&2; exit 3", r"docker-credential-test failed \(3\): locked"),
        ({"credsStore": "test"}, "echo hello", "did not print credentials"),
        ({"credsStore": "nonesuch"}, "", "docker-credential-nonesuch cannot be run"),
    ],
)
def test_a_broken_configuration_of_dockers_is_named(basic_host, docker_config, document, helper, words):
    text = document if isinstance(document, str) else json.dumps(document).replace("HOST", basic_host)
    docker_config(text, test=helper)
    with pytest.raises(BadSetting, match=words) as caught:
        Registry.connect(basic_host)
    assert "\n" not in str(caught.value)


def test_a_token_lets_us_in_and_serves_for_all_requests_of_its_scope(token_host, tokens, unique):
    with Registry.connect(token_host, login=WRITER) as client:
        write_and_read(client, unique)
        asked = list(tokens.asked)
        for _ in "1234":
            client.get(unique, "one")
        assert tokens.asked == asked
    assert sorted(scopes for _, _, scopes in asked) == [
        (f"repository:{unique}:pull",),
        (f"repository:{unique}:pull,push",),
    ]


def test_a_mounts_token_is_good_for_both_repositories(token_host, tokens, unique):
    with Registry.connect(token_host, login=WRITER) as client:
        write_and_read(client, unique)
        name = client.get(unique, "one").layers[0].digest
        assert client.mount(f"{unique}-other", name, source=unique) is True
    assert (f"repository:{unique}-other:pull,push", f"repository:{unique}:pull") in [
        scopes for _, _, scopes in tokens.asked
    ]


def test_the_catalogue_needs_a_right_of_its_own(token_host, tokens, unique):
    with Registry.connect(token_host, login=WRITER) as client:
        write_and_read(client, unique)
        assert unique in set(client.catalogue())
    with (
        Registry.connect(token_host, login=READER) as client,
        pytest.raises(CredentialsRefused, match="does not list its repositories to us"),
    ):
        list(client.catalogue())


def test_a_token_is_renewed_before_it_ends(token_host, tokens, unique):
    tokens.seconds = 1
    with Registry.connect(token_host, login=WRITER) as client:
        client.head(unique, "x")
        until = time.monotonic() + 1.1
        while time.monotonic() < until:
            client.head(unique, "x")
        # A renewal needs no refusal first.
        assert client.requests > len(tokens.asked) >= 2
        assert client.requests - len(tokens.asked) >= 3


def test_a_token_that_the_registry_does_not_take_any_more_is_replaced(token_host, tokens, unique):
    with Registry.connect(token_host, login=WRITER) as client:
        client.head(unique, "x")
        entry = client._transport._entry
        (scopes,) = entry._tokens
        entry._tokens[scopes] = type(entry._tokens[scopes])("withdrawn", time.monotonic() + 100)
        assert client.head(unique, "x") is None


def test_an_identity_token_buys_tokens(token_host, tokens, unique, docker_config):
    docker_config({"auths": {token_host: {"auth": "", "identitytoken": IDENTITY_TOKEN}}})
    with Registry.connect(token_host) as client:
        write_and_read(client, unique)
    assert {(method, user) for method, user, _ in tokens.asked} == {("POST", "writer")}


def test_who_may_only_read_cannot_write(token_host, tokens, unique):
    with Registry.connect(token_host, login=WRITER) as client:
        write_and_read(client, unique)
    for login in (READER, NOBODY):
        with Registry.connect(token_host, login=login) as client:
            assert client.get(unique, "one")
            with pytest.raises(CredentialsRefused, match=f"writing {unique}@"):
                client.put_blob(unique, b"x", media_type=OCI_LAYER)


def test_a_password_that_the_token_server_refuses_is_told(token_host, unique):
    with (
        Registry.connect(token_host, login=Login("writer", "wrong", source="a test")) as client,
        pytest.raises(
            CredentialsRefused, match=r"token from 127.*to writer \(from a test\) \(wrong password\)"
        ),
    ):
        client.get(unique, "x")


def test_threads_that_need_the_same_token_get_one(token_host, tokens, unique):
    with Registry.connect(token_host, login=WRITER) as client:
        client.head(unique, "x")
        client._transport._entry._tokens.clear()
        tokens.asked.clear()
        threads = [threading.Thread(target=client.head, args=(unique, "x")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(tokens.asked) == 1


def test_a_redirect_elsewhere_does_not_take_the_password_along(basic_host, unique):
    from tests.fleet.faults import FaultyRegistry

    seen = []

    class Storage(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"blob")

        def log_message(self, *args):
            """No access log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Storage) as storage, FaultyRegistry(basic_host) as faulty:
        threading.Thread(target=storage.serve_forever, args=(0.01,), daemon=True).start()
        place = f"http://localhost:{storage.server_address[1]}/signed"
        with Registry.connect(faulty.host, login=WRITER) as client:
            digest = client.put_blob(unique, b"blob", media_type=OCI_LAYER).digest
            for how in (client.blob, lambda *args: b"".join(client.open_blob(*args))):
                faulty.add(method="GET", path="/blobs/", status=307, headers={"Location": place})
                assert how(unique, digest) == b"blob"
        storage.shutdown()
    assert len(seen) == 2
    assert not any("Authorization" in headers for headers in seen)


def test_the_companys_certificates_are_trusted_if_they_are_given(tls_server, bundle, unique):
    with Registry.connect(tls_server.host, insecure=False, ca_bundle=bundle) as client:
        write_and_read(client, unique)


def test_the_engines_certificates_for_the_registry_are_trusted(
    tls_server, bundle, unique, tmp_path, monkeypatch
):
    own = tmp_path / tls_server.host
    own.mkdir()
    (own / "ca.crt").write_bytes(bundle.read_bytes())
    monkeypatch.setattr(trust, "CERTS_D", tmp_path)
    with Registry.connect(tls_server.host, insecure=False) as client:
        write_and_read(client, unique)


def test_an_unknown_certificate_is_not_trusted(tls_server):
    with (
        Registry.connect(tls_server.host, insecure=False) as client,
        pytest.raises(UntrustedCertificate) as caught,
    ):
        client.head("a/b", "c")
    assert str(caught.value) == (
        f"the TLS certificate of {tls_server.host} is not trusted (unable to get local issuer certificate);"
        " give the company's certificates (CA_BUNDLE=file.pem), as the engine has them in certs.d"
    )


def test_a_certificate_for_another_name_is_not_trusted(tls_server, bundle):
    host = tls_server.host.replace("127.0.0.1", "localhost")
    with (
        Registry.connect(host, insecure=False, ca_bundle=bundle) as client,
        pytest.raises(UntrustedCertificate, match="not valid for 'localhost'"),
    ):
        client.head("a/b", "c")


def test_tls_where_plain_http_is_spoken_and_the_other_way_round_are_told(tls_server, registry_host):
    with (
        Registry.connect(tls_server.host) as client,
        pytest.raises(RegistryUnavailable, match="speaks TLS only"),
    ):
        client.get("a/b", "c")
    with (
        Registry.connect(registry_host, insecure=False) as client,
        pytest.raises(RegistryUnavailable, match="does not speak TLS"),
    ):
        client.get("a/b", "c")


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [(None, MissingFile, "cannot read"), ("hello", BadSetting, "holds no certificate")],
)
def test_a_bundle_that_is_none_is_refused_before_anything_is_asked(tmp_path, content, error, words):
    path = Path(tmp_path) / "bundle.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(error, match=words):
        Registry.connect("registry.invalid", ca_bundle=path)
