"""What tracing costs a service: bare against ours against opentelemetry-instrument."""
