"""Who vouches for the catcher where a service calls over TLS? A certificate authority that lives as long as we do."""

from __future__ import annotations

import ssl
import threading
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import trustme

_ANY = "somebody.invalid"  # for a client that does not say whom it calls


class Authority:
    """Makes a certificate for each name that is called; thread-safe. Its key never leaves this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}

    @cached_property
    def pem(self) -> bytes:
        """The certificate that a service has to trust."""
        with self._lock:
            return self._made.cert_pem.bytes()

    def context(self, name: str = _ANY) -> ssl.SSLContext:
        """What to serve TLS with to somebody who calls this name.

        A name that no certificate may bear (an underscore in it) gets another's, which the caller refuses.
        """
        with self._lock:
            if name not in self._contexts:
                self._contexts[name] = self._make(name)
            return self._contexts[name]

    def handshake(self, chosen: Callable[[str], None]) -> ssl.SSLContext:
        """What to begin a handshake with; `chosen` hears the name that is called, if the client says one."""

        def choose(wrapped: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            if name:
                chosen(name)
                wrapped.context = self.context(name)

        with self._lock:
            context = self._make(_ANY)
        context.sni_callback = choose
        return context

    def _make(self, name: str) -> ssl.SSLContext:
        try:
            certificate = self._made.issue_cert(name)
        except ValueError:
            certificate = self._made.issue_cert(_ANY)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    @cached_property
    def _made(self) -> trustme.CA:
        import trustme  # noqa: PLC0415 - a fifth of a second, which only who verifies has to wait for

        return trustme.CA(organization_name="buildkit verify")
