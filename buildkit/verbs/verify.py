"""`verify`: prove that a service image, or the sample company, is traced end to end."""

from __future__ import annotations

import argparse
import random
from typing import TYPE_CHECKING

from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.utils import parse_repository_tag

from buildkit.decisions import naming, probe, verdict
from buildkit.edges import images, report
from buildkit.edges.engine import Engine, told
from buildkit.edges.examination import Examination
from buildkit.edges.interruption import terminable
from buildkit.edges.progress import step
from buildkit.edges.sandbox import Sandbox
from buildkit.values.errors import CommandFailed
from buildkit.values.role import PEERS, Role, Script
from buildkit.verbs import sample_company

if TYPE_CHECKING:
    from buildkit.values.service import ServiceImage
    from buildkit.values.settings import Settings

DEFAULT_PORT = 8000


def add_arguments(parser: argparse.ArgumentParser, *, settings: Settings) -> None:
    """The image, and what a service may need in order to run and to be asked."""
    add = parser.add_argument
    add(
        "image",
        nargs="?",
        default="",
        help=f"a service's image; without one, samples on {naming.repository(settings)} are built",
    )
    add("--port", type=_port, help="where it speaks HTTP (the image's exposed TCP ports)")
    add(
        "--path",
        type=_path,
        default="/",
        help="what to ask for, best a page that makes it call others (%(default)s)",
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
    add("--json", action="store_true", help="print the result for a program")


def run(arguments: argparse.Namespace, *, settings: Settings) -> int:
    """Examine, report on standard output; 0 only if no check failed."""
    settings = naming.check(settings)
    engine = Engine.connect()
    try:
        with terminable():
            return _verify(engine, arguments, settings=settings)
    except APIError as error:
        raise told(error, what="verifying") from None
    except DockerException as error:
        raise CommandFailed(f"verifying failed: {error}", hint="is the Docker Engine still there?") from None
    finally:
        engine.close()


def _verify(engine: Engine, arguments: argparse.Namespace, *, settings: Settings) -> int:
    if arguments.image:
        roles, script = _one_image(engine, arguments)
    else:
        roles, script = sample_company.prepare(engine, settings, timeout=arguments.timeout)
    bases = images.tagged(engine.client, naming.repository(settings))
    relay_image = (bases or [role.image for role in roles])[0].name
    with Sandbox(engine, company=settings.company, relay_image=relay_image) as sandbox:
        evidence = Examination(sandbox, roles=roles, script=script).run(bases=bases, company=settings.company)
    verdicts = [verdict.verdict(found) for found in evidence]
    if arguments.json:
        print(verdict.as_json(verdicts, evidence))
    else:
        report.show(verdicts, evidence)
    return verdict.exit_code(verdicts)


def _one_image(engine: Engine, arguments: argparse.Namespace) -> tuple[tuple[Role, ...], Script]:
    image = _find(engine, arguments.image)
    ports = (arguments.port,) if arguments.port else image.ports or (DEFAULT_PORT,)
    ids = random.SystemRandom()
    name = naming.host(image.name)
    role = Role(
        name=name,
        image=image,
        ports=ports,
        peers=(*PEERS, *arguments.call_env),
        environment=dict(arguments.env),
        must_call_out=arguments.require_outgoing,
    )
    script = Script(
        requests=probe.image_requests(ids, service=name, path=arguments.path),
        last=probe.last_requests(ids, through=(name,), path=arguments.path),
        path=arguments.path,
        timeout=arguments.timeout,
    )
    return (role,), script


def _find(engine: Engine, name: str) -> ServiceImage:
    """The image as the engine has it, else as a registry has it.

    Raises:
        CommandFailed: neither has it.
    """
    try:
        return images.inspect(engine.client, name)
    except ImageNotFound:
        """Then a registry may have it."""
    try:
        with step(f"pull {name}"):
            repository, tag = parse_repository_tag(name)
            engine.client.images.pull(repository, tag=tag or "latest")
        return images.inspect(engine.client, name)
    except (APIError, NotFound) as error:
        said = str(error.explanation or error).splitlines()[0]
        raise CommandFailed(
            f"there is no image {name} here, and it cannot be pulled: {said[:200]}",
            hint="build it first, or check its name with `docker images`",
        ) from None


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: write a number from 1 to 65535")


def _path(text: str) -> str:
    if text.startswith("/") and text.isascii() and text.isprintable() and " " not in text:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no path: start with / and write %%20 for a space")


def _name(text: str) -> str:
    if text and "=" not in text:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no variable's name")


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if name and equals:
        return name, value
    raise argparse.ArgumentTypeError(f"{text!r} is no variable: write NAME=VALUE")


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if 0 < number < 3600:
        return number
    raise argparse.ArgumentTypeError(f"{text!r} is no time: write seconds, more than 0 and less than 3600")
