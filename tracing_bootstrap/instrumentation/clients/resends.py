"""How often has a request been sent before? What the libraries above http.client know of redirects and retries.

They tell it right before they send again, in the same context: http.client's patch takes the number from there.
"""

from __future__ import annotations

from contextvars import ContextVar

from tracing_bootstrap.instrumentation.patching import after, before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CAUSE = "redirects and retries could not be counted"

#: The number, and the target of the request that it is for; None for whichever is next.
pending: ContextVar[tuple[int, str | None] | None] = ContextVar("tracing_resends", default=None)


def take(target: str) -> int:
    """Return how often the request that now begins was sent before; asked once for each."""
    value = pending.get()
    if value is None:
        return 0
    pending.set(None)
    count, expected = value
    # Not every redirect that is prepared is sent. To a proxy the whole URL goes.
    return count if expected is None or target.endswith(expected) else 0


def patch_urllib(module: Any) -> None:
    """Count redirects (urllib.request)."""
    after(module.HTTPRedirectHandler, "redirect_request", _CAUSE, _redirected)


def patch_urllib3(module: Any) -> None:
    """Count retries and redirects (urllib3.util.retry)."""
    after(module.Retry, "increment", _CAUSE, _tried_again)


def patch_requests(module: Any) -> None:
    """Count redirects (requests.sessions); below it urllib3 sees each of them as a first request."""
    before(module.SessionRedirectMixin, "rebuild_auth", _CAUSE, _followed)


def patch_botocore(module: Any) -> None:
    """Count retries (botocore.endpoint)."""
    before(module.Endpoint, "_update_retries_context", _CAUSE, _attempted)


def _redirected(new: Any, _handler: Any, request: Any, *_answer: Any) -> None:
    if new is not None:
        visited = getattr(request, "redirect_dict", {})
        pending.set((sum(visited.values()) + 1, new.selector))


def _tried_again(retry: Any, *_args: Any) -> None:
    pending.set((len(retry.history), None))


def _followed(_session: Any, prepared: Any, response: Any) -> None:
    pending.set((len(response.history) + 1, prepared.path_url))


def _attempted(_endpoint: Any, _context: Any, attempts: int, *_response: Any) -> None:
    if attempts > 1:
        pending.set((attempts - 1, None))
