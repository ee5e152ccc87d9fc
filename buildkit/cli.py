"""The command line: one table of verbs, one place where failures become a line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.edges import commands, environment
from buildkit.values.errors import BuildkitError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from buildkit.values.settings import Settings


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that the tooling can be asked to do.

    Attributes:
        name: The word on the command line, and of its module in buildkit/verbs.
        summary: One line for --help.
    """

    name: str
    summary: str

    @property
    def module(self) -> ModuleType:
        """Has `add_arguments(parser, *, settings)` and `run(arguments, *, settings) -> int`.

        Imported when it is wanted: what all verbs need together takes longer to load than most of them to run.
        """
        return importlib.import_module(f"buildkit.verbs.{self.name}")


VERBS = (
    Verb("build", "make the base image"),
    Verb("verify", "prove that a service is traced end to end"),
    Verb("release", "build, verify, tag and push a base for every Python"),
    Verb("status", "say which service stands on which release of the base"),
    Verb("rebase", "put an image onto another release of the base"),
    Verb("rebuild", "build a service on the newest base, and push it by digest"),
    Verb("promote", "let tags stand for a verified image"),
    Verb("sbom", "say which packages are in an image"),
    Verb("rollout", "put the fleet onto the newest base, verified, in waves"),
    Verb("rollback", "put tags back to the digests of before"),
    Verb("engine", "say which Docker Engine and which builder are used"),
)


def parser(settings: Settings, *, chosen: str) -> argparse.ArgumentParser:
    """The command line with the options of one verb, and the environment's settings as their defaults."""
    top = argparse.ArgumentParser(prog="python -m buildkit", description="The company's build kit.")
    verbs = top.add_subparsers(metavar="VERB", required=True)
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.summary, description=verb.summary)
        if verb.name == chosen:
            verb.module.add_arguments(sub, settings=settings)
        sub.set_defaults(verb=verb)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 is success, 1 refused or failed, 2 misused."""
    try:
        settings = environment.settings()
        words = sys.argv[1:] if arguments is None else arguments
        # The first word that is no option is the verb: there is no option before it but --help.
        chosen = next((word for word in words if not word.startswith("-")), "")
        parsed = parser(settings, chosen=chosen).parse_args(words)
        verb: Verb = parsed.verb
        return int(verb.module.run(parsed, settings=settings))
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
