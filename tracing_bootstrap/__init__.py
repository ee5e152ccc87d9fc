"""The tracing runtime that lies in every service's process; importing it does nothing."""

__version__ = "0.1.0"
