"""What the tooling talks about: immutable, without behaviour, without I/O."""
