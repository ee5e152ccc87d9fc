"""Where are this project's own files?"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "images" / "versions.toml"
SUPPORT = ROOT / "images" / "support.toml"
