import pytest

from buildkit.edges import files
from buildkit.values.errors import BadSetting, MissingFile

PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("kind", ["missing", "directory", "binary"])
def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path, kind):
    path = tmp_path / "file"
    if kind == "directory":
        path.mkdir()
    if kind == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MissingFile, match=f"cannot read {path}") as caught:
        files.read(path)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_bundle_of_certificates_is_accepted(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text(PEM)
    assert files.check_bundle(path) == path


@pytest.mark.parametrize(
    ("text", "words"), [("hello", "no certificate"), (PEM * 10_000, "a build secret at most")]
)
def test_a_file_that_cannot_be_the_secret_is_refused(tmp_path, text, words):
    path = tmp_path / "ca.pem"
    path.write_text(text)
    with pytest.raises(BadSetting, match=words):
        files.check_bundle(path)
