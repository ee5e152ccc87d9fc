import dataclasses
import json
import re
import time
from pathlib import Path

import pytest

from buildkit.decisions import versions_file
from buildkit.edges import upstream
from buildkit.verbs import build
from tests.image.services import RUN


def output(ended):
    assert ended.code == 0, ended
    return ended.out.strip()


def test_the_container_runs_as_a_numbered_user_with_a_home_of_its_own(run, any_layout):
    script = "id -u; id -un; echo $HOME; touch $HOME/x /app/x && echo writable; pwd"
    assert output(run(any_layout, "sh", "-c", script)).split() == [
        "10001",
        "app",
        "/home/app",
        "writable",
        "/app",
    ]


def test_kubernetes_can_see_that_the_user_is_not_root(engine, any_layout):
    assert engine.client.images.get(any_layout).attrs["Config"]["User"] == "10001"


@pytest.mark.parametrize("user", ["12345", "1000620000:0"])
def test_a_random_uid_can_run_python_and_write_its_home(run, any_layout, user):
    script = (
        "touch $HOME/x /app/x && python -c 'import tracing_bootstrap, pathlib; print(pathlib.Path.home())'"
    )
    ended = run(any_layout, "sh", "-c", script, user=user)
    assert (output(ended), ended.err) == ("/home/app", "")


def test_python_and_pip_are_those_of_the_venv_which_is_empty(run, any_layout):
    script = "command -v python; command -v pip; pip freeze; ls $VIRTUAL_ENV/lib/python3*/site-packages"
    found = output(run(any_layout, "sh", "-c", script)).split()
    assert found[:2] == ["/opt/venv/bin/python", "/opt/venv/bin/pip"]
    assert [name.partition("-")[0] for name in found[2:]] == ["pip", "pip", "tracing.pth"]


def test_the_tracing_layer_belongs_to_root_and_nobody_can_write_to_it(run, any_layout):
    script = "find /opt/tracing '(' -perm /222 -o ! -user root ')' ! -type l; touch /opt/tracing/x"
    ended = run(any_layout, "sh", "-c", script)
    assert ended.out == ""
    assert "Permission denied" in ended.err


def test_a_service_could_not_change_it_as_a_random_member_of_group_zero_either(run, any_layout):
    ended = run(any_layout, "sh", "-c", "touch /opt/tracing/tracing_bootstrap/x", user="12345:0")
    assert "Permission denied" in ended.err


@pytest.mark.parametrize("flag", ["", "-I", "-E", "-s", "-O", "-P"])
def test_the_runtime_is_there_in_any_mode_of_the_interpreter(run, any_layout, flag):
    command = [
        "python",
        *([flag] if flag else []),
        "-c",
        "import sys; print('tracing_bootstrap' in sys.modules)",
    ]
    assert output(run(any_layout, *command)) == "True"


def test_the_runtime_is_there_in_a_venv_that_the_service_makes(run, any_layout):
    script = (
        "python3 -m venv --without-pip /tmp/v && cd / && PYTHONPATH=/nonesuch "
        "/tmp/v/bin/python -c 'import sys; print(sys.prefix, \"tracing_bootstrap\" in sys.modules)'"
    )
    assert output(run(any_layout, "sh", "-c", script)) == "/tmp/v True"


def test_switched_off_nothing_of_it_is_imported(run, any_layout):
    code = "import sys; print([name for name in sys.modules if name.startswith('tracing_bootstrap')])"
    assert output(run(any_layout, "python", "-c", code, environment={"OTEL_SDK_DISABLED": "true"})) == "[]"


def test_the_path_is_what_it_would_be_without_us(run, any_layout):
    code = "import sys; print([p for p in sys.path if 'tracing' in p])"
    assert output(run(any_layout, "python", "-c", code)) == "[]"


def test_the_modules_are_compiled_once_and_never_compared_with_their_sources(run, any_layout):
    code = (
        "import glob, tracing_bootstrap;"
        "files = glob.glob('/opt/tracing/**/*.pyc', recursive=True);"
        "flags = {int.from_bytes(open(f, 'rb').read(8)[4:], 'little') for f in files};"
        "print(len(files) > 20, flags)"  # PEP 552: 1 is a hash that is not checked
    )
    assert output(run(any_layout, "python", "-c", code)) == "True {1}"


def test_an_older_sitecustomize_is_kept_and_still_diverted_from_the_packages_file(run, base_image):
    script = (
        "cd $(python -c 'import sysconfig; print(sysconfig.get_path(\"stdlib\"))'); "
        "ls _shadowed_sitecustomize.py sitecustomize.py; dpkg-divert --list '*sitecustomize*'"
    )
    ended = run(base_image, "sh", "-c", script)
    if "/usr/local/lib" in output(run(base_image, "python", "-c", "import os; print(os.__file__)")):
        pytest.skip("the official upstream has no sitecustomize: nothing is shadowed")
    assert ended.out.splitlines()[:2] == ["_shadowed_sitecustomize.py", "sitecustomize.py"]
    assert "_shadowed_sitecustomize.py" in ended.out.splitlines()[2]


ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def test_labels_and_the_images_own_facts_say_the_same(engine, run, any_layout, settings, versions):
    facts = json.loads(output(run(any_layout, "cat", "/opt/tracing/base.json")))
    prefix = f"com.{settings.company}.base."
    labels = engine.client.images.get(any_layout).labels
    said = {key.removeprefix(prefix): value for key, value in labels.items()}
    paths, names = said.pop("paths").split(), said.pop("env").split()
    assert said.pop("revision") == "0"  # it was built, not released
    assert said == {key: str(value) for key, value in facts.items() if key != "company"}
    output(run(any_layout, "ls", "-d", *paths, said["interpreter"]))
    assert sorted(engine.client.images.get(any_layout).attrs["Config"]["Env"]) == sorted(
        f"{name}={value}"
        for name, value in json.loads(output(run(any_layout, "python", "-c", ENVIRONMENT))).items()
        if name in names
    )
    assert facts["version"] == versions.base
    assert facts["python"] == versions_file.choose(versions, python=settings.python).python
    assert re.fullmatch(r"cpython-3\d+-\S+", facts["soabi"])
    assert facts["libc"].startswith("glibc-2.")


def test_the_collector_of_the_build_is_the_services_default(run, base_image, settings):
    defaults = output(run(base_image, "cat", "/opt/tracing/defaults.env"))
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={settings.collector}" in defaults.splitlines()


def test_only_what_docker_must_know_stands_in_the_environment(engine, base_image):
    config = engine.client.images.get(base_image).attrs["Config"]
    names = {line.partition("=")[0] for line in config["Env"]}
    assert names <= {"PATH", "VIRTUAL_ENV", "HOME", "PORT", "PYTHONUNBUFFERED", "LANG"} | {
        "PYTHON_VERSION",  # the official upstream's own
        "PYTHON_SHA256",
        "GPG_KEY",
    }
    assert config["StopSignal"] == "SIGTERM"
    assert list(config["ExposedPorts"]) == ["8000/tcp"]
    assert config["Entrypoint"] == ["/usr/bin/tini", "-g", "--"]
    assert config["Cmd"] == ["gunicorn", "app:app"]
    assert config["WorkingDir"] == "/app"


def test_neither_the_bundle_nor_an_empty_mount_point_stays(engine, run, base_image, settings, versions):
    found = output(
        run(
            base_image,
            "sh",
            "-c",
            "find /run/secrets /dev/build -mindepth 1 2>/dev/null; sha256sum "
            "/etc/ssl/certs/ca-certificates.crt; ls /usr/local/share/ca-certificates",
        )
    )
    below = naming_of_upstream(engine, settings, versions)
    stock = engine.output(below, ["sha256sum", "/etc/ssl/certs/ca-certificates.crt"]).strip()
    assert found == stock


def naming_of_upstream(engine, settings, versions):
    row = versions_file.choose(versions, python=settings.python)
    return upstream.resolve(engine, row, versions=versions, company=settings.company)


def test_building_again_without_a_change_is_quick_and_gives_the_same_image(
    engine, base_image, settings, versions
):
    row = versions_file.choose(versions, python=settings.python)
    build.build(engine, settings, row=row, versions=versions)
    before = engine.image_id(base_image)
    started = time.monotonic()
    build.build(engine, settings, row=row, versions=versions)
    assert time.monotonic() - started < 10
    assert engine.image_id(base_image) == before


def test_certificates_get_into_the_trust_store_only_when_asked_for(  # noqa: PLR0917 (fixtures)
    engine, run, base_image, settings, versions, tmp_path
):
    request = "openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -days 2 -subj /CN=test 2>/dev/null"
    pem = engine.output(base_image, ["sh", "-c", request])
    bundle = tmp_path / "ca.pem"
    bundle.write_text(pem)
    row = versions_file.choose(versions, python=settings.python)
    chosen = dataclasses.replace(settings, ca_bundle=bundle, trust_ca=True, tag=f"test-trust-ca-{RUN}")
    (name,) = build.build(engine, chosen, row=row, versions=versions)
    try:
        store = output(run(name, "cat", "/etc/ssl/certs/ca-certificates.crt"))
        assert pem.strip() in store
        assert engine.client.images.get(name).labels[f"com.{settings.company}.base.trusts-ca"] == "true"
    finally:
        engine.client.images.remove(name, force=True)
    assert pem.strip() not in output(run(base_image, "cat", "/etc/ssl/certs/ca-certificates.crt"))


def test_another_company_is_a_setting_not_an_edit(engine, settings, versions, run):
    row = versions_file.choose(versions, python=settings.python)
    acme = dataclasses.replace(
        settings,
        company="acme",
        registry="registry.example:5000",
        tag=f"test-{RUN}",
        collector="http://traces:4318",
    )
    (name,) = build.build(engine, acme, row=row, versions=versions)
    try:
        assert name == f"registry.example:5000/acme/python-service:test-{RUN}"
        assert "com.acme.base.version" in engine.client.images.get(name).labels
        assert "=http://traces:4318" in output(run(name, "cat", "/opt/tracing/defaults.env"))
    finally:
        engine.client.images.remove(name, force=True)


def test_the_context_of_the_build_holds_nothing_but_the_image():
    lines = (Path(build.ROOT) / ".dockerignore").read_text().splitlines()
    assert "**" in lines
