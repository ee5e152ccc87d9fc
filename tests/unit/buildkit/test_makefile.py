import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_help_lists_at_most_a_dozen_targets_and_every_setting():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = re.findall(r"^  make (\S+) +\S", done.stdout, re.MULTILINE)
    assert set(targets) >= {
        "help",
        "engine",
        "build",
        "verify-tracing",
        "check",
        "test",
        "bench",
        "bench-fleet",
        "clean",
        "lock",
    }
    assert len(targets) <= 12
    for setting in ("COMPANY", "REGISTRY", "PYTHON", "COLLECTOR", "CA_BUNDLE", "IMAGE"):
        assert setting in done.stdout


def test_the_dockerfile_stays_within_what_the_oldest_engine_knows():
    text = (ROOT / "Dockerfile").read_text()
    instructions = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert "--link" not in instructions
    assert "<<" not in instructions
    assert not re.search(r"^#\s*syntax", text, re.MULTILINE)
