"""Who we say we are, to collectors and in resources."""

from __future__ import annotations

# Only the official SDK may call itself "opentelemetry" (resource semantic conventions, telemetry.sdk.name).
NAME = "tracing-bootstrap"
VERSION = "0.1.0"
