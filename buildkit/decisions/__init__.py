"""What the tooling decides: pure functions over values."""
