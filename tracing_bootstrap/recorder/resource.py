"""What spans come from: the service, its process, its container and we, in current semantic conventions.

The command's arguments are left out on purpose: people pass passwords in them. So is the process's owner: in
a container it is one number for all.
"""

from __future__ import annotations

import os
import sys

from tracing_bootstrap import guard
from tracing_bootstrap.recorder import service_name
from tracing_bootstrap.recorder.identity import NAME, VERSION
from tracing_bootstrap.settings import defaults_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracing_bootstrap.settings import Settings

    Value = str | int | list[str]

# Semantic conventions, host.arch; any other architecture goes by its own name.
_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm32",
    "armv6l": "arm32",
    "i686": "x86",
    "ppc64le": "ppc64",
}
_HEX = frozenset("0123456789abcdef")


def detect(
    settings: Settings,
    *,
    orig_argv: Sequence[str] | None = None,
    argv: Sequence[str] | None = None,
    image: str | None = None,
    proc: str = "/proc/self",
    environ: Mapping[str, str] | None = None,
    directory: str | None = None,
) -> dict[str, Value]:
    """Describe this process; call it once a process, since service.instance.id is drawn anew.

    OTEL_SERVICE_NAME beats OTEL_RESOURCE_ATTRIBUTES, which beats what is detected. A part that cannot be
    detected is missing and counted in the guard. `image` is the folder of the image's facts.
    """
    image = os.path.dirname(defaults_path()) if image is None else image
    orig_argv = sys.orig_argv if orig_argv is None else orig_argv
    argv = sys.argv if argv is None else argv
    detectors: tuple[Callable[[], Mapping[str, Value | None]], ...] = (
        lambda: {
            "service.name": service_name.find(
                os.environ if environ is None else environ,
                orig_argv=orig_argv,
                argv=argv,
                directory=os.getcwd() if directory is None else directory,
                stamped=stamped_name(image),
            )[0]
        },
        lambda: {"service.instance.id": instance_id(os.urandom(16))},
        _host,
        lambda: _process(proc),
        lambda: {"container.id": container_id(proc)},
        lambda: _telemetry(image),
    )
    found: dict[str, Value] = {"service.name": f"{service_name.UNKNOWN}:python"}
    for detector in detectors:
        part = guard.call("a part of the resource could not be detected", detector) or {}
        found.update((name, value) for name, value in part.items() if value is not None)
    found.update(settings.resource_attributes)
    if settings.service_name:
        found["service.name"] = settings.service_name
    return found


def stamped_name(image: str) -> str | None:
    """Return the name that the build wrote into the image, if it did: it knows the repository's."""
    return _first_line(os.path.join(image, "service-name")) or None


def instance_id(random: bytes) -> str:
    """Write 16 random bytes as a version 4 UUID (RFC 9562), without the module for it."""
    number = bytearray(random)
    number[6] = number[6] & 0x0F | 0x40
    number[8] = number[8] & 0x3F | 0x80
    text = number.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def container_id(proc: str) -> str | None:
    """Find this container's id in the process's cgroups, or else in where its hosts file is mounted from.

    The second is all there is in a cgroup namespace of its own. A Kubernetes sandbox mounts there too, with the
    pause container's id, which is no answer: none is better than a wrong one.
    """
    for line in _lines(f"{proc}/cgroup"):
        # 0::/system.slice/docker-<id>.scope, 1:cpu:/kubepods/burstable/pod<uid>/<id>, .../cri-containerd-<id>.scope
        name = line.rstrip("\n").rpartition("/")[2].removesuffix(".scope").rpartition("-")[2]
        if _is_id(name):
            return name
    for line in _lines(f"{proc}/mountinfo"):
        fields = line.split()
        # /var/lib/docker/containers/<id>/hostname, .../overlay-containers/<id>/userdata/hosts
        folder, _, rest = fields[3].partition("containers/") if len(fields) > 4 else ("", "", "")
        name = rest.partition("/")[0]
        if folder and fields[4].startswith("/etc/host") and _is_id(name):
            return name
    return None


def _is_id(name: str) -> bool:
    return len(name) == 64 and _HEX.issuperset(name)


def _host() -> Mapping[str, Value | None]:
    system = os.uname()
    return {
        "host.name": system.nodename,
        "host.arch": _ARCHITECTURES.get(system.machine, system.machine),
        "os.type": system.sysname.lower(),
    }


def _process(proc: str) -> Mapping[str, Value | None]:
    try:
        executable = os.readlink(f"{proc}/exe")
    except OSError:
        # Without /proc, or without the right to look into it.
        executable = sys.executable or ""
    version = sys.version_info
    suffix = "" if version.releaselevel == "final" else f"-{version.releaselevel}-{version.serial}"
    return {
        "process.pid": os.getpid(),
        "process.executable.name": os.path.basename(executable) or None,
        "process.executable.path": executable or None,
        "process.runtime.name": sys.implementation.name,
        "process.runtime.version": f"{version.major}.{version.minor}.{version.micro}{suffix}",
    }


def _telemetry(image: str) -> Mapping[str, Value | None]:
    """Tell what made the spans; the distribution is the base image, whose version tells who is behind."""
    import json

    try:
        with open(os.path.join(image, "base.json"), encoding="utf-8") as file:
            base = json.load(file)
    except (OSError, ValueError):
        # Outside of the image, as in our tests.
        base = {}
    return {
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": NAME,
        "telemetry.sdk.version": VERSION,
        "telemetry.distro.name": f"{base['company']}-python-service" if "company" in base else NAME,
        "telemetry.distro.version": str(base.get("version", VERSION)),
    }


def _first_line(path: str) -> str:
    lines = _lines(path)
    return lines[0].strip()[:255] if lines else ""


def _lines(path: str) -> list[str]:
    """Read a small file; one that is not there or not for us has no lines."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readlines()
    except OSError:
        return []
