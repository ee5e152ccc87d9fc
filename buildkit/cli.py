"""The command line: one table of verbs, one place where failures become a line and an exit code."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.edges import commands, environment
from buildkit.values.errors import BuildkitError
from buildkit.verbs import build, engine, rebase, release, rollback, rollout, sbom, status, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from buildkit.values.settings import Settings


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that the tooling can be asked to do.

    Attributes:
        name: The word on the command line.
        summary: One line for --help.
        add_arguments: Declares the verb's options.
        run: Does it and returns the exit code.
    """

    name: str
    summary: str
    add_arguments: Callable[..., None]
    run: Callable[..., int]


VERBS = (
    Verb("build", "make the base image", build.add_arguments, build.run),
    Verb("verify", "prove that a service is traced end to end", verify.add_arguments, verify.run),
    Verb(
        "release", "build, verify, tag and push a base for every Python", release.add_arguments, release.run
    ),
    Verb("status", "say which service stands on which release of the base", status.add_arguments, status.run),
    Verb("rebase", "put an image onto another release of the base", rebase.add_arguments, rebase.run),
    Verb("sbom", "say which packages are in an image", sbom.add_arguments, sbom.run),
    Verb(
        "rollout",
        "put the fleet onto the newest base, verified, in waves",
        rollout.add_arguments,
        rollout.run,
    ),
    Verb("rollback", "put tags back to the digests of before", rollback.add_arguments, rollback.run),
    Verb("engine", "say which Docker Engine and which builder are used", engine.add_arguments, engine.run),
)


def parser(settings: Settings) -> argparse.ArgumentParser:
    """The whole command line, with the environment's settings as defaults."""
    top = argparse.ArgumentParser(prog="python -m buildkit", description="The company's build kit.")
    verbs = top.add_subparsers(metavar="VERB", required=True)
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.summary, description=verb.summary)
        verb.add_arguments(sub, settings=settings)
        sub.set_defaults(verb=verb)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 is success, 1 refused or failed, 2 misused."""
    try:
        settings = environment.settings()
        parsed = parser(settings).parse_args(arguments)
        verb: Verb = parsed.verb
        return verb.run(parsed, settings=settings)
    except BuildkitError as error:
        print(f"buildkit: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:  # also the engine's refusals: the SDK's errors are OSErrors
        failure = commands.from_system(error)
        print(f"buildkit: {failure}", file=sys.stderr)
        return failure.exit_code
    except KeyboardInterrupt:
        print("buildkit: interrupted", file=sys.stderr)
        return 130
