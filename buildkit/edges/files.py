"""Read a file, or say in one line why not."""

from pathlib import Path

from buildkit.values.errors import BadSetting, MissingFile, OutOfDisk

# https://docs.docker.com/build/building/secrets/: a larger secret is refused, with a message about gRPC
LARGEST_SECRET = 500 * 1024


def read(path: Path) -> str:
    """A text file's content.

    Raises:
        MissingFile: It is not there, is a directory, may not be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise MissingFile(f"cannot read {path}: {error.strerror}", hint="is the path right?") from None
    except UnicodeDecodeError:
        raise MissingFile(f"cannot read {path}: not a text file") from None


def write(path: Path, text: str) -> None:
    """Write a text file, whole or not at all.

    Raises:
        OutOfDisk: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise OutOfDisk(f"cannot write {path}: {error.strerror}", hint="is there room, and may we?") from None


def make_directory(path: Path) -> None:
    """Have a directory (raises OutOfDisk if it cannot be made)."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutOfDisk(f"cannot make {path}: {error.strerror}", hint="is there room, and may we?") from None


def check_bundle(path: Path) -> Path:
    """The same path, if it can be a build secret that holds certificates.

    Raises:
        MissingFile: It cannot be read.
        BadSetting: It holds no certificate, or too many for a secret.
    """
    text = read(path)
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise BadSetting(f"CA_BUNDLE={path} holds no certificate", hint="give a file in PEM format")
    if len(text) > LARGEST_SECRET:
        raise BadSetting(
            f"CA_BUNDLE={path} has {len(text)} bytes, a build secret at most {LARGEST_SECRET}",
            hint="give a file with your company's certificates only",
        )
    return path
