"""What happens inside a service: database, cache and template spans, from OpenTelemetry's contrib packages."""
