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


class BadReference(Misuse):
    """A text that should name an image does not."""


class NoEngine(BuildkitError):
    """No Docker Engine answers."""


class NoBuilder(BuildkitError):
    """An engine answers, but no docker command here can drive its BuildKit."""


class NoUpstream(BuildkitError):
    """Neither a registry nor the Debian archive gave us something to build on."""


class NoEmulation(BuildkitError):
    """The engine cannot run what is for another machine than its own."""


class OutOfDisk(BuildkitError):
    """The disk is full."""


class CommandFailed(BuildkitError):
    """A command that we run said no."""


class RegistryError(BuildkitError):
    """A registry said no, said nonsense, or said nothing."""


class RegistryUnavailable(RegistryError):
    """It does not answer, or kept failing through all our tries."""


class CredentialsRefused(RegistryError):
    """It wants other credentials than those that we have."""


class UntrustedCertificate(RegistryError):
    """Its TLS certificate is not one that this machine trusts."""


class NotInRegistry(RegistryError):
    """It has no such repository, tag, manifest or blob."""


class BadManifest(RegistryError):
    """What it sent is no manifest or config that we know."""


class WrongDigest(RegistryError):
    """What it sent is not what was asked for: its digest is another."""


class TagMoved(RegistryError):
    """Somebody moved a tag between our look at it and our write."""


class Unsettled(RegistryError):
    """Nobody can tell whether a tag was moved: the write failed, and so did the look at what became of it."""


class NotRebasable(BuildkitError):
    """An image's layers cannot be put onto the new base."""


class BrokenContract(BuildkitError):
    """A new base breaks what services rely on, and its version does not say so."""


class NotVerified(BuildkitError):
    """An image was not verified, or did not pass, and so gets no tag."""


class BadFleetFile(Misuse):
    """fleet.toml does not say what it must; the message names line and key."""


class BadDockerfile(BuildkitError):
    """A service's Dockerfile does not parse, or its base cannot be told."""


class BadSource(BuildkitError):
    """A service's source is not there, or cannot be read."""


class NotOnBase(BuildkitError):
    """What a service's Dockerfile makes does not stand on the company's base."""


class PinnedBase(BuildkitError):
    """A service's Dockerfile names the base by its digest, and its fleet lets it."""


class Busy(BuildkitError):
    """Somebody else is doing the same thing at the same time."""


class BadJournal(BuildkitError):
    """A rollout's journal cannot be continued."""


class BadJobResult(BuildkitError):
    """A file among the results of a CI system's jobs is none."""


class BadSignature(BuildkitError):
    """A signature that the fleet's policy asks for is missing or wrong."""
