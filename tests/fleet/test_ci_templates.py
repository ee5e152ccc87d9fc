"""The templates' steps, run as a runner runs them, against a real registry and engine: a template that lies fails."""

import json
import os
import re
import subprocess

import pytest

from buildkit.decisions import naming
from buildkit.edges.registry import Registry
from tests.ci_templates import CI, ROOT, github_jobs, github_steps, gitlab_steps, jenkins_steps, load
from tests.fleet import bases
from tests.fleet.demo_fleet import NEW, OLD, DemoFleet

DOCKERFILE = 'FROM company/python-service:latest\nCOPY . .\nCMD ["python", "shop.py"]\n'
SHOP = """\
from wsgiref.simple_server import make_server


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


make_server("0.0.0.0", 8000, app).serve_forever()
"""


@pytest.fixture(scope="module")
def registry(registry_host):
    with Registry.connect(registry_host) as registry:
        yield registry


@pytest.fixture(scope="module")
def base(engine, settings, registry):
    return bases.push(engine, registry, naming.tags(settings, version="unused")[-1])


class Runner:
    """A CI system's machine: a directory, variables, and a shell that stops at the first failure."""

    def __init__(self, place, *, variables):
        self.place = place
        # A runner has its own docker configuration; the password must not come from this machine's.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY")}
        self.variables = {**kept, **variables}
        self.said = ""

    def run(self, command, **variables):
        """Run a step; its output is kept, and its failure is ours."""
        done = subprocess.run(
            ("bash", "-eo", "pipefail", "-c", command),
            cwd=self.place,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        self.said += done.stdout + done.stderr
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def service(place):
    """A service's repository."""
    place.mkdir(parents=True)
    (place / "Dockerfile").write_text(DOCKERFILE)
    (place / "shop.py").write_text(SHOP)


def expressions(variables, *, inputs):
    """GitHub's expressions in variables, replaced as its runner does."""
    values = {f"inputs.{name}": value for name, value in inputs.items()}
    return {
        name: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values.get(match[1], ""), value)
        for name, value in variables.items()
    }


def promoted(registry, repository, tag):
    """The digest that a tag stands for; its image stands on the base and says the service's name."""
    found = registry.head(repository, tag)
    assert found is not None, f"{repository}:{tag} was not promoted"
    config = registry.config(repository, registry.get(repository, found.digest))
    assert config.document["history"][-1]["created_by"] == "buildkit: the service's name"
    return found.digest


def test_githubs_reusable_workflow_builds_verifies_and_tags(registry, base, unique, tmp_path):
    service(tmp_path / "service")
    (tmp_path / "tooling").symlink_to(ROOT)
    given = {
        name: str(each.get("default", ""))
        for name, each in load("github/service.yml")["on"]["workflow_call"]["inputs"].items()
    }
    inputs = {**given, "image": f"{registry.host}/{unique}", "registry": registry.host, "tag": "main"}
    job = github_jobs("github/service.yml")["service"]
    runner = Runner(tmp_path, variables=expressions(job["env"], inputs=inputs))
    steps = github_steps("github/service.yml", "service")
    for command, variables in steps[:-1]:
        runner.run(command, **expressions(variables, inputs=inputs))
    assert registry.head(unique, "main") is None
    runner.run(steps[-1][0])
    assert promoted(registry, unique, "main")


def test_gitlabs_template_builds_verifies_and_tags(registry, base, unique, tmp_path):
    project = tmp_path / "shop"
    service(project)
    (tmp_path / "home").mkdir()
    variables = {
        "CI_PROJECT_DIR": str(project),
        "CI_REGISTRY_IMAGE": f"{registry.host}/{unique}",
        "CI_REGISTRY": registry.host,
        "CI_COMMIT_REF_NAME": "main",
        "CI_DEFAULT_BRANCH": "main",
        "PLACE": f"{project}.tooling",
        "REGISTRY": registry.host,
    }
    named = {**load("gitlab/service.yml")["variables"], "IMAGE": variables["CI_REGISTRY_IMAGE"]}
    runner = Runner(project, variables={**variables, **named})
    for command in gitlab_steps("gitlab/service.yml", "service"):
        if command.startswith("git clone"):
            # The company's GitLab is not here: what it would give lies there already.
            runner.run(
                'mkdir "$PLACE" && cp -R "$ROOT"/Makefile "$ROOT"/requirements.lock "$ROOT"/buildkit "$ROOT"/images '
                '"$ROOT"/ci "$PLACE" && ln -s "$(readlink -f "$ROOT/.venv")" "$PLACE/.venv"',
                ROOT=str(ROOT),
            )
        else:
            runner.run(command)
    assert promoted(registry, unique, "latest")


def test_jenkins_step_builds_verifies_and_tags(registry, base, unique, tmp_path):
    service(tmp_path / "service")
    (tmp_path / "tooling").symlink_to(ROOT)
    variables = {
        "IMAGE": f"{registry.host}/{unique}",
        "TAG": "main",
        "SOURCE": ".",
        "PROBE": "/",
        "REGISTRY": registry.host,
    }
    text = (CI / "jenkins/vars/tracedService.groovy").read_text()
    assert set(re.findall(r'^ *"([A-Z]+)=', text, re.MULTILINE)) == set(variables)
    runner = Runner(tmp_path, variables=variables)
    for command in jenkins_steps("jenkins/vars/tracedService.groovy"):
        runner.run(command)
    assert promoted(registry, unique, "main")


@pytest.fixture
def checkout(tmp_path):
    """A checkout of the base's repository, as its own pipelines have it."""
    place = tmp_path / "base"
    place.mkdir()
    for name in (
        "Makefile",
        "buildkit",
        "ci",
        "images",
        "tracing_bootstrap",
        "Dockerfile",
        ".venv",
        "CHANGELOG.md",
    ):
        (place / name).symlink_to(ROOT / name)
    return place


@pytest.fixture
def fleet(engine, settings, registry, unique, checkout):
    """Two services on an older base, and one that needs its source."""
    demo = DemoFleet(engine, settings, registry=registry, directory=checkout, prefix=unique)
    below = naming.repository(settings) + ":latest"
    old, _ = (demo._release(number, below=below) for number in (OLD, NEW))
    for name in ("shop", "stock"):
        demo._service(name, base=old)
    demo._service("moved", base=demo._foreign(), command=["python3", "served.py"])
    demo._source("moved", base="company/python-service:latest")
    services = "".join(
        f'[service.{name}]\nimage = "{unique}/{name}"\n' for name in ("shop", "stock", "moved")
    )
    text = f'registry = "{registry.host}"\nbase = "{unique}/python-service"\n{services}source = "moved"\n'
    (checkout / "fleet.toml").write_text(text)
    yield {name: registry.head(f"{unique}/{name}", "latest").digest for name in ("shop", "stock", "moved")}
    demo.clean()


def test_githubs_nightly_rollout_fans_out_and_tags_move_in_its_last_job(
    registry, fleet, unique, checkout, tmp_path
):
    def now():
        return {name: registry.head(f"{unique}/{name}", "latest").digest for name in fleet}

    path = "github/rollout.yml"
    variables = {
        "FLEET": load(path)["env"]["FLEET"],
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    runner = Runner(checkout, variables=variables)
    for command, _ in github_steps(path, "plan"):
        runner.run(command)
    name, _, value = (tmp_path / "output").read_text().partition("=")
    assert name == "matrix"
    jobs = json.loads(value)["include"]
    assert {(job["services"], job["action"]) for job in jobs} == {
        ("shop", "rebase"),
        ("stock", "rebase"),
        ("moved", "rebuild"),
    }
    for job in jobs:
        for command, _ in github_steps(path, "service"):
            runner.run(command, SERVICES=job["services"])
    assert now() == fleet
    for command, _ in github_steps(path, "collect"):
        runner.run(command)
    assert all(now()[name] != fleet[name] for name in fleet)
    report = json.loads((checkout / "report.json").read_text())
    assert {service["outcome"] for service in report["services"]} == {"moved"}
    # The two other systems do it in one job; there is nothing left to do for them.
    for command in (*gitlab_steps("gitlab/base.yml", "rollout"), jenkins_steps("jenkins/Jenkinsfile")[-1]):
        runner.run(command)
    assert "3 current" in runner.said
