"""Services for tests: small ones, and how to talk to a running one."""

import dataclasses
import os
import time
import urllib.error
import urllib.request

READY_SECONDS = 60
# In the names of what a run makes: several runs may share an engine, and each removes its own.
RUN = os.getpid()
FIVE_LINES = """\
FROM company/python-service:latest
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["gunicorn", "app:app"]
"""
FLASK = {
    "requirements.txt": "flask==3.1.3\ngunicorn==27.0.1\n",
    "app.py": """
        import flask

        app = flask.Flask(__name__)

        @app.get("/")
        def hello():
            return "hello"
        """,
}


@dataclasses.dataclass(frozen=True)
class Ended:
    """What a container that ran to its end left behind."""

    code: int
    out: str
    err: str


class Service:
    """A service in a container: where it listens, and what it said."""

    def __init__(self, container, port):
        self.container = container
        host = container.get_container_host_ip()
        self.url = f"http://{host}:{container.get_exposed_port(port)}"

    @property
    def raw(self):
        return self.container.get_wrapped_container()

    def get(self, path="/", **headers):
        """Status and body."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()

    def logs(self):
        return b"".join(self.container.get_logs()).decode()

    def shell(self, command):
        """Standard output of a command in the running container."""
        code, out = self.raw.exec_run(["sh", "-c", command])
        assert code == 0, out.decode()
        return out.decode()

    def wait_until_ready(self, path="/"):
        """Until it answers anything at all; a container that ended, or a deadline, fails the test with its logs."""
        wait_for(lambda: self._answers(path), what="an answer", told=self.logs)

    def _answers(self, path):
        self.raw.reload()
        assert self.raw.status == "running", f"the container has ended:\n{self.logs()}"
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False
        return True


def wait_for(condition, *, what, told=lambda: "", seconds=READY_SECONDS):
    """Until the condition holds; asks ten times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}\n{told()}"
        time.sleep(0.1)
