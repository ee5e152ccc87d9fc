import json
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.config import AccessLogFormat, Config

CONF = Path(__file__).parents[3] / "images" / "rootfs" / "opt" / "tracing" / "gunicorn.conf.py"


@pytest.fixture
def load(monkeypatch):
    """The settings that gunicorn reads, for an environment; tracing is off unless a test says otherwise."""

    def load_with(**environment):
        for name in ("PORT", "WEB_CONCURRENCY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(CONF))

    return load_with


def cgroup(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"cpu.max": "350000 100000\n"}, 3.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.max": "garbage\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "50000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "0\n"}, None),
        ({}, None),
    ],
)
def test_the_cpu_limit_is_read_from_either_hierarchy(load, tmp_path, files, limit):
    assert load()["cpu_limit"](cgroup(tmp_path, files)) == limit


def test_there_are_at_least_two_workers(load):
    assert load()["workers"] >= 2


def test_web_concurrency_is_left_to_gunicorn(load):
    assert "workers" not in load(WEB_CONCURRENCY="7")


def test_the_port_comes_from_the_platform(load):
    assert load()["bind"] == "0.0.0.0:8000"
    assert load(PORT="9000")["bind"] == "0.0.0.0:9000"
    assert load(PORT="")["bind"] == "0.0.0.0:8000"


def test_logs_go_to_standard_output_with_the_ids_of_the_trace(load):
    settings = load()
    assert settings["accesslog"] == settings["errorlog"] == "-"
    assert "%(trace_id)s" in settings["access_log_format"]
    assert "%(span_id)s" in settings["access_log_format"]


@pytest.mark.parametrize("own", [None, "%a %t"])
def test_aiohttp_s_worker_gets_a_format_that_it_takes_and_a_service_s_own_is_left_alone(load, own):
    settings = load()
    config = Config()
    config.set("access_log_format", own or settings["access_log_format"])
    worker = SimpleNamespace(cfg=config, DEFAULT_GUNICORN_LOG_FORMAT=AccessLogFormat.default)
    settings["post_worker_init"](worker)
    assert config.access_log_format == (own or AccessLogFormat.default)


def test_other_workers_keep_the_format_with_the_ids(load):
    settings = load()
    config = Config()
    config.set("access_log_format", settings["access_log_format"])
    settings["post_worker_init"](SimpleNamespace(cfg=config))
    assert "%(trace_id)s" in config.access_log_format


def test_switched_off_there_are_no_hooks(load):
    assert "post_fork" not in load()


def test_every_setting_is_one_that_gunicorn_knows_and_accepts_the_hooks_included():
    code = """
import json, runpy, sys
from gunicorn.config import Config
config = Config()
found = runpy.run_path(sys.argv[1])
known = [name for name in found if name in config.settings]
for name in known:
    config.set(name, found[name])
print(json.dumps(known))
"""
    # In a process of its own: the module that the hooks come from arms the process that imports it.
    done = subprocess.run(
        [sys.executable, "-c", code, str(CONF)],
        cwd=CONF.parents[4],
        capture_output=True,
        text=True,
        check=True,
    )
    known = set(json.loads(done.stdout))
    assert known >= {
        "access_log_format",
        "accesslog",
        "bind",
        "control_socket_disable",
        "errorlog",
        "post_fork",
        "worker_exit",
        "worker_tmp_dir",
        "workers",
    }
