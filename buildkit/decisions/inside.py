"""Which processes run in a container, and what do they listen on? Reads what /proc says."""

from __future__ import annotations

import ipaddress
from types import MappingProxyType

from buildkit.values.service import Listener, Process

# Run by the container's own shell. Marks that no command line holds separate the parts; the list of
# processes is taken before `readlink` and `cat` join it, and the shell leaves itself out.
SCRIPT = r"""
for p in /proc/[0-9]*; do
  [ "$p" = "/proc/$$" ] && continue
  printf '\001process\002%s\002' "${p#/proc/}"
  readlink "$p/exe"
  printf '\002'; cat "$p/cmdline"
  printf '\002'; cat "$p/environ"
done 2>/dev/null
printf '\001interpreter\002'; readlink -f /opt/venv/bin/python 2>/dev/null
printf '\001tcp\002'; cat /proc/net/tcp 2>/dev/null
printf '\001tcp\002'; cat /proc/net/tcp6 2>/dev/null
true
"""
# In a user-defined network, Docker itself listens in each container: its name server.
DOCKERS_RESOLVER = "127.0.0.11"
_LISTEN = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h
_WANTED = ("OTEL_", "PYTHON", "VIRTUAL_ENV", "TRACING_")


def processes(output: bytes) -> tuple[Process, ...]:
    """Read the processes from what SCRIPT printed; kernel threads and vanished ones are left out."""
    found = []
    for record in output.split(b"\x01"):
        parts = record.split(b"\x02")
        if len(parts) != 5 or parts[0] != b"process" or not parts[3]:
            continue
        _, pid, executable, arguments, environment = parts
        found.append(
            Process(
                pid=int(pid),
                executable=_text(executable).strip(),
                arguments=tuple(_text(argument) for argument in arguments.rstrip(b"\0").split(b"\0")),
                environment=MappingProxyType(_environment(environment)),
            )
        )
    return tuple(found)


def interpreter(output: bytes) -> str:
    """Read from what SCRIPT printed which file the base's own Python is; empty if there is none."""
    for record in output.split(b"\x01"):
        kind, _, path = record.partition(b"\x02")
        if kind == b"interpreter":
            return _text(path).strip()
    return ""


def listeners(output: bytes) -> tuple[Listener, ...]:
    """Read what the service listens on from what SCRIPT printed, in the order of ports."""
    found = set()
    for record in output.split(b"\x01"):
        kind, _, table = record.partition(b"\x02")
        if kind != b"tcp":
            continue
        for line in _text(table).splitlines():
            columns = line.split()
            if len(columns) > 3 and columns[3] == _LISTEN:
                address, _, port = columns[1].partition(":")
                found.add(_listener(bytes.fromhex(address), int(port, 16)))
    found = {listener for listener in found if listener.address != DOCKERS_RESOLVER}
    return tuple(sorted(found, key=lambda listener: (listener.port, listener.address)))


def _listener(raw: bytes, port: int) -> Listener:
    # The kernel prints each 32-bit word of an address in the machine's byte order: little-endian on all
    # machines that Docker runs on but s390x.
    words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    address = ipaddress.ip_address(words)
    mapped = getattr(address, "ipv4_mapped", None)
    return Listener(str(mapped or address), port, loopback=(mapped or address).is_loopback)


def _environment(raw: bytes) -> dict[str, str]:
    pairs = (_text(entry).partition("=") for entry in raw.split(b"\0"))
    return {name: value for name, _, value in pairs if name.startswith(_WANTED)}


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
