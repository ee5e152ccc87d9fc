"""The ways in: each leg arms the runtime, and arming twice is a no-op."""
