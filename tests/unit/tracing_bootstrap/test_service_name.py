import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.recorder import service_name


def find(command="python /x/bin/gunicorn app:app", *, directory="/app", stamped=None, **environ):
    return service_name.find(
        environ, orig_argv=command.split(), argv=[], directory=str(directory), stamped=stamped
    )


def guess(orig_argv, *, argv):
    return service_name.find({}, orig_argv=orig_argv, argv=argv, directory="/app", stamped=None)[0]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python3 /opt/venv/bin/gunicorn shop:app", "shop"),
        ("python3 /opt/venv/bin/gunicorn -w 4 -k gthread -b 0.0.0.0:8000 shop.wsgi:app", "shop"),
        ("python3 /opt/venv/bin/gunicorn -c python:conf --bind unix:/run/s shop:create_app()", "shop"),
        ("python3 /opt/venv/bin/gunicorn --bind localhost:8000 shop:app --preload", "shop"),
        ("python3 /opt/venv/bin/gunicorn -c gunicorn.conf.py", "unknown_service:gunicorn"),
        ("/usr/bin/python3.13 -I -m gunicorn shop:app", "shop"),
        ("python -mgunicorn shop:app", "shop"),
        ("python -X dev -W error -um uvicorn --host 0.0.0.0 --factory shop.main:create", "shop"),
        ("python /x/bin/hypercorn shop:app", "shop"),
        ("python /x/bin/flask --app shop run --port 80", "shop"),
        ("python /x/bin/flask --app=src/shop.py run", "shop"),
        ("python -m flask -A shop:create_app('x') run", "shop"),
        ("python /x/bin/flask run", "unknown_service:flask"),
        ("python /x/bin/celery -A shop.tasks worker --concurrency 2", "shop"),
        ("python /x/bin/fastapi run shop.py", "shop"),
        ("uwsgi --http :8000 --module shop:app", "shop"),
        ("uwsgi --http :8000 --wsgi-file /srv/shop.py", "shop"),
        ("uwsgi --ini uwsgi.ini", "unknown_service:uwsgi"),
        ("python /srv/shop.py --port 80", "shop"),
        ("python -u shop.py", "shop"),
        ("python -W ignore shop.py", "shop"),
        ("python -Wignore --check-hash-based-pycs never -OO shop.py", "shop"),
        ("python manage.py runserver", "manage"),
        ("python /x/bin/gunicorn app:app", "app"),
        ("python /x/bin/gunicorn src.shop.wsgi:app", "shop"),
        ("python /x/bin/uvicorn app.main:app", "app"),
        ("python /x/bin/uvicorn app.shop.main:app", "shop"),
        ("python /x/bin/dramatiq -p 2 shop.tasks", "shop"),
        ("python /x/bin/arq shop.worker.WorkerSettings", "shop"),
        ("python /x/bin/sanic shop.server:app", "shop"),
        ("python /x/bin/rq worker --url redis://redis:6379 default", "unknown_service:rq"),
        ("python /x/bin/django-admin runserver", "unknown_service:django-admin"),
        ("python -m shop", "shop"),
        ("python -m shop.server --x", "shop"),
        ("python /srv/shop/__main__.py", "shop"),
        ("python -c pass", "unknown_service:python"),
        ("python -Ic pass", "unknown_service:python"),
        ("python -", "unknown_service:python"),
        ("python", "unknown_service:python"),
        ("", "unknown_service:python"),
    ],
)
def test_a_service_is_named_after_what_its_command_runs(command, name):
    assert guess(command.split(), argv=["-c"]) == name


def test_a_spawned_child_is_named_as_its_parent():
    orig_argv = [
        "python",
        "-c",
        "from multiprocessing.spawn import spawn_main; spawn_main()",
        "--multiprocessing-fork",
    ]
    assert guess(orig_argv, argv=["/opt/venv/bin/uvicorn", "shop:app", "--workers", "2"]) == "shop"


@given(st.lists(st.text()), st.lists(st.text()))
def test_no_command_whatsoever_raises_or_leaves_a_service_without_a_name(orig_argv, argv):
    assert guess(["python", *orig_argv], argv=argv)
    assert guess(["python", "gunicorn", *orig_argv], argv=argv)


def test_the_interpreter_reports_its_command_as_expected(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import sys\nfrom tracing_bootstrap.recorder import service_name\n"
        "found = service_name.find({}, orig_argv=sys.orig_argv, argv=sys.argv, directory='/', stamped=None)\n"
        "print(*found)"
    )
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "shop"],
        env={"PYTHONPATH": f"{tmp_path}:."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "shop the command\n"


def test_the_sources_are_asked_in_the_order_that_is_told(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "declared"\n')
    kubernetes = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "deployed-7d9f8b6c5d-x2x7k"}
    django = {"DJANGO_SETTINGS_MODULE": "config.site_of_shop.settings"}
    run = "python /x/bin/gunicorn shop:app"
    assert find(run, stamped="stamped", directory=tmp_path, **kubernetes, **django) == (
        "stamped",
        "the image",
    )
    assert find(run, directory=tmp_path, **kubernetes, **django) == ("deployed", "the platform")
    assert find(run, directory=tmp_path, **django) == ("shop", "the command")
    assert find(directory=tmp_path, **django) == ("site_of_shop", "DJANGO_SETTINGS_MODULE")
    assert find(directory=tmp_path, FLASK_APP="shop:create_app()") == ("shop", "FLASK_APP")
    assert find(directory=tmp_path, FLASK_APP="app.py") == ("declared", "the working directory")
    assert find(directory="/srv/shop") == ("shop", "the working directory")
    assert find(directory="/app") == ("app", "the command")
    assert find("python -c pass") == ("unknown_service:python", "nobody")


def test_no_web_service_is_called_unknown_service_and_nothing_more():
    for launcher in service_name._LAUNCHERS:
        assert find(f"python /x/bin/{launcher}")[0] != service_name.UNKNOWN
