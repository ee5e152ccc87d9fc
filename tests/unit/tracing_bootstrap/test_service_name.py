import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing_bootstrap.recorder import service_name


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
    assert service_name.guess(command.split(), argv=["-c"]) == name


def test_a_spawned_child_is_named_as_its_parent():
    orig_argv = [
        "python",
        "-c",
        "from multiprocessing.spawn import spawn_main; spawn_main()",
        "--multiprocessing-fork",
    ]
    assert (
        service_name.guess(orig_argv, argv=["/opt/venv/bin/uvicorn", "shop:app", "--workers", "2"]) == "shop"
    )


@given(st.lists(st.text()), st.lists(st.text()))
def test_no_command_whatsoever_raises_or_leaves_a_service_without_a_name(orig_argv, argv):
    assert service_name.guess(["python", *orig_argv], argv=argv)
    assert service_name.guess(["python", "gunicorn", *orig_argv], argv=argv)


def test_the_interpreter_reports_its_command_as_expected(tmp_path):
    (tmp_path / "shop.py").write_text(
        "import sys\nfrom tracing_bootstrap.recorder import service_name\n"
        "print(service_name.guess(sys.orig_argv, argv=sys.argv))"
    )
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "shop"],
        env={"PYTHONPATH": f"{tmp_path}:."},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "shop\n"
