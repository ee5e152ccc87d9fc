"""Every way in which the tooling can fail, as its user reads it."""


class BuildkitError(Exception):
    """A failure that the user can do something about: printed as one line, never as a traceback.

    Args:
        message: What happened.
        hint: What to do about it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class Misuse(BuildkitError):
    """The command or a file that it reads is wrong: nothing was tried."""

    exit_code = 2


class MissingFile(Misuse):
    """A file that was named is not there or cannot be read."""


class BadVersionsFile(Misuse):
    """images/versions.toml does not say what it must."""


class UnknownPython(Misuse):
    """No row of images/versions.toml has this Python."""


class BadSetting(Misuse):
    """A setting (COMPANY, REGISTRY, COLLECTOR ...) cannot be what it was set to."""


class NoEngine(BuildkitError):
    """No Docker Engine answers."""


class NoBuilder(BuildkitError):
    """An engine answers, but no docker command here can drive its BuildKit."""


class NoUpstream(BuildkitError):
    """Neither a registry nor the Debian archive gave us something to build on."""


class OutOfDisk(BuildkitError):
    """The disk is full."""


class CommandFailed(BuildkitError):
    """A command that we run said no."""
