"""How is one service started, looked into, stopped and removed?"""

from __future__ import annotations

import io
import json
import tarfile
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, NotFound
from requests.exceptions import RequestException

from buildkit.decisions import inside
from buildkit.decisions.checks.ending import GRACE
from buildkit.values.service import Inside, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from docker.models.containers import Container

    from buildkit.values.service import ServiceImage

FACTS = "/opt/tracing/base.json"
_LOG_LINES = 20_000
_DOCTOR = ["python", "-m", "tracing_bootstrap", "--json"]


class RunningService:
    """A service's container, and a thread that knows at once when it ends.

    Args:
        container: created, not started.
        image: what it runs.
        direct: whether this machine reaches the container's own address.
        on_end: called when the container has ended, so that who waits for its spans stops waiting.
    """

    def __init__(
        self, container: Container, *, image: ServiceImage, direct: bool, on_end: Callable[[], None]
    ) -> None:
        self.image = image
        self.died = threading.Event()
        self.exit_code: int | None = None
        self._container = container
        self._direct = direct
        self._on_end = on_end
        self._address = ""

    def facts(self) -> Mapping[str, Any] | None:
        """The base's base.json in this image, or None; the container need not run for it."""
        try:
            chunks, _ = self._container.get_archive(FACTS)
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
                member = archive.extractfile(archive.next() or FACTS)
                found = json.loads(member.read()) if member else None
        except (NotFound, KeyError, ValueError, tarfile.TarError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, path: str, content: bytes) -> None:
        """Put a file that everybody may read into it, before it starts."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = len(content), 0o444
            archive.addfile(member, io.BytesIO(content))
        self._container.put_archive("/", packed.getvalue())

    def start(self) -> None:
        """Start it; an engine that cannot even run its command counts as an end with Docker's exit code."""
        try:
            self._container.start()
        except APIError as error:
            self._start_error = str(error.explanation or error)
            self.exit_code = (
                127 if "not found" in self._start_error or "no such file" in self._start_error else 126
            )
            self.died.set()
            return
        threading.Thread(target=self._watch, daemon=True).start()

    _start_error = ""

    def doors(self, ports: Sequence[int]) -> tuple[tuple[str, int, int], ...]:
        """Host and port under which this machine reaches each of the container's ports, and that port."""
        if self._direct:
            return tuple((self.address, port, port) for port in ports) if self.address else ()
        self._container.reload()
        published = self._container.ports or {}
        return tuple(
            ("127.0.0.1", int(binding["HostPort"]), port)
            for port in ports
            for binding in published.get(f"{port}/tcp") or ()
        )

    def look_inside(self) -> Inside:
        """Processes, listeners and the doctor's word; whatever cannot be had stays empty."""
        output = self._run(["/bin/sh", "-c", inside.SCRIPT])
        said = self._run(_DOCTOR)
        try:
            doctor = json.loads(said)
        except ValueError:
            doctor = None
        return Inside(
            processes=inside.processes(output),
            listeners=inside.listeners(output),
            interpreter=inside.interpreter(output),
            doctor=doctor if isinstance(doctor, dict) else None,
        )

    def stop(self) -> Stop:
        """Send the image's stop signal and see how it ends; it is killed after `GRACE` seconds."""
        signal = self.image.stop_signal
        began = monotonic()
        with suppress(APIError):  # it may have ended by itself in this moment: the watch tells how
            self._container.kill(signal=signal)
        killed = not self.died.wait(GRACE)
        spent = monotonic() - began
        if killed:
            with suppress(APIError):
                self._container.kill()
            self.died.wait(GRACE)
        return Stop(signal, spent, self.exit_code, killed=killed)

    def log(self) -> str:
        """What it has written to stdout and stderr."""
        if self._start_error:
            return self._start_error
        with suppress(APIError):
            return self._container.logs(tail=_LOG_LINES).decode(errors="replace")
        return ""

    def remove(self) -> None:
        remove_container(self._container)

    def _watch(self) -> None:
        try:
            ended = self._container.wait(timeout=None)
            self.exit_code = int(ended.get("StatusCode", -1))
        except (APIError, RequestException):
            """The container was removed under us, or the engine went away: it has ended either way."""
        self.died.set()
        self._on_end()

    @property
    def address(self) -> str:
        """Its own in the network; empty while it has none."""
        self._address = self._address or self._look_up_address()
        return self._address

    def _look_up_address(self) -> str:
        self._container.reload()
        networks = self._container.attrs["NetworkSettings"]["Networks"]
        return next((str(net["IPAddress"]) for net in networks.values() if net.get("IPAddress")), "")

    def _run(self, command: list[str]) -> bytes:
        """Run a command in the container; without a shell, a Python or a container there is no output."""
        try:
            out = self._container.exec_run(command, stderr=False).output
        except (APIError, RequestException):
            return b""
        return out if isinstance(out, bytes) else b""


def remove_container(container: Container) -> None:
    """Kill and remove it with its anonymous volumes; gone already is as good."""
    with suppress(NotFound, APIError):
        container.remove(force=True, v=True)
