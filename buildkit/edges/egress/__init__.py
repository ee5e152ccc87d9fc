"""The egress catcher: what a service calls by name is taken, looked at and answered here."""
