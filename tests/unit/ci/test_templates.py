"""The templates in ci/: valid, pinned, thin, and with no more rights than they need."""

import re
import subprocess
import sys

import pytest

from tests.ci_templates import CI, github_jobs, github_steps, gitlab_steps, jenkins_steps, load

GITHUB = sorted(path.relative_to(CI) for path in CI.glob("github/*.yml"))
GITLAB = sorted(path.relative_to(CI) for path in CI.glob("gitlab/*.yml"))
JENKINS = sorted(path.relative_to(CI) for path in CI.glob("jenkins/**/*") if path.is_file())
# A step is one make target or one call of the tooling. What only hands a value on, or fetches, is named here.
THIN = re.compile(
    r"make (-C \S+ )?\w+"
    r"|(REGISTRY=\S+ )?\S*ci/login\.sh\"?"
    r"|[\w/\"$]*ci/buildkit\"? \w+( [^;&|]*)?"
    r"|echo \"matrix=\$\(cat matrix\.json\)\" >> \"\$GITHUB_OUTPUT\""
    r"|rm -rf \"\$PLACE(/\.git)?\""
    r"|git clone --quiet --depth 1 [^;&|]*"
    r"|if \[ \"\$CI_COMMIT_REF_NAME\" = \"\$CI_DEFAULT_BRANCH\" \]; then \S*ci/buildkit\" [^;&|]*; fi"
)


def commands():
    for path in GITHUB:
        for job in github_jobs(path):
            yield from ((path, command) for command, _ in github_steps(path, job))
    for path in GITLAB:
        jobs = (name for name, job in load(path).items() if isinstance(job, dict) and "script" in job)
        yield from ((path, command) for job in jobs for command in gitlab_steps(path, job))
    for path in JENKINS:
        yield from ((path, command) for command in jenkins_steps(path))


def test_there_are_templates_for_each_system():
    assert len(GITHUB) == 3
    assert len(GITLAB) == 2
    assert len(JENKINS) == 2
    assert len(list(commands())) > 25


@pytest.mark.parametrize(
    ("schema", "paths"),
    [(("vendor.github-workflows",), GITHUB), (("vendor.gitlab-ci", "--data-transform", "gitlab-ci"), GITLAB)],
    ids=["github", "gitlab"],
)
def test_they_are_valid_by_the_systems_own_schemas(schema, paths):
    checker = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema)
    done = subprocess.run(
        (*checker, *(str(CI / path) for path in paths)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("path", "command"), list(commands()))
def test_every_step_is_one_target_or_one_call(path, command):
    assert THIN.fullmatch(command), f"{path}: {command}"


@pytest.mark.parametrize("path", GITHUB, ids=str)
def test_foreign_actions_are_pinned_by_their_commit_and_say_their_version(path):
    lines = [line for line in (CI / path).read_text().splitlines() if re.search(r"- uses:", line)]
    assert lines
    for line in lines:
        assert re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", GITHUB, ids=str)
def test_a_workflow_may_read_the_repository_and_nothing_else(path):
    assert load(path)["permissions"] == {}
    for job in github_jobs(path).values():
        assert job["permissions"] == {"contents": "read"}
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", GITHUB, ids=str)
def test_no_value_becomes_part_of_a_program(path):
    for job in github_jobs(path):
        assert not [command for command, _ in github_steps(path, job) if "${{" in command]


@pytest.mark.parametrize("path", GITHUB, ids=str)
def test_only_the_login_gets_the_password(path):
    text = (CI / path).read_text()
    for job in github_jobs(path):
        for command, variables in github_steps(path, job):
            secret = any("secrets." in str(value) for value in variables.values())
            assert secret == command.endswith("ci/login.sh")
    assert text.count("secrets.REGISTRY_PASSWORD") == text.count("ci/login.sh")


def test_groovy_puts_nothing_into_a_command():
    for path in JENKINS:
        text = (CI / path).read_text()
        assert text.count("sh ") == len(re.findall(r"\bsh '", text)), path


def test_the_login_keeps_the_password_out_of_its_command_line(tmp_path):
    docker = tmp_path / "docker"
    docker.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/input\necho Login Succeeded\n'
    )
    docker.chmod(0o755)
    variables = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "REGISTRY_USER": "robot",
        "REGISTRY_PASSWORD": "secret",
        "IMAGE": "registry.acme.com:5000/team/shop",
    }
    done = subprocess.run([CI / "login.sh"], env=variables, capture_output=True, text=True, check=True)
    assert (
        tmp_path / "words"
    ).read_text() == "login --username robot --password-stdin registry.acme.com:5000\n"
    assert (tmp_path / "input").read_text() == "secret"
    assert "secret" not in done.stdout + done.stderr
    del variables["REGISTRY_PASSWORD"]
    assert subprocess.run([CI / "login.sh"], env=variables, capture_output=True, check=False).returncode
    assert not subprocess.run(
        [CI / "login.sh"], env={"PATH": variables["PATH"]}, capture_output=True, check=False
    ).returncode


def test_the_tooling_is_called_from_anywhere_and_a_folder_of_its_name_is_not_taken_for_it(tmp_path):
    (tmp_path / "buildkit").mkdir()
    (tmp_path / "buildkit" / "__main__.py").write_text("print('not ours')\n")
    done = subprocess.run(
        [CI / "buildkit", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "promote" in done.stdout
