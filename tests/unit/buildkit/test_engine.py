import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from docker.errors import APIError

from buildkit.edges import upstream
from buildkit.edges.engine import Engine, told
from buildkit.values.errors import CommandFailed, NoEngine, OutOfDisk


@pytest.fixture
def fake_engine(monkeypatch):
    """An engine that answers each path with what a test gives; a callable is called first."""
    answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("/v1.")[2].partition("/")[2] or self.path.lstrip("/")
            status, body = answers.get(path, (404, {"message": f"no {path}"}))
            if callable(body):
                body = body()
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):  # the client gave up, as one test wants
                self.wfile.write(raw)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
    answers["version"] = (200, {"ApiVersion": "1.41", "Version": "20.10.24"})
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def engine(fake_engine):
    engine = Engine.connect()
    yield engine
    engine.close()


def test_an_engine_that_is_too_old_is_refused(fake_engine):
    fake_engine["version"] = (200, {"ApiVersion": "1.40", "Version": "19.03"})
    with pytest.raises(NoEngine, match=r"API 1.40, too old; 20.10 or newer is needed"):
        Engine.connect()


def test_an_engine_on_another_machine_has_no_packet_size_of_ours(engine):
    assert not engine.is_local
    assert engine.mtu is None
    assert engine.network_options() == {}


def test_a_missing_bridge_is_none_rather_than_an_error(engine):
    assert engine.bridge_mtu is None


def test_a_bridge_that_says_nothing_has_the_usual_size(engine, fake_engine):
    fake_engine["networks/bridge"] = (200, {"Id": "x", "Options": {}})
    assert engine.bridge_mtu == 1500


def test_an_image_that_is_not_there_does_not_exist(engine, fake_engine):
    fake_engine["images/here/json"] = (200, {"Id": "sha256:ab"})
    assert engine.image_id("here") == "sha256:ab"
    assert not engine.image_exists("elsewhere")


def test_a_registry_that_the_engine_cannot_reach_has_nothing(fake_engine):
    fake_engine["distribution/python:3.13/json"] = (500, {"message": "dial tcp: no such host"})
    assert not upstream._registry_has("python:3.13")


def test_a_registry_that_never_answers_is_given_up_after_its_time(fake_engine, monkeypatch):
    monkeypatch.setattr(upstream, "REGISTRY_SECONDS", 0.2)
    released = threading.Event()
    fake_engine["distribution/python:3.13/json"] = (200, lambda: released.wait(5) or {})
    assert not upstream._registry_has("python:3.13")
    released.set()


def test_a_registry_that_answers_has_the_image(fake_engine):
    fake_engine["distribution/python:3.13/json"] = (
        200,
        {"Descriptor": {"digest": "sha256:ab"}, "Platforms": []},
    )
    assert upstream._registry_has("python:3.13")


def test_a_full_disk_in_the_engine_is_told_as_such():
    assert isinstance(
        told(APIError("x", explanation="write /v: no space left on device"), what="x"), OutOfDisk
    )
    error = told(APIError("x", explanation="no such thing\nmore"), what="importing y")
    assert isinstance(error, CommandFailed)
    assert str(error) == "importing y failed: no such thing"
