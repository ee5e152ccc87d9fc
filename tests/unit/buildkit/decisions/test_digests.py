import hashlib

import pytest

from buildkit.decisions import digests
from buildkit.values.errors import WrongDigest


@pytest.mark.parametrize("kind", ["sha256", "sha512"])
def test_content_is_checked_by_either_digest(kind):
    name = f"{kind}:{hashlib.new(kind, b'x').hexdigest()}"
    digests.check_all(name, b"x", what="reading", host="r.example")
    with pytest.raises(WrongDigest, match=r"reading: r\.example sent other content than") as caught:
        digests.check_all(name, b"y", what="reading", host="r.example")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["", "sha256:abc", f"md5:{'0' * 32}", f"sha256:{'G' * 64}", "../etc/passwd"])
def test_what_cannot_be_checked_is_refused(name):
    with pytest.raises(WrongDigest, match="no digest that can be checked"):
        digests.running(name)
