"""A token server for a registry: it knows users, and signs what they may do.

https://distribution.github.io/distribution/spec/auth/token/ and .../jwt/
"""

import base64
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import trustme
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509 import load_pem_x509_certificate

SERVICE = "registry.test"
ISSUER = "token-server.test"
#: What they may do with every repository; "" is whoever comes without a password.
RIGHTS = {"writer": {"pull", "push", "delete", "*"}, "reader": {"pull"}, "": {"pull"}}
PASSWORD = "open sesame"
IDENTITY_TOKEN = "an identity token of the writer"


class TokenServer:
    """It as long as the `with` block lasts.

    Attributes:
        url: What a registry calls its realm.
        root: Certificate that the registry must trust, PEM.
        seconds: How long tokens last.
        asked: What was asked for: (method, user, scopes).
    """

    def __init__(self):
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        issued = authority.issue_cert("token-server.test", key_type=trustme.KeyType.ECDSA)
        self.root = authority.cert_pem.bytes()
        self._key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), password=None)
        self._chain = [base64.b64encode(_der(blob.bytes())).decode() for blob in issued.cert_chain_pems]
        self.seconds = 300
        self.asked = []
        self.url = ""
        self._server = None

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.tokens = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/token"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exc_info):
        self._server.shutdown()
        self._server.server_close()

    def variables(self):
        """The settings of a registry that believes it."""
        return {
            "REGISTRY_AUTH": "token",
            "REGISTRY_AUTH_TOKEN_REALM": self.url,
            "REGISTRY_AUTH_TOKEN_SERVICE": SERVICE,
            "REGISTRY_AUTH_TOKEN_ISSUER": ISSUER,
            "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE": "/registry/files/root.pem",
        }

    def sign(self, user, scopes):
        access = []
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            allowed = sorted(set(actions.split(",")) & RIGHTS[user])
            access.append({"type": kind, "name": name, "actions": allowed})
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": user,
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 5,
            "exp": now + self.seconds,
            "jti": os.urandom(6).hex(),
            "access": access,
        }
        head = {"typ": "JWT", "alg": "ES256", "x5c": self._chain}
        text = f"{_packed(json.dumps(head).encode())}.{_packed(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{_packed(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        """No access log."""

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        user = self._user()
        if user is None or query.get("service") != [SERVICE]:
            return self._say(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong password"}]})
        return self._grant("token", user, query.get("scope", []))

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if form.get("grant_type") != ["refresh_token"] or form.get("refresh_token") != [IDENTITY_TOKEN]:
            return self._say(401, {"errors": [{"code": "UNAUTHORIZED", "message": "unknown token"}]})
        return self._grant("access_token", "writer", form.get("scope", [""])[0].split())

    def _user(self):
        """None for a wrong password."""
        kind, _, packed = self.headers.get("Authorization", "").partition(" ")
        if not kind:
            return ""
        user, _, password = base64.b64decode(packed).decode().partition(":")
        return user if user in RIGHTS and password == PASSWORD else None

    def _grant(self, name, user, scopes):
        tokens = self.server.tokens
        tokens.asked.append((self.command, user, tuple(scopes)))
        self._say(200, {name: tokens.sign(user, scopes), "expires_in": tokens.seconds})

    def _say(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _packed(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _der(pem):
    return load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
