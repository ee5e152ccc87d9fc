"""Who calls a service under test."""

import dataclasses
import secrets


@dataclasses.dataclass(frozen=True)
class Caller:
    """Somebody who calls a service in a trace of their own."""

    trace_id: str = dataclasses.field(default_factory=lambda: secrets.token_hex(16))
    span_id: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))

    @property
    def traceparent(self):
        return f"00-{self.trace_id}-{self.span_id}-01"
