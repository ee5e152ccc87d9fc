"""What did a run of the W3C suite say? Reads the words of Python's unittest."""

import re
from dataclasses import dataclass

_TEST = re.compile(
    r"^(?P<name>test_\w+) \([\w.]+\)(?:.*?) \.\.\. .*?(?P<verdict>ok|FAIL|ERROR|skipped.*)$",
    re.MULTILINE | re.DOTALL,
)
_BEGINS = re.compile(r"^test_\w+ \(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many tests ran, and the names of those that did not pass (a skipped one did not)."""

    ran: int
    not_passed: tuple[str, ...]

    def __str__(self) -> str:
        line = f"{self.ran - len(self.not_passed)} of {self.ran}"
        return f"{line} (not passed: {', '.join(self.not_passed)})" if self.not_passed else line


def read(output: str) -> Verdict:
    """Read what `unittest`'s verbose runner printed; each test begins a line with its own name."""
    starts = [match.start() for match in _BEGINS.finditer(output)]
    found = []
    for start, end in zip(starts, [*starts[1:], len(output)], strict=True):
        match = _TEST.match(output[start:end].partition("\n=====")[0].rstrip())
        if match is None:
            # The line of the last test is followed by the summary.
            match = _TEST.match(output[start:end].partition("\n\n")[0].rstrip())
        if match is not None:
            found.append(match)
    return Verdict(len(found), tuple(m["name"] for m in found if m["verdict"] != "ok"))
