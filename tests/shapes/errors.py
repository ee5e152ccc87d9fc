"""What stops a shape from being run at all?"""


class NotRunnable(Exception):
    """Its image, its requirements or a server beside it could not be had; the text says why."""
