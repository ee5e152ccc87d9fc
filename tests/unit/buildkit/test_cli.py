import subprocess
import sys
from pathlib import Path

import pytest

from buildkit.cli import VERBS, main

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")  # nobody listens there
    monkeypatch.setenv("CA_BUNDLE", "none")
    for name in ("COMPANY", "REGISTRY", "PYTHON", "COLLECTOR", "TAG", "UPSTREAM"):
        monkeypatch.delenv(name, raising=False)


def refused(capsys, *arguments):
    """Exit code and the one line on standard error."""
    code = main(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("buildkit: ")
    return code, err


def test_no_engine_is_one_line_that_says_what_to_do(capsys):
    code, line = refused(capsys, "build")
    assert code == 1
    assert "no Docker Engine answers" in line
    assert "make engine" in line


def test_a_socket_that_is_not_there_ends_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nonesuch.sock")
    done = subprocess.run(
        [sys.executable, "-m", "buildkit", "build"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("buildkit: no Docker Engine answers")
    assert done.stderr.count("\n") == 1


def test_the_engine_verb_fails_where_a_build_would(capsys):
    assert refused(capsys, "engine")[0] == 1


def test_a_missing_versions_file_is_one_line(capsys, tmp_path):
    code, line = refused(capsys, "build", "--versions", str(tmp_path / "nonesuch.toml"))
    assert (code, "No such file" in line) == (2, True)


def test_a_bad_versions_file_is_one_line(capsys, tmp_path):
    (tmp_path / "v.toml").write_text("[base\n")
    code, line = refused(capsys, "build", "--versions", str(tmp_path / "v.toml"))
    assert (code, "is not TOML" in line) == (2, True)


def test_an_unknown_python_is_told_before_the_engine_is_asked(capsys):
    code, line = refused(capsys, "build", "--python", "2.7")
    assert (code, 'no Python "2.7"' in line) == (2, True)


def test_a_missing_bundle_is_told_before_the_engine_is_asked(capsys):
    code, line = refused(capsys, "build", "--ca-bundle", "/nonesuch.pem")
    assert (code, "cannot read /nonesuch.pem" in line) == (2, True)


def test_a_bad_setting_in_the_environment_is_named(capsys, monkeypatch):
    monkeypatch.setenv("COLLECTOR", "collector:4318")
    code, line = refused(capsys, "build")
    assert (code, 'COLLECTOR="collector:4318"' in line) == (2, True)


def test_an_option_wins_over_the_environment(capsys, monkeypatch):
    monkeypatch.setenv("PYTHON", "2.7")
    assert refused(capsys, "build", "--python", "3.13")[0] == 1


@pytest.mark.parametrize("arguments", [(), ("nonesuch",), ("build", "--nonesuch")])
def test_misuse_ends_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_help_lists_every_verb():
    done = subprocess.run(
        [sys.executable, "-m", "buildkit", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(verb.name in done.stdout and verb.summary in done.stdout for verb in VERBS)


def test_every_verb_has_a_module_of_its_name():
    for verb in VERBS:
        done = subprocess.run(
            [sys.executable, "-m", "buildkit", verb.name, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert verb.summary in " ".join(done.stdout.split())


def test_a_verb_does_not_wait_for_the_others_imports():
    script = (
        "import sys; from buildkit.cli import main; main(['status', 'x@y']); print('docker' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
