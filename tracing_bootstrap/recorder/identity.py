"""Who we say we are, to collectors and in resources."""

from __future__ import annotations

from tracing_bootstrap import __version__

# Only the official SDK may call itself "opentelemetry" (resource semantic conventions, telemetry.sdk.name).
NAME = "tracing-bootstrap"
VERSION = __version__
