"""What makes, holds and ships spans; nothing in here knows of any library of the service."""
