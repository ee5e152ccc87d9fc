"""How a batch is delivered: encoded, sent, tried again while that may help, counted where it was lost."""

from __future__ import annotations

import os
from time import monotonic

from tracing_bootstrap import guard
from tracing_bootstrap.recorder.losses import Losses
from tracing_bootstrap.settings.parse import without_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tracing_bootstrap.recorder.transport import Transport
    from tracing_bootstrap.settings import Settings

    Encode = Callable[[Sequence[Any], Mapping[str, int]], bytes]


class Delivery:
    """The way of batches to the collector, for one thread at a time, and the count of spans that got lost.

    `encode` makes one request's payload of a batch of spans and of the losses that no delivered batch has
    reported yet.
    """

    __slots__ = (
        "_encode",
        "_export_timeout_s",
        "_settings",
        "_transport",
        "endpoint",
        "losses",
        "sending_since",
        "stop_at",
    )

    def __init__(self, settings: Settings, encode: Encode) -> None:
        self._settings = settings
        self._encode = encode
        self._export_timeout_s = settings.bsp_export_timeout_ms / 1000
        self._transport: Transport | None = None
        self.endpoint = without_user(settings.traces_endpoint)
        self.losses = Losses()
        # Both on the monotonic clock: when the try under way began, and when everything has to be over.
        self.sending_since: float | None = None
        self.stop_at: float | None = None

    def deliver(
        self, spans: Sequence[Any], *, wait: Callable[[float, bool], None], give_up: float | None = None
    ) -> bool:
        """Send a batch, again and again until it is taken, refused or out of time; return whether it arrived.

        Out of time is it at `give_up`, by default after OTEL_BSP_EXPORT_TIMEOUT. `wait` is called between two
        tries with the seconds and with whether the collector asked for them; it may return early.
        """
        # Late: sockets are nothing that a service should pay for before it has a span.
        from tracing_bootstrap.recorder.answer import LOST, SENT, backoff_s

        reported = self.losses.unreported()
        payload = guard.call("a batch could not be encoded", self._encode, spans, reported)
        if payload is None:
            self.lose("encode_error", len(spans), why="a batch could not be encoded")
            return False
        transport = self._transport or self._connect()
        request = transport.pack(payload)
        give_up = give_up or monotonic() + self._export_timeout_s
        attempt = 0
        while True:
            deadline = give_up if self.stop_at is None else min(self.stop_at, give_up)
            self.sending_since = monotonic()
            try:
                outcome = transport.send(request, deadline=deadline)
            finally:
                self.sending_since = None
            if outcome.verdict == SENT:
                self.losses.delivered(reported)
                if outcome.rejected:
                    lost = min(outcome.rejected, len(spans))
                    self.lose("rejected", lost, why=f"{self.endpoint} took a batch without all of its spans")
                return not outcome.rejected
            # What the collector asks for is the least: "Retry-After: 0" is no invitation to spin.
            asked_s = outcome.delay_s or 0.0
            delay_s = max(asked_s, backoff_s(attempt, jitter=os.urandom(1)[0] / 255))
            if outcome.verdict == LOST or monotonic() + delay_s >= deadline:
                self.lose(outcome.cause, len(spans), why=f"{self.endpoint} {outcome.detail}")
                return False
            wait(delay_s, asked_s > 0)
            attempt += 1

    def lose(self, cause: str, count: int, *, why: str) -> None:
        """Count lost spans; say so on stderr, once per cause."""
        if self.losses.add(cause, count):
            guard.warn(f"spans are lost ({cause}): {why}; the service runs on")

    def close(self) -> None:
        """Close the connection, if any."""
        if self._transport is not None:
            self._transport.close()

    def _connect(self) -> Transport:
        from tracing_bootstrap.recorder.transport import Transport

        self._transport = Transport(self._settings)
        return self._transport
