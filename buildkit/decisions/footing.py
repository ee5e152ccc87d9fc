"""What does the image stand on that a Dockerfile makes, and is that the company's base?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit.values.dockerfile import Footing
from buildkit.values.errors import BadDockerfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.values.dockerfile import Dockerfile, Instruction, Stage

# Names of the registry that is meant where none is named.
_DEFAULT_HOSTS = ("docker.io", "index.docker.io", "registry-1.docker.io")
_IMAGE = re.compile(
    r"(?P<name>[^@]+?)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-fA-F]{32,}))?"
)
_MOUNTED = re.compile(r"(?:^|,)from=([^,]+)")


def footing(dockerfile: Dockerfile, *, base: Iterable[str], target: str = "") -> Footing:
    """Follow the stage that is built down to the image that it stands on.

    Args:
        dockerfile: as it was parsed.
        base: the base's repositories, with or without a registry (`localhost:5000/company/python-service`).
        target: the stage that is built, by name or number; empty for the last.

    Raises:
        BadDockerfile: there is no such stage.
    """
    names = frozenset(_plain(name) for name in base)
    chain = tuple(_chain(dockerfile, target=target))
    image = chain[-1].image
    spellings = tuple(dict.fromkeys(_spellings(dockerfile, chain[0], names=names)))
    match = _IMAGE.fullmatch(image)
    if match and _plain(match["name"]) in names:
        digest = match["digest"] or ""
        tag = match["tag"] or ("" if digest else "latest")
        return Footing(chain=chain, image=image, on_base=True, tag=tag, digest=digest, spellings=spellings)
    return Footing(
        chain=chain,
        image=image,
        on_base=False,
        spellings=spellings,
        reason=_reason(chain, image=image, uses_it=bool(spellings)),
    )


def is_base(image: str, *, base: Iterable[str]) -> bool:
    """Whether an image's name, with whatever tag or digest, is one of the base's."""
    match = _IMAGE.fullmatch(image)
    return match is not None and _plain(match["name"]) in {_plain(name) for name in base}


def _plain(name: str) -> str:
    """A repository's name without the hosts that may be left out."""
    host, slash, path = name.partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        return name
    return path if host in _DEFAULT_HOSTS else name


def _chain(dockerfile: Dockerfile, *, target: str) -> Iterator[Stage]:
    stage = _targeted(dockerfile, target=target)
    yield stage
    while stage.parent is not None:
        stage = dockerfile.stages[stage.parent]
        yield stage


def _targeted(dockerfile: Dockerfile, *, target: str) -> Stage:
    stages = dockerfile.stages
    if not target:
        return stages[-1]
    # The last of several stages of one name wins, as in BuildKit.
    named = next((stage for stage in reversed(stages) if stage.name == target.lower()), None)
    if named is None and target.isdigit() and int(target) < len(stages):
        named = stages[int(target)]
    if named is None:
        known = ", ".join(stage.name for stage in stages if stage.name) or "none has a name"
        raise BadDockerfile(f"there is no stage {target!r}", hint=f"its stages: {known}")
    return named


def _spellings(dockerfile: Dockerfile, stage: Stage, *, names: frozenset[str]) -> Iterator[str]:
    """What names the base in this stage, in those below it, and in those that it copies from."""
    seen: set[int] = set()
    waiting = [stage]
    while waiting:
        stage = waiting.pop()
        if stage.position in seen:
            continue
        seen.add(stage.position)
        sources = [source for instruction in stage.body for source in sources_of(instruction)]
        for source in (stage.image, *sources):
            earlier = _earlier(dockerfile, source, before=stage)
            if earlier is not None:
                waiting.append(earlier)
            elif (match := _IMAGE.fullmatch(source)) and _plain(match["name"]) in names:
                yield source


def sources_of(instruction: Instruction) -> Iterator[str]:
    """What an instruction takes files from: stages and images."""
    if instruction.word == "COPY" and (source := instruction.flag("from")):
        yield source
    elif instruction.word == "RUN":
        for flag in instruction.flags:
            if flag.startswith("--mount=") and (match := _MOUNTED.search(flag.removeprefix("--mount="))):
                yield match[1]


def _earlier(dockerfile: Dockerfile, source: str, *, before: Stage) -> Stage | None:
    earlier = dockerfile.stages[: before.position]
    named = next((stage for stage in reversed(earlier) if stage.name and stage.name == source.lower()), None)
    if named is None and source.isdigit() and int(source) < len(earlier):
        return earlier[int(source)]
    return named


def _reason(chain: tuple[Stage, ...], *, image: str, uses_it: bool) -> str:
    """Why an image is not on the base, as its service's author would look for it."""
    way = ", which stands on ".join(stage.title for stage in chain)
    said = f"the stage that is built, {way}, is FROM {image}"
    return f"{said}; only another stage uses the base" if uses_it else said
