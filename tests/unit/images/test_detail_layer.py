"""What the image's build writes down about the detail layer."""

import importlib.util
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from packaging import requirements

ROOT = Path(__file__).parents[3]
INSTALL = ROOT / "images" / "install" / "detail.py"


@pytest.fixture
def detail(monkeypatch):
    """The build's script, with the tests' copy of what it takes from pip."""
    monkeypatch.setitem(sys.modules, "pip._vendor.packaging.requirements", requirements)
    spec = importlib.util.spec_from_file_location("install_detail", INSTALL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(directory, name, *requires, entry=""):
    info = directory / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    lines = "".join(f"Requires-Dist: {one}\n" for one in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n{lines}")
    if entry:
        (info / "entry_points.txt").write_text(f"[opentelemetry_instrumentor]\n{entry}\n")


def test_ranges_are_those_of_the_extras(detail, tmp_path):
    install(tmp_path, "wrapt")
    install(
        tmp_path,
        "opentelemetry-instrumentation-shopdb",
        "wrapt<3",
        'shopdb~=3.25; extra == "instruments"',
        'shopdb-binary>=3.1.0,<4; extra == "instruments-any"',
        'pytest; extra == "test"',
        entry="shopdb = opentelemetry.instrumentation.shopdb:Instrumentor",
    )
    (line,) = detail.lines(tmp_path)
    assert line == (
        "shopdb opentelemetry.instrumentation.shopdb:Instrumentor shopdb>=3.25,<4 shopdb-binary>=3.1.0,<4"
    )


def test_what_no_process_imports_is_left_out_but_for_one_module(detail, tmp_path):
    for path in ("bin/x", "wrapt/__init__.py", "opentelemetry/semconv/_incubating/metrics/db_metrics.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(textwrap.dedent(path))
    (tmp_path / "opentelemetry/semconv/_incubating/metrics/other.py").write_text("")
    detail.prune(tmp_path)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["opentelemetry/semconv/_incubating/metrics/db_metrics.py", "wrapt/__init__.py"]


def test_contribs_packages_are_of_one_release_with_the_api():
    wheels = tomllib.loads((ROOT / "images" / "versions.toml").read_text())["wheel"]
    api = wheels["opentelemetry-api"]["version"].split(".")
    # 1.45.2 goes with 0.66b2: the conventions' package demands exactly that API.
    assert wheels["opentelemetry-semantic-conventions"]["version"] == f"0.{int(api[1]) + 21}b{api[2]}"
    contrib = {
        pin["version"].partition("b")[0]
        for name, pin in wheels.items()
        if name.startswith("opentelemetry-instrumentation")
    }
    assert contrib == {f"0.{int(api[1]) + 21}"}
