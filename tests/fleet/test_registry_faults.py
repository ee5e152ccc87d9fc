"""A registry that is overloaded, breaks off, forgets, or lies."""

import errno
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from buildkit.decisions import oci_json
from buildkit.decisions.registry import patience
from buildkit.edges.registry import Registry
from buildkit.values.errors import (
    BadManifest,
    CredentialsRefused,
    RegistryError,
    RegistryUnavailable,
    TagMoved,
    WrongDigest,
)
from buildkit.values.oci import OCI_LAYER
from tests.fleet.layers import layer, push
from tests.fleet.registry import RegistryServer

MANIFEST = "/manifests/"
BLOB = "/blobs/sha256:"
UPLOAD = "/blobs/uploads/"
MANY = 1000


@pytest.fixture(autouse=True)
def _impatient(request, monkeypatch):
    """A tenth of the time between tries, where the test is not about it."""
    if "restarts" not in request.node.name:
        monkeypatch.setattr(patience, "FIRST_SECONDS", patience.FIRST_SECONDS / 10)


@pytest.fixture
def image(registry, unique):
    return push(registry, unique, [layer({"a": b"a"})], version="one")


@pytest.fixture
def big(registry, unique):
    """A blob of three megabytes, and its digest."""
    data = os.urandom(3_000_000)
    return data, registry.put_blob(unique, data, media_type=OCI_LAYER).digest


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_not_noticed(through_faults, faulty, unique, image, status):
    faulty.add(path=MANIFEST, times=2, status=status)
    assert through_faults.get(unique, "one").digest == image
    assert [seen.status for seen in faulty.seen] == [status, status, 200]


def test_retry_after_in_seconds_is_waited_for(through_faults, faulty, unique, image):
    faulty.add(path=MANIFEST, status=429, headers={"Retry-After": "1"})
    assert through_faults.get(unique, "one").digest == image
    refused, answered = faulty.seen
    assert 1 <= answered.at - refused.at < 3


def test_retry_after_as_a_date_is_waited_for(through_faults, faulty, unique, image):
    when = datetime.now(UTC) + timedelta(seconds=2)
    faulty.add(path=MANIFEST, status=503, headers={"Retry-After": format_datetime(when, usegmt=True)})
    assert through_faults.get(unique, "one").digest == image
    # The header has whole seconds.
    assert datetime.now(UTC) >= when.replace(microsecond=0)


def test_too_many_requests_holds_back_all_threads_of_a_client(through_faults, faulty, unique, image):
    faulty.add(path=MANIFEST, status=429, headers={"Retry-After": "1"})
    first = threading.Thread(target=through_faults.get, args=(unique, "one"))
    first.start()
    while not faulty.seen:
        time.sleep(0.01)
    began = time.monotonic()
    time.sleep(0.05)  # the answer is on its way to the other thread
    through_faults.get(unique, "one")
    assert time.monotonic() - began > 0.7
    first.join()


def test_a_registry_that_wants_us_back_tomorrow_is_not_waited_for(through_faults, faulty, unique):
    faulty.add(path=MANIFEST, times=MANY, status=429, headers={"Retry-After": "86400"})
    began = time.monotonic()
    with pytest.raises(RegistryUnavailable, match=r"keeps answering 429.*try again later"):
        through_faults.get(unique, "one")
    assert time.monotonic() - began < 2


def test_a_registry_that_keeps_failing_is_given_up(through_faults, faulty, unique):
    said = b'{"errors":[{"code":"UNKNOWN","message":"the storage is away"}]}'
    faulty.add(path=MANIFEST, times=MANY, status=503, body=said)
    with pytest.raises(RegistryUnavailable, match=r"keeps answering 503 \(the storage is away\)"):
        through_faults.get(unique, "one")
    assert 5 <= len(faulty.seen) <= 10


def test_a_refusal_is_not_asked_again(through_faults, faulty, unique):
    faulty.add(path=MANIFEST, times=MANY, status=403, body=b'{"errors":[{"code":"DENIED","message":"no"}]}')
    with pytest.raises(CredentialsRefused, match=r"does not allow it to anybody without credentials \(no\)"):
        through_faults.get(unique, "one")
    assert len(faulty.seen) == 1


def test_a_connection_that_breaks_before_the_answer_is_made_anew(through_faults, faulty, unique, image):
    faulty.add(path=MANIFEST, times=3, lose_answer=True)
    assert through_faults.get(unique, "one").digest == image


def test_a_manifest_that_ends_too_early_is_read_again(through_faults, faulty, unique, image):
    faulty.add(path=MANIFEST, times=2, cut_answer=100)
    assert through_faults.get(unique, "one").digest == image


def test_a_blob_goes_on_where_it_broke(through_faults, faulty, unique, big):
    data, digest = big
    for have in (1_000_000, 1_200_000, 0, 0):
        faulty.add(method="GET", path=BLOB, cut_answer=have)
    assert b"".join(through_faults.open_blob(unique, digest)) == data
    ranges = [seen.headers.get("Range", "") for seen in faulty.seen]
    assert ranges == ["", "bytes=1000000-", *["bytes=2200000-"] * 3]


def test_a_blob_of_a_registry_without_ranges_is_read_again_and_given_once(
    through_faults, faulty, unique, big
):
    data, digest = big
    faulty.add(method="GET", path=BLOB, cut_answer=1_000_000)
    faulty.add(method="GET", path=BLOB, status=200, body=data)
    assert b"".join(through_faults.open_blob(unique, digest)) == data


def test_a_blob_that_never_comes_is_given_up(through_faults, faulty, unique, big):
    faulty.add(method="GET", path=BLOB, times=MANY, cut_answer=0)
    with pytest.raises(RegistryUnavailable, match="breaks off again and again"):
        list(through_faults.open_blob(unique, big[1]))


@pytest.mark.parametrize(
    "fault",
    [
        {"method": "POST", "lose_answer": True},
        {"method": "POST", "status": 500},
        {"method": "POST", "status": 429, "headers": {"Retry-After": "0"}},
        {"method": "PUT", "cut_request": 100_000},
        {"method": "PUT", "status": 503},
        {"method": "PUT", "lose_answer": True},
        {"method": "PUT", "status": 404, "body": b'{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}'},
    ],
)
def test_an_upload_that_breaks_is_begun_anew(through_faults, faulty, registry, unique, fault):
    data = os.urandom(1_000_000)
    digest = oci_json.digest(data)
    faulty.add(path=UPLOAD, times=2, **fault)
    pieces = [data[:400_000], data[400_000:]]
    through_faults.put_stream(unique, lambda: pieces, digest=digest, size=len(data), media_type=OCI_LAYER)
    assert registry.blob(unique, digest) == data


def test_an_upload_into_nowhere_is_an_error(through_faults, faulty, unique):
    faulty.add(method="POST", path=UPLOAD, status=202)
    with pytest.raises(RegistryError, match="does not say where it goes on"):
        through_faults.put_blob(unique, b"x", media_type=OCI_LAYER)


def test_a_relative_location_is_followed(through_faults, faulty, registry, unique):
    session = registry._transport.exchange("POST", f"/v2/{unique}/blobs/uploads/", scopes=frozenset())
    relative = session.headers["Location"].partition(registry.host)[2]
    faulty.add(method="POST", path=UPLOAD, status=202, headers={"Location": relative})
    digest = through_faults.put_blob(unique, b"relative", media_type=OCI_LAYER).digest
    assert registry.blob(unique, digest) == b"relative"


def test_a_mount_that_is_refused_becomes_a_copy(through_faults, faulty, registry, unique, big):
    data, digest = big
    other = f"{unique}-other"
    session = registry._transport.exchange("POST", f"/v2/{other}/blobs/uploads/", scopes=frozenset())
    place = session.headers["Location"].replace(registry.host, faulty.host)
    faulty.add(method="POST", path="mount=", status=202, headers={"Location": place})
    faulty.add(method="GET", path=BLOB, cut_answer=1_000_000)
    assert through_faults.mount(other, digest, source=unique) is False
    assert registry.blob(other, digest) == data
    assert faulty.asked("DELETE", UPLOAD) == 1


def test_a_write_whose_answer_is_lost_is_written_again(through_faults, faulty, registry, unique, image):
    raw = registry.get(unique, image)
    faulty.add(method="PUT", path=MANIFEST, times=2, lose_answer=True)
    through_faults.put(unique, raw.raw, media_type=raw.media_type, version="two")
    assert registry.head(unique, "two").digest == image


def test_a_head_without_digest_or_size_is_made_good_by_a_get(through_faults, faulty, unique, image):
    for missing in ("Docker-Content-Digest", "Content-Length", "Content-Type"):
        faulty.add(method="HEAD", path=MANIFEST, without=(missing,))
        found = through_faults.head(unique, "one")
        assert found.digest == image
        assert found.size > 100
        assert found.media_type.endswith("manifest.v1+json")


def test_another_content_than_the_registry_says_is_refused(through_faults, faulty, unique, image):
    for version in ("one", image):
        faulty.add(method="GET", path=MANIFEST, replace=lambda raw: raw.replace(b'"size"', b'"size" '))
        with pytest.raises(WrongDigest, match="sent other content than sha256:"):
            through_faults.get(unique, version)


def test_a_head_that_answers_another_digest_than_asked_is_refused(through_faults, faulty, unique, image):
    other = f"sha256:{'1' * 64}"
    faulty.add(method="HEAD", path=MANIFEST, headers={"Docker-Content-Digest": other})
    with pytest.raises(WrongDigest, match=other):
        through_faults.head(unique, image)


@pytest.mark.parametrize("how", ["blob", "open_blob"])
def test_a_blob_with_other_content_is_refused(through_faults, faulty, unique, big, how):
    faulty.add(method="GET", path=BLOB, replace=lambda raw: b"?" + raw[1:])
    with pytest.raises(WrongDigest, match="its storage, or something on the way, is broken"):
        b"".join(
            bytes([each]) if isinstance(each, int) else each
            for each in getattr(through_faults, how)(unique, big[1])
        )


@pytest.mark.parametrize(
    "what",
    [
        (b"<html>Sign in to the wifi</html>", "text/html", "a manifest that is no JSON"),
        (b"[]", "application/json", "no JSON object"),
        (b"{}", "application/vnd.docker.distribution.manifest.v1+prettyjws", "unknown kind"),
        (b'{"schemaVersion":2}', "application/vnd.oci.image.manifest.v1+json", "incomplete"),
    ],
)
def test_what_is_no_manifest_is_named(through_faults, faulty, unique, what):
    body, kind, words = what
    faulty.add(path=MANIFEST, status=200, headers={"Content-Type": kind}, body=body)
    with pytest.raises(BadManifest, match=words) as caught:
        through_faults.get(unique, "one")
    assert f"reading {unique}:one" in str(caught.value)


def test_a_tag_that_is_lost_between_look_and_write_is_noticed(
    through_faults, faulty, registry_server, unique, image
):
    registry = through_faults
    newer = push(registry, unique, [layer({"b": b"b"})])
    path = f"/registry/data/docker/registry/v2/repositories/{unique}/_manifests/tags/one"
    faulty.add(method="HEAD", path=MANIFEST, before=lambda: registry_server.run("rm", "-r", path))
    with pytest.raises(TagMoved, match="is gone, not sha256"):
        through_faults.move_tag(unique, "one", to=newer, expected=image)
    assert registry.head(unique, "one") is None


def test_a_tag_that_others_move_right_after_us_is_noticed(through_faults, faulty, registry, unique, image):
    newer = push(registry, unique, [layer({"b": b"b"})])
    third = registry.get(unique, push(registry, unique, [layer({"c": b"c"})]))

    def other():
        registry.put(unique, third.raw, media_type=third.media_type, version="one")

    faulty.add(method="PUT", path=MANIFEST, after=other)
    with pytest.raises(TagMoved, match=f"was moved to {newer}, and is {third.digest} now"):
        through_faults.move_tag(unique, "one", to=newer, expected=image)


def test_a_move_whose_answer_is_lost_is_done_once(through_faults, faulty, registry, unique, image):
    newer = push(registry, unique, [layer({"b": b"b"})])
    faulty.add(method="PUT", path=MANIFEST, lose_answer=True)
    through_faults.move_tag(unique, "one", to=newer, expected=image)
    assert registry.head(unique, "one").digest == newer


def test_lists_go_on_over_pages(through_faults, faulty, unique):
    pages = [(b'{"tags":["a","b"]}', "</v2/x/tags/list?last=b>; rel=next"), (b'{"tags":["c"]}', "")]
    for number, (body, link) in enumerate(pages):
        faulty.add(path="last=b" if number else "tags/list", status=200, headers={"Link": link}, body=body)
    assert through_faults.tags(unique) == ("a", "b", "c")


def test_the_catalogue_of_a_real_registry_goes_on_over_pages(registry, unique, image, monkeypatch):
    push(registry, f"{unique}-more", [layer({"a": b"a"})])
    monkeypatch.setattr("buildkit.edges.registry.listing.PAGE", 1)
    assert {unique, f"{unique}-more"} <= set(registry.catalogue())


def test_a_list_without_end_ends(through_faults, faulty, unique):
    faulty.add(
        path="list", times=MANY, status=200, headers={"Link": "<?n=1>; rel=next"}, body=b'{"tags":["a"]}'
    )
    with pytest.raises(RegistryError, match="a page that it had sent before"):
        through_faults.tags(unique)


def test_an_empty_repository_has_no_tags(through_faults, faulty, unique):
    faulty.add(path="list", status=200, body=b'{"name":"x","tags":null}')
    assert through_faults.tags(unique) == ()


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_registry_without_a_catalogue_says_what_to_do(through_faults, faulty, status):
    faulty.add(path="_catalog", times=MANY, status=status)
    with pytest.raises(RegistryError, match=r"does not list its repositories.*name the services"):
        list(through_faults.catalogue())


def test_a_registry_with_referrers_keeps_the_list_itself(through_faults, faulty, registry, unique, image):
    entry = b'{"mediaType":"m","digest":"sha256:%s","size":1,"artifactType":"x/%s"}'
    index = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}'
    one, two = entry % (b"1" * 64, b"a"), entry % (b"2" * 64, b"b")
    faulty.add(
        path=f"/referrers/{image}[?]artifactType=x%2Fb$",
        status=200,
        headers={"Link": f"</v2/{unique}/referrers/{image}?page=2>; rel=next"},
        body=index % one,
    )
    faulty.add(path="page=2", status=200, body=index % two)
    (found,) = through_faults.referrers(unique, image, artifact_type="x/b")
    assert found.digest == f"sha256:{'2' * 64}"
    faulty.add(method="PUT", path=MANIFEST, headers={"OCI-Subject": image})
    through_faults.attach(unique, registry.head(unique, image), b"x", artifact_type="x/y", media_type="x/y")
    assert registry.head(unique, image.replace(":", "-")) is None


def test_a_registry_that_has_no_referrers_is_asked_for_them_once(through_faults, faulty, unique, image):
    for _ in "123":
        through_faults.referrers(unique, image)
    assert faulty.asked("GET", "/referrers/") == 1


def test_a_list_of_attachments_that_others_overwrite_is_written_again(
    through_faults, faulty, registry, unique, image
):
    subject = registry.head(unique, image)
    first = registry.attach(unique, subject, b"1", artifact_type="x/y", media_type="x/y")
    tag = image.replace(":", "-")
    old = registry.get(unique, tag)

    def overwrite():
        registry.put(unique, old.raw, media_type=old.media_type, version=tag)

    faulty.add(method="PUT", path=f"{MANIFEST}{tag}", after=overwrite)
    second = through_faults.attach(unique, subject, b"2", artifact_type="x/y", media_type="x/y")
    assert {entry.digest for entry in registry.referrers(unique, image)} == {first, second}


def test_a_full_disk_is_named(engine, settings, unique):
    with RegistryServer(engine, settings, disk=3_000_000) as server, Registry.connect(server.host) as client:
        with pytest.raises(RegistryError, match=r"has no room for it.*make room"):
            client.put_blob(unique, os.urandom(9_000_000), media_type=OCI_LAYER)
        assert not client.has_blob(unique, f"sha256:{'0' * 64}")


def test_a_registry_that_restarts_in_between_is_waited_for(engine, settings, unique):
    with RegistryServer(engine, settings) as server, Registry.connect(server.host) as client:
        digest = push(client, unique, [layer({"a": b"a"})], version="one")
        restarting = threading.Thread(target=server.restart)
        restarting.start()
        try:
            while restarting.is_alive():
                assert client.get(unique, "one").digest == digest
        finally:
            restarting.join()
        assert client.get(unique, "one").digest == digest


def test_nobody_listens_is_told_at_once():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        began = time.monotonic()
        with Registry.connect(host) as client, pytest.raises(RegistryUnavailable) as caught:
            client.head("a/b", "c")
    assert time.monotonic() - began < 3
    refused = os.strerror(errno.ECONNREFUSED).lower()
    assert str(caught.value) == (
        f"looking at a/b:c: {host} does not answer ({refused}); is the name right, and is it running?"
    )


def test_a_name_that_does_not_exist_is_told():
    with (
        Registry.connect("registry.invalid", proxy="") as client,
        pytest.raises(
            RegistryUnavailable, match=r"registry\.invalid does not answer \(its name cannot be resolved"
        ),
    ):
        client.head("a/b", "c")


def test_somebody_else_than_a_registry_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            for _ in range(20):
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"220 mail.example ESMTP\r\n")

        threading.Thread(target=answer, daemon=True).start()
        host = f"127.0.0.1:{server.getsockname()[1]}"
        with (
            Registry.connect(host) as client,
            pytest.raises(RegistryError, match=f"{host} does not speak HTTP") as caught,
        ):
            client.get("a/b", "c")
        assert "\n" not in str(caught.value)
        server.shutdown(socket.SHUT_RDWR)


def test_closing_a_client_ends_its_waiting(faulty, unique):
    faulty.add(times=MANY, status=429, headers={"Retry-After": "100"})
    with Registry.connect(faulty.host) as client:
        raised = []

        def ask():
            try:
                client.get(unique, "one")
            except RegistryUnavailable as error:
                raised.append(error)

        waiting = threading.Thread(target=ask)
        waiting.start()
        while not faulty.seen:
            time.sleep(0.01)
    waiting.join(timeout=5)
    assert raised
