"""What does a fleet's policy still miss before a tag may move to an image?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs, and who is believed; each is a file, or what else cosign takes for a key.

    Attributes:
        private: signs what we promote; empty: nothing is signed.
        public: checks what we promote, and what we build on; empty: nothing is checked.
    """

    private: str = ""
    public: str = ""


def contradictions(*, required: bool, keys: Keys, cosign: bool) -> tuple[str, ...]:
    """Why a policy of signatures cannot be kept here at all; empty if it can."""
    if not required:
        return ()
    found = []
    if not keys.public:
        found.append("signatures are required, and there is no public key to check them with")
    if not cosign:
        found.append("signatures are required, and there is no cosign here")
    return tuple(found)
