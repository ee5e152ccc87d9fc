"""What must change in a service's Dockerfile so that it builds here, without its author's doing anything?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Every tool that a build may call reads one of these. ARG, not ENV: gone when the build is.
CA_VARIABLES = (
    "PIP_CERT",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
)
CA_PATH = "/run/secrets/ca_bundle"
CA_MOUNT = f"--mount=type=secret,id=ca_bundle,target={CA_PATH},mode=0444"

_WORD = re.compile(r"\s*([A-Za-z]+)(?=\s|$)")
_HEREDOC = re.compile(r"(?<!<)<<-?\s*([\"']?)([A-Za-z_][A-Za-z0-9_]*)\1")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(\S)", re.IGNORECASE)
_FROM = re.compile(r"(\s*FROM\s+(?:--\S+\s+)*)(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Instruction:
    """Consecutive lines that belong together; no word for comments and blank lines."""

    word: str
    lines: tuple[str, ...]


def with_ca(text: str) -> str:
    """The same Dockerfile, each of whose RUN steps sees the secret `ca_bundle` and tells its tools about it.

    Nothing of it stays in the image but the variables' names in the history: secrets are never in a layer,
    and an ARG ends with its stage.
    """
    out: list[str] = []
    for instruction in _instructions(text):
        lines = list(instruction.lines)
        if instruction.word == "RUN":
            lines[0] = re.sub(r"(?i)^(\s*RUN)\b", rf"\1 {CA_MOUNT}", lines[0], count=1)
        out += lines
        if instruction.word == "FROM":
            out += [f"ARG {name}={CA_PATH}" for name in CA_VARIABLES]
    return "\n".join(out) + "\n"


def with_base(text: str, *, name: str, replacement: str) -> str:
    """The same Dockerfile, built on `replacement` wherever it said `name` (with any tag or digest)."""
    out: list[str] = []
    for instruction in _instructions(text):
        lines = list(instruction.lines)
        match = _FROM.match(lines[0]) if instruction.word == "FROM" else None
        if match and re.fullmatch(re.escape(name) + r"(?:[:@]\S+)?", match[2]):
            lines[0] = match[1] + replacement + lines[0][match.end() :]
        out += lines
    return "\n".join(out) + "\n"


def _instructions(text: str) -> Iterator[_Instruction]:
    """Split a Dockerfile as its grammar does: continuations, comments in between, heredocs.

    https://docs.docker.com/reference/dockerfile/
    """
    lines = text.splitlines()
    escape = match[1] if lines and (match := _ESCAPE.match(lines[0])) else "\\"
    position = 0
    while position < len(lines):
        start = position
        first = lines[start]
        position += 1
        word = _WORD.match(first)
        if not word or first.lstrip().startswith("#"):
            yield _Instruction(word="", lines=(first,))
            continue
        body = [first]
        while position < len(lines) and _continues(body, escape=escape):
            body.append(lines[position])
            position += 1
        if word[1].upper() in {"RUN", "COPY", "ADD"}:
            for _, end in _HEREDOC.findall("\n".join(body)):
                while position < len(lines):
                    body.append(lines[position])
                    position += 1
                    if body[-1].lstrip("\t") == end:
                        break
        yield _Instruction(word=word[1].upper(), lines=tuple(body))


def _continues(body: list[str], *, escape: str) -> bool:
    """Whether the next line belongs to the same instruction; comments and blank lines do not end it."""
    for index in range(len(body) - 1, -1, -1):
        line = body[index].strip()
        if index and (not line or line.startswith("#")):
            continue
        return line.endswith(escape)
    return False
