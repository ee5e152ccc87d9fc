"""What do the runs say, and are the targets met?"""

import dataclasses
import json
from statistics import median

HEAD = ("", "median", "all runs", "requests an image", "CPU an image: ours + registry's", "target", "")


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was done.
        unit: Of the figures: `s`, or `images/s`.
        figures: One of each run.
        ours: Milliseconds of CPU time an image, ours; the median.
        registrys: The registry's.
        requests: The most that one image took in the mean of a run; None where they were not counted.
        at_most: The target in seconds.
        at_least: The target in images a second.
        most_requests: The target for the requests.
    """

    name: str
    unit: str
    figures: tuple[float, ...]
    ours: float
    registrys: float
    requests: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    most_requests: float | None = None

    @property
    def median(self):
        return median(self.figures)

    @property
    def met(self):
        return (
            (self.at_most is None or self.median < self.at_most)
            and (self.at_least is None or self.median >= self.at_least)
            and (self.most_requests is None or self.requests <= self.most_requests)
        )


def seconds(name, runs, *, at_most):
    return Row(name, "s", tuple(run.seconds for run in runs), *_cpu(runs), at_most=at_most)


def rate(name, runs, *, at_least, most_requests):
    return Row(
        name,
        "images/s",
        tuple(run.images / run.seconds for run in runs),
        *_cpu(runs),
        requests=max(run.requests / run.images for run in runs),
        at_least=at_least,
        most_requests=most_requests,
    )


def _cpu(runs):
    """Milliseconds an image: what other users of the machine change least."""
    return (
        median(run.ours / run.images * 1000 for run in runs),
        median(run.registrys / run.images * 1000 for run in runs),
    )


def table(rows):
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_json(rows, *, facts):
    return json.dumps(
        {"facts": facts, "rows": [{**dataclasses.asdict(row), "met": row.met} for row in rows]}, indent=2
    )


def _cells(row):
    digits = 0 if row.unit == "images/s" else 2
    targets = [
        f"< {row.at_most:g} s" if row.at_most is not None else "",
        f">= {row.at_least:g} images/s" if row.at_least is not None else "",
        f"<= {row.most_requests:g} requests" if row.most_requests is not None else "",
    ]
    return (
        row.name,
        f"{row.median:.{digits}f} {row.unit}",
        f"{min(row.figures):.{digits}f} .. {max(row.figures):.{digits}f}",
        "" if row.requests is None else f"{row.requests:.2f}",
        f"{row.ours:.2f} + {row.registrys:.2f} ms",
        ", ".join(filter(None, targets)),
        "met" if row.met else "NOT met",
    )
