"""Which options does `verify` have, and what do they say of a service?"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import naming
from buildkit.values.errors import Misuse
from buildkit.values.role import PEERS
from buildkit.values.service_probe import ServiceProbe

if TYPE_CHECKING:
    from buildkit.values.settings import Settings

PARALLEL = 2  # a service that starts takes a processor for itself


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """The images, and what a service may need in order to run and to be asked."""
    add = parser.add_argument
    add(
        "images",
        nargs="*",
        metavar="IMAGE",
        help=f"services' images; without one, samples on {naming.repository(settings)} are built",
    )
    add("--port", type=_port, help="where it speaks HTTP (the image's exposed TCP ports)")
    add(
        "--path",
        type=_path,
        default="/",
        help="what to ask for, best a page that makes it call others (%(default)s)",
    )
    add(
        "--probe",
        action="append",
        default=[],
        metavar="PATH",
        type=_path,
        help="further path that must be answered without an error (5xx); may be repeated",
    )
    add(
        "--command",
        type=_words,
        default=(),
        help="what to start it with instead of the image's own command, in one word with quotes",
    )
    add(
        "--call-env",
        action="append",
        default=[],
        metavar="NAME",
        type=_name,
        help=f"variable that tells it where to call, beside {' and '.join(PEERS)}; may be repeated",
    )
    add(
        "--env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_variable,
        help="further variable for it; may be repeated",
    )
    add("--timeout", type=_seconds, default=30.0, help="seconds until its first answer (%(default)s)")
    add("--require-outgoing", action="store_true", help="fail if it calls nobody; else that is not proven")
    add("--parallel", type=_count, default=PARALLEL, help="how many run at the same time (%(default)s)")
    add(
        "--fleet",
        type=Path,
        metavar="FILE",
        help="IMAGEs are services of this fleet.toml (all, without one), which says how they are started and asked; "
        "implies --attest",
    )
    add(
        "--attest",
        action="store_true",
        help="attach the verdict to the image in its registry; a good one that is there is used again",
    )
    add("--fresh", action="store_true", help="look again, whatever verdict is attached")
    add("--json", action="store_true", help="print the result for a program")


def check(arguments: argparse.Namespace) -> None:
    """Refuse options that contradict each other (raises Misuse)."""
    if arguments.fleet and service_probe(arguments) != ServiceProbe():
        raise Misuse(
            "--fleet and an option that says how a service is asked are both given",
            hint=f"write it into {arguments.fleet}",
        )
    if (arguments.attest or arguments.fresh) and not (arguments.fleet or arguments.images):
        raise Misuse("--attest and --fresh are about images in a registry", hint="name some, or a --fleet")
    if arguments.fresh and not (arguments.fleet or arguments.attest):
        raise Misuse("--fresh without --attest has nothing to look away from", hint="add --attest")


def service_probe(arguments: argparse.Namespace) -> ServiceProbe:
    """What the options say of each of the services."""
    return ServiceProbe(
        ports=(arguments.port,) if arguments.port else (),
        path=arguments.path,
        probes=tuple(arguments.probe),
        command=arguments.command,
        environment=dict(arguments.env),
        call_env=tuple(arguments.call_env),
        timeout=arguments.timeout,
        require_outgoing=arguments.require_outgoing,
    )


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: write a number from 1 to 65535")


def _path(text: str) -> str:
    if text.startswith("/") and text.isascii() and text.isprintable() and " " not in text:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no path: start with / and write %%20 for a space")


def _words(text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError:
        words = ()
    if words:
        return words
    raise argparse.ArgumentTypeError(f"{text!r} is no command: write it as in a shell, quotes in pairs")


def _name(text: str) -> str:
    if text and "=" not in text:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no variable's name")


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if name and equals:
        return name, value
    raise argparse.ArgumentTypeError(f"{text!r} is no variable: write NAME=VALUE")


def _count(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= 64:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of services: write one from 1 to 64")


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if 0 < number < 3600:
        return number
    raise argparse.ArgumentTypeError(f"{text!r} is no time: write seconds, more than 0 and less than 3600")
