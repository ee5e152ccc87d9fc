import json
import os
import sys
import uuid

import pytest

from tracing_bootstrap import guard, settings
from tracing_bootstrap.recorder import resource

ID = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4


@pytest.fixture(autouse=True)
def strict(monkeypatch):
    monkeypatch.setattr(guard, "_errors", {})


def detect(environ=None, *, image="/nowhere", **facts):
    facts = {"environ": {}, "directory": "/app", **facts}
    return resource.detect(settings.read(environ or {}), image=str(image), **facts)


def test_the_process_the_host_and_we_are_described():
    found = detect(orig_argv=["python", "shop.py"])
    assert found["service.name"] == "shop"
    assert found["process.pid"] == os.getpid()
    assert found["process.runtime.name"] == "cpython"
    assert found["process.runtime.version"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")
    assert os.path.basename(found["process.executable.path"]) == found["process.executable.name"]
    assert found["os.type"] == "linux"
    assert found["host.name"] == os.uname().nodename
    assert found["telemetry.sdk.language"] == "python"
    assert found["telemetry.sdk.name"] != "opentelemetry"
    assert guard.errors() == {}


def test_the_commands_arguments_are_not_told():
    found = detect(orig_argv=["python", "shop.py", "--password", "hunter2"])
    assert "hunter2" not in json.dumps(found)


def test_a_name_that_was_set_beats_every_other(tmp_path):
    (tmp_path / "service-name").write_text("stamped\n")
    command = {"orig_argv": ["python", "run.py"], "image": tmp_path}
    attributes = {"OTEL_RESOURCE_ATTRIBUTES": "service.name=attribute"}
    assert detect(attributes | {"OTEL_SERVICE_NAME": "set"}, **command)["service.name"] == "set"
    assert detect(attributes, **command)["service.name"] == "attribute"
    assert detect(**command)["service.name"] == "stamped"
    (tmp_path / "service-name").write_text("\n")
    assert detect(**command)["service.name"] == "run"


def test_attributes_that_were_set_beat_what_is_detected():
    found = detect({"OTEL_RESOURCE_ATTRIBUTES": "host.name=mine,service.instance.id=7,team=a"})
    assert (found["host.name"], found["service.instance.id"], found["team"]) == ("mine", "7", "a")


def test_every_detection_draws_an_instance_id_of_its_own():
    one, other = (detect()["service.instance.id"] for _ in range(2))
    assert one != other
    parsed = uuid.UUID(one)
    assert (parsed.version, parsed.variant, str(parsed)) == (4, uuid.RFC_4122, one)


def test_the_base_image_is_the_distribution(tmp_path):
    (tmp_path / "base.json").write_text(json.dumps({"version": "1.2.3", "company": "acme"}))
    found = detect(image=tmp_path)
    assert (found["telemetry.distro.name"], found["telemetry.distro.version"]) == (
        "acme-python-service",
        "1.2.3",
    )


def test_facts_of_the_image_that_cannot_be_read_leave_our_own(tmp_path):
    (tmp_path / "base.json").write_text("{")
    assert detect(image=tmp_path)["telemetry.distro.name"] == "tracing-bootstrap"


def proc(folder, *, cgroup="", mountinfo=""):
    (folder / "cgroup").write_text(cgroup)
    (folder / "mountinfo").write_text(mountinfo)
    return str(folder)


@pytest.mark.parametrize(
    "cgroup",
    [
        f"9:name=systemd:/docker/{ID}\n8:pids:/docker/{ID}\n",
        f"0::/system.slice/docker-{ID}.scope\n",
        f"1:cpu:/kubepods/burstable/pod7b1c2c7e-aaaa-bbbb-cccc-1234567890ab/{ID}\n",
        f"0::/kubepods.slice/kubepods-pod7b.slice/cri-containerd-{ID}.scope\n",
        f"0::/../crio-{ID}.scope\n",
    ],
)
def test_a_container_is_found_by_its_cgroup(tmp_path, cgroup):
    assert resource.container_id(proc(tmp_path, cgroup=cgroup)) == ID


@pytest.mark.parametrize(
    "root",
    [
        f"/var/lib/docker/containers/{ID}/hostname",
        f"/data/docker/containers/{ID}/hostname",
        f"/storage/overlay-containers/{ID}/userdata/hostname",
    ],
)
def test_a_container_with_cgroups_of_its_own_is_found_by_its_mounts(tmp_path, root):
    mountinfo = f"21 92 254:0 /layer/{OTHER}/x / rw\n"
    mountinfo += f"22 91 254:0 {root} /etc/hostname rw,relatime - ext4 /dev/vda rw\n"
    assert resource.container_id(proc(tmp_path, cgroup="0::/\n", mountinfo=mountinfo)) == ID


@pytest.mark.parametrize(
    "mountinfo",
    [
        f"22 91 254:0 /io.containerd.grpc.v1.cri/sandboxes/{ID}/hostname /etc/hostname rw\n",
        f"22 91 254:0 /var/lib/docker/containers/{ID}/x /data rw\n",
        "garbage\n\n",
        "",
    ],
)
def test_a_wrong_container_is_worse_than_none(tmp_path, mountinfo):
    assert (
        resource.container_id(proc(tmp_path, cgroup="0::/\n1:cpu:/user.slice\n", mountinfo=mountinfo)) is None
    )


def test_without_proc_the_rest_is_still_told():
    found = detect(proc="/nowhere")
    assert "container.id" not in found
    assert found["process.executable.path"] == sys.executable


def test_a_part_that_fails_is_missing_and_counted(monkeypatch, capfd):
    monkeypatch.delenv("TRACING_BOOTSTRAP_STRICT", raising=False)

    def broken():
        raise OSError("no host")

    monkeypatch.setattr(resource, "_host", broken)
    found = detect()
    assert "host.name" not in found
    assert "process.pid" in found
    assert guard.errors() == {"a part of the resource could not be detected": 1}
