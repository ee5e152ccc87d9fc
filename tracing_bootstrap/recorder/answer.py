"""What a collector's answer means: delivered, worth another try, or lost.

Pure. The rules are those of OTLP/HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SENT = "sent"
RETRY = "retry"
LOST = "lost"

# "The client SHOULD NOT retry" anything but these, and a connection that failed.
_RETRYABLE = frozenset((429, 502, 503, 504))
_FIRST_BACKOFF_S = 1.0
_LONGEST_BACKOFF_S = 30.0
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Outcome:
    """The end of one attempt.

    `cause` names a failure in a word ("http_503", "unreachable"), `detail` in a sentence. `rejected` counts
    the spans that a collector refused out of a batch that it took. `delay_s` is the wait that the collector
    asked for before another try, None where it asked for none.
    """

    __slots__ = ("cause", "delay_s", "detail", "rejected", "verdict")

    def __init__(
        self,
        verdict: str,
        *,
        cause: str = "",
        detail: str = "",
        rejected: int = 0,
        delay_s: float | None = None,
    ) -> None:
        self.verdict = verdict
        self.cause = cause
        self.detail = detail
        self.rejected = rejected
        self.delay_s = delay_s


def judge(status: int, *, headers: Mapping[str, str], body: bytes, now: float) -> Outcome:
    """Decide by an HTTP answer; `headers` have lower-case names, `now` is the wall clock in seconds."""
    cause = f"http_{status}"
    if 200 <= status < 300:
        # A page of HTML with a status of 200 is no partial success, whatever its bytes spell.
        kind = headers.get("content-type", "application/x-protobuf")
        return Outcome(SENT, rejected=rejected_spans(body) if "protobuf" in kind else 0)
    if status in _RETRYABLE:
        delay_s = retry_after_s(headers.get("retry-after", ""), now=now)
        return Outcome(RETRY, cause=cause, detail=f"answered {status}", delay_s=delay_s)
    hint = ", a redirect, which is not followed" if 300 <= status < 400 else ""
    return Outcome(LOST, cause=cause, detail=f"answered {status}{hint}")


def backoff_s(attempt: int, *, jitter: float) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 0).

    Doubled each time up to a bound; `jitter`, 0 to 1, spreads the workers of a company that all lost the
    same collector over half the interval.
    """
    longest = min(_FIRST_BACKOFF_S * 2.0 ** min(attempt, 16), _LONGEST_BACKOFF_S)
    return longest * (0.5 + jitter / 2)


def retry_after_s(value: str, *, now: float) -> float | None:
    """Read a Retry-After header, seconds or a date (RFC 9110, 10.2.3); None where it is neither."""
    value = value.strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    # Late: email.utils brings a dozen modules, and next to no collector sends a date.
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def rejected_spans(body: bytes) -> int:
    """Read partial_success.rejected_spans of an ExportTraceServiceResponse; 0 where the bytes are none."""
    try:
        partial = _field(body, 1)
        rejected = _field(partial, 1) if isinstance(partial, bytes) else 0
    except (IndexError, ValueError):
        return 0
    # An int64: a negative number has its highest bit set, and means nothing here.
    return rejected if isinstance(rejected, int) and rejected < 1 << 63 else 0


def _field(message: bytes, wanted: int) -> int | bytes | None:
    """Return the last value of one field of a protobuf message; ValueError or IndexError if malformed."""
    found: int | bytes | None = None
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(message, at)
        elif kind in (_FIXED64, _BYTES, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
            if kind == _BYTES:
                size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        else:
            raise ValueError("not a protobuf message")
        if at > len(message):
            raise ValueError("cut short")
        if number == wanted:
            found = value
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("varint too long")
