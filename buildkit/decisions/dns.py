"""Which name does a look-up ask for, and how is every name answered with one address? (RFC 1035)

It also runs in a container beside the service, from an archive of a few files: the standard library only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

PORT = 53
SECONDS = 1  # how long an answer may be kept: the next run has another address
_HEADER = struct.Struct("!6H")
_A, _PTR, _AAAA, _ANY, _INTERNET = 1, 12, 28, 255, 1
_ANSWERS, _AUTHORITATIVE, _RECURSION, _WANTS_RECURSION = 0x8000, 0x0400, 0x0080, 0x0100
_OPCODE = 0x7800
_NO_SUCH_NAME = 3
_LONGEST_LABEL, _LONGEST_NAME = 63, 253
_NAME_OF_QUESTION = 0xC000 | _HEADER.size  # RFC 1035 4.1.4: a pointer instead of the name once more


@dataclass(frozen=True, slots=True)
class Question:
    """One look-up.

    Attributes:
        number: what the answer has to repeat.
        name: in lower case, without the last dot; bytes that are not printable ASCII are escaped.
        kind: RFC 1035's QTYPE: 1 for an IPv4 address, 28 for an IPv6 address.
        raw: the question as it came, which the answer repeats too.
        wants_recursion: likewise.
    """

    number: int
    name: str
    kind: int
    raw: bytes
    wants_recursion: bool

    @property
    def asks_for_address(self) -> bool:
        return self.kind in (_A, _AAAA, _ANY)


def question(datagram: bytes) -> Question | None:
    """Read a query; None for whatever is none, or asks in a way that no resolver does."""
    if len(datagram) < _HEADER.size:
        return None
    number, flags, questions, *_ = _HEADER.unpack_from(datagram)
    if flags & (_ANSWERS | _OPCODE) or questions != 1:
        return None
    labels, at = [], _HEADER.size
    while at < len(datagram) and (length := datagram[at]):
        label = datagram[at + 1 : at + 1 + length]
        if length > _LONGEST_LABEL or len(label) < length:
            return None
        labels.append("".join(chr(byte) if 32 < byte < 127 else f"\\x{byte:02x}" for byte in label).lower())
        at += 1 + length
    end = at + 5  # the empty label, the type, the class
    if end > len(datagram) or end - 4 - _HEADER.size > _LONGEST_NAME + 2:
        return None
    kind, family = struct.unpack_from("!2H", datagram, at + 1)
    if family != _INTERNET:
        return None
    return Question(
        number=number,
        name=".".join(labels),
        kind=kind,
        raw=datagram[_HEADER.size : end],
        wants_recursion=bool(flags & _WANTS_RECURSION),
    )


def answer(asked: Question, *, address: str) -> bytes:
    """Every name has this IPv4 address and no other record; no address has a name."""
    flags = _ANSWERS | _AUTHORITATIVE | _RECURSION | (_WANTS_RECURSION if asked.wants_recursion else 0)
    if asked.kind == _PTR:
        return _HEADER.pack(asked.number, flags | _NO_SUCH_NAME, 1, 0, 0, 0) + asked.raw
    if asked.kind not in (_A, _ANY):
        return _HEADER.pack(asked.number, flags, 1, 0, 0, 0) + asked.raw
    record = struct.pack("!3HIH", _NAME_OF_QUESTION, _A, _INTERNET, SECONDS, 4) + IPv4Address(address).packed
    return _HEADER.pack(asked.number, flags, 1, 1, 0, 0) + asked.raw + record
