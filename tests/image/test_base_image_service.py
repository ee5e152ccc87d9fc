"""A service of five lines on the base image: does it start, serve, log and stop as it should?"""

import re
import time

import pytest

from tests.image.services import FLASK, wait_for


def workers(service):
    return len(re.findall("Booting worker", service.logs()))


def test_it_serves_and_its_logs_hold_no_warning(start, flask_image):
    service = start(flask_image)
    assert service.get("/") == (200, "hello")
    assert not re.search(r"WARN|ERROR|Traceback|tracing:", service.logs())


def test_it_serves_on_the_other_layout_too(start, build_service, usrlocal_image):
    service = start(build_service(FLASK, base=usrlocal_image))
    assert service.get("/") == (200, "hello")


def test_its_packages_are_in_the_venv_and_nothing_of_the_build_stays(run, flask_image):
    ended = run(flask_image, "sh", "-c", "pip freeze; env; ls -A /home/app /run/secrets")
    assert "Flask==3.1.3" in ended.out
    assert not re.search("CERT|BUNDLE|CA_|ca_bundle|\\.cache", ended.out)


def test_tini_is_the_first_process_and_the_service_its_only_child(start, flask_image):
    service = start(flask_image)
    assert (
        service.shell(
            "cat /proc/1/comm; ps -o comm= --ppid 1 2>/dev/null || cat /proc/[0-9]*/comm | head -2"
        ).split()[0]
        == "tini"
    )


def test_it_works_on_a_read_only_file_system_with_a_random_uid(start, flask_image):
    service = start(flask_image, read_only=True, user="54321")
    assert service.get("/") == (200, "hello")
    assert not re.search(r"WARN|ERROR|Traceback|tracing:", service.logs())


def test_without_a_cpu_limit_there_are_two_workers(start, flask_image):
    service = start(flask_image)
    wait_for(lambda: workers(service) == 2, what="two workers", told=service.logs)


def test_the_cpu_limit_of_the_container_sets_the_number_of_workers(start, flask_image):
    service = start(flask_image, cpu_period=100_000, cpu_quota=200_000, environment={"TZ": "UTC"})
    assert (
        service.shell(
            "python - <<'E'\nimport runpy; print(runpy.run_path('/opt/tracing/gunicorn.conf.py')['cpu_limit']())\nE"
        ).strip()
        == "2.0"
    )


def test_web_concurrency_wins(start, flask_image):
    service = start(flask_image, environment={"WEB_CONCURRENCY": "3"})
    wait_for(lambda: workers(service) == 3, what="three workers", told=service.logs)


def test_the_port_of_the_platform_is_used(start, flask_image):
    assert start(flask_image, environment={"PORT": "9000"}, port=9000).get("/")[0] == 200


def test_heartbeats_are_in_memory_and_there_is_no_control_socket(start, flask_image):
    service = start(flask_image)
    assert "/dev/shm/wgunicorn-" in service.shell("ls -l /proc/[0-9]*/fd 2>/dev/null; true")
    assert "gunicorn.ctl" not in service.shell("cat /proc/net/unix")


def test_a_log_line_carries_the_ids_of_the_callers_trace(start, flask_image):
    service = start(flask_image)
    service.get("/", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    wait_for(
        lambda: "trace_id=0af7651916cd43dd8448eb211c80319c span_id=" in service.logs(),
        what="the access log",
        told=service.logs,
    )


def test_the_services_own_settings_win(start, build_service):
    image = build_service({**FLASK, "gunicorn.conf.py": "workers = 1\naccesslog = None\n"})
    service = start(image)
    service.get("/")
    assert workers(service) == 1
    assert "GET /" not in service.logs()


@pytest.mark.parametrize("disabled", ["", "true"])
def test_sigterm_stops_it_at_once_with_code_zero(start, flask_image, disabled):
    service = start(flask_image, environment={"OTEL_SDK_DISABLED": disabled})
    started = time.monotonic()
    service.raw.stop(timeout=10)
    service.raw.reload()
    assert service.raw.attrs["State"]["ExitCode"] == 0
    assert time.monotonic() - started < 5


def test_switched_off_it_keeps_the_images_settings(start, flask_image):
    service = start(flask_image, environment={"OTEL_SDK_DISABLED": "true"})
    assert service.get("/") == (200, "hello")
    wait_for(lambda: workers(service) == 2, what="two workers", told=service.logs)
    wait_for(lambda: "GET / HTTP" in service.logs(), what="the access log", told=service.logs)
    assert "gunicorn.ctl" not in service.shell("cat /proc/net/unix")
    assert "trace_id=- span_id=-" in service.logs()


def test_switched_off_a_service_with_a_config_of_its_own_is_reachable(start, build_service):
    image = build_service({**FLASK, "gunicorn.conf.py": "workers = 1\n"})
    service = start(image, environment={"OTEL_SDK_DISABLED": "true"})
    assert service.get("/") == (200, "hello")
    assert workers(service) == 1
