"""What does a line of BuildKit's plain progress tell somebody who waits?"""

import re

_STEP = re.compile(r"#\d+ (\[(?!internal)[^\]]*\] .+)")
_ERROR = re.compile(r"(?:#\d+ )?(?:\d+\.\d+ )?(.*\b(?:ERROR|error|No space left|no space left)\b.*)")
_OUTPUT = re.compile(r"#\d+ \d+\.\d+ (.*)")


def step(line: str) -> str | None:
    """The build step that begins with this line, short enough for a terminal."""
    match = _STEP.match(line)
    return re.sub(r"\s+", " ", re.sub(r"--mount=\S+ ", "", match[1]))[:100] if match else None


def cause(lines: tuple[str, ...]) -> str:
    """The line that most probably says why a build failed.

    A step's own output tells more than BuildKit's report that the step failed: the last error in it, else its
    last line, else the builder's last line.
    """
    matches = [_OUTPUT.match(line) for line in lines]
    output = [match[1].strip() for match in matches if match and match[1].strip()]
    said = next((text for text in reversed(output) if _ERROR.match(text)), "")
    if said:
        return said
    if output:
        return output[-1]
    errors = [line.strip() for line in lines if _ERROR.match(line)]
    return next(iter(reversed(errors)), next((line.strip() for line in reversed(lines) if line.strip()), ""))
