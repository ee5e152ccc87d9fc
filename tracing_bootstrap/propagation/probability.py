"""What a tracestate says of the probability with which its trace was kept: `ot=th:<threshold>;rv:<randomness>`.

Follows OpenTelemetry's "TraceState Handling" and "TraceState: Probability Sampling". A trace has a randomness of 56
bits, the last of its id unless `rv` says otherwise, and is kept where that is not below the threshold. So whoever
counts kept traces can scale up: each stands for 2^56 / (2^56 - threshold) of them. Thresholds are written in hex
without their last zeros, and compare as text.
"""

from __future__ import annotations

_KEY = "ot="
_RANGE = 1 << 56
_DIGITS = 14
# Significant digits of a threshold, behind its leading f's: a probability is then right to some 0.01 %.
_PRECISION = 4
_HEX = frozenset("0123456789abcdef")


def threshold(probability: float) -> str:
    """Return the threshold for a probability between 2^-56 and 1, as it is written into a tracestate."""
    digits = f"{max(0, round((1.0 - probability) * _RANGE)):014x}"
    if len(digits) > _DIGITS:
        # Less likely than can be written: the least that can.
        digits = "f" * _DIGITS
    leading = _DIGITS - len(digits.lstrip("f"))
    return digits[: leading + _PRECISION].rstrip("0") or "0"


def checked(tracestate: str, trace_id: str, *, sampled: bool, decided_anew: bool) -> str:
    """Return a clean tracestate without its threshold, where that is not what this trace was kept by.

    So it is where the threshold is malformed, where a kept trace lies below it, and where our sampler decided anew,
    whatever the caller had decided: whoever scaled up by such a threshold would count wrong. The randomness stays.
    """
    members = tracestate.split(",")
    ours = next((member for member in members if member.startswith(_KEY)), "")
    fields = ours[len(_KEY) :].split(";")
    limit = _field(fields, "th:")
    if limit is None:
        return tracestate
    randomness = _field(fields, "rv:")
    if randomness is None or len(randomness) != _DIGITS or not _HEX.issuperset(randomness):
        randomness = trace_id[18:]
    well_formed = 0 < len(limit) <= _DIGITS and _HEX.issuperset(limit)
    if well_formed and not decided_anew and not (sampled and randomness < limit.rstrip("0")):
        return tracestate
    rest = ";".join(field for field in fields if not field.startswith("th:"))
    members.remove(ours)
    # W3C Trace Context, section 3.5: a member that was changed moves to the front.
    return ",".join([_KEY + rest, *members] if rest else members)


def _field(fields: list[str], key: str) -> str | None:
    return next((field[len(key) :] for field in fields if field.startswith(key)), None)
