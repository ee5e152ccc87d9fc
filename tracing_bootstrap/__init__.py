"""The tracing runtime that lies in every service's process."""
