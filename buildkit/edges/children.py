"""Build a service's image from its own Dockerfile, on this base, behind whatever proxy this machine is."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.decisions import dockerfile_edit, naming
from buildkit.decisions.build_command import Build
from buildkit.decisions.dockerfile import parse
from buildkit.edges import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from buildkit.edges.engine import Engine


@contextmanager
def edited_copy(dockerfile: Path, *, text: str) -> Iterator[Path]:
    """A Dockerfile with another text, as long as the `with` block lasts; its own ignore file comes along."""
    with tempfile.TemporaryDirectory(prefix="child-") as directory:
        edited = Path(directory) / "Dockerfile"
        edited.write_text(text, encoding="utf-8")
        # BuildKit looks for a Dockerfile's own ignore file beside it, and only then in the context.
        ignore = dockerfile.with_name(dockerfile.name + ".dockerignore")
        if ignore.exists():
            shutil.copyfile(ignore, edited.with_name("Dockerfile.dockerignore"))
        yield edited


def build_child(
    engine: Engine,
    context: Path,
    *,
    tag: str,
    base: str,
    ca_bundle: Path | None,
    dockerfile: Path | None = None,
    build_args: Mapping[str, str] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> str:
    """Build a service that says `FROM company/python-service`, and return its image's id.

    The service's files stay as they are; an edited copy of its Dockerfile is what is built.

    Args:
        engine: Builds it.
        context: The service's directory.
        tag: Name of the result.
        base: What to build on wherever the Dockerfile says `company/python-service`.
        ca_bundle: PEM file that every RUN step is to trust, as a build secret; None for none.
        dockerfile: None for the context's own.
        build_args: ARG values.
        on_step: Called with each build step as it begins.

    Raises:
        MissingFile: There is no Dockerfile, or no such bundle.
        BadDockerfile: It does not parse.
        CommandFailed: A step of it failed.
        OutOfDisk: The disk is full.
    """
    source = dockerfile if dockerfile is not None else context / "Dockerfile"
    given = build_args or {}
    parsed = parse(files.read(source), build_args=given)
    text = dockerfile_edit.with_base(parsed, names=(naming.PLACEHOLDER,), replacement=base)
    secrets = {}
    if ca_bundle is not None:
        secrets["ca_bundle"] = files.check_bundle(ca_bundle)
        text = dockerfile_edit.with_ca(parse(text, build_args=given))
    with edited_copy(source, text=text) as edited:
        build = Build(context=context, tags=(tag,), dockerfile=edited, build_args=given, secrets=secrets)
        return engine.build(build, what=f"building {tag}", on_step=on_step)
