"""Which requests prove the most about a service?

Each one opens a trace of its own, so that a span of one cannot be taken for a span of another.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from buildkit.values.call import Request

if TYPE_CHECKING:
    import random

# W3C tracestate and baggage that a service has to pass on as they are.
TRACESTATE_KEY = "verify"
BAGGAGE_KEY = "verify.run"
LAST_REQUESTS = 6
_BODY = json.dumps({"verify": True, "text": "x" * 100}).encode()


def image_requests(ids: random.Random, *, service: str, path: str = "/") -> tuple[Request, ...]:
    """What any HTTP service can be asked, whatever it does: an answer of 404 or 405 is an answer."""
    joint = "&" if "?" in path else "?"
    return tuple(
        _request(ids, method, target, body=body, through=(service,))
        for method, target, body in (
            ("GET", path, b""),
            ("GET", f"{path}{joint}verify=1&name=a%20b", b""),
            ("POST", path, _BODY),
            ("HEAD", path, b""),
            ("GET", path, b""),
            ("GET", "/verify-no-such-page", b""),
            ("GET", "/" + quote("verify-nö-such-page"), b""),
        )
    )


def last_requests(
    ids: random.Random, *, through: tuple[str, ...], path: str = "/", route: str = ""
) -> tuple[Request, ...]:
    """The ones that are followed by the stop signal at once."""
    return tuple(_request(ids, "GET", path, through=through, route=route) for _ in range(LAST_REQUESTS))


def health_requests(ids: random.Random, *, service: str, paths: tuple[str, ...]) -> tuple[Request, ...]:
    """Paths that the service's owner has named: they must be answered without an error of the server."""
    return tuple(replace(_request(ids, "GET", path, through=(service,)), must_succeed=True) for path in paths)


def company_requests(ids: random.Random, *, chain: tuple[str, ...]) -> tuple[Request, ...]:
    """What the sample company is asked: by route, with a body, past a page that is missing, into an error."""
    order = json.dumps({"product": 7, "quantity": 3}).encode()
    shop, stock = chain[:1], chain[:2]
    return (
        _request(ids, "GET", "/", through=shop, route="/"),
        _request(ids, "GET", "/products/7", through=chain, route="/products/<int:number>"),
        _request(ids, "GET", "/products/8?currency=EUR", through=chain, route="/products/<int:number>"),
        _request(ids, "POST", "/orders", body=order, through=stock, route="/orders"),
        _request(ids, "GET", "/broken", through=shop, route="/broken"),
        _request(ids, "GET", "/no-such-page", through=shop),
        _request(ids, "GET", "/products/9", through=chain, route="/products/<int:number>"),
    )


def again(ids: random.Random, request: Request) -> Request:
    """Ask the same, in a trace of its own."""
    return replace(request, trace_id=ids.randbytes(16).hex(), span_id=ids.randbytes(8).hex())


def readiness_request(ids: random.Random, *, path: str) -> tuple[str, str]:
    """Method and headers' traceparent for a knock at the door: not sampled, so that it leaves no span."""
    return path, f"00-{ids.randbytes(16).hex()}-{ids.randbytes(8).hex()}-00"


def _request(
    ids: random.Random,
    method: str,
    path: str,
    *,
    through: tuple[str, ...],
    body: bytes = b"",
    route: str = "",
) -> Request:
    return Request(
        method=method,
        path=path,
        trace_id=ids.randbytes(16).hex(),
        span_id=ids.randbytes(8).hex(),
        body=body,
        through=through,
        route=route,
    )
