"""What do the templates in ci/ say: their steps, as a runner would take them out of the files."""

import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
CI = ROOT / "ci"


def load(path):
    """A YAML file's document."""
    return YAML(typ="safe", pure=True).load((CI / path).read_text())


def github_jobs(path):
    return load(path)["jobs"]


def github_steps(path, job):
    """A job's commands in order, those that `uses` name left out: (command, its own variables)."""
    steps = github_jobs(path)[job]["steps"]
    return [(step["run"], step.get("env") or {}) for step in steps if "run" in step]


def gitlab_steps(path, job):
    found = load(path)[job]
    return [*found.get("before_script", ()), *found["script"]]


def jenkins_steps(path):
    """The commands of every `sh` step; Groovy's single quotes, so that nothing is put into them."""
    return re.findall(r"\bsh '([^']+)'", (CI / path).read_text())
