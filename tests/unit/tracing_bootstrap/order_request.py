"""What a span has to tell of one and the same request, whether it came by WSGI or by ASGI."""

ATTRIBUTES = {
    "http.request.method": "POST",
    "http.request.body.size": 12,
    "http.response.status_code": 200,
    "http.response.body.size": 5,
    "url.scheme": "http",
    "url.path": "/orders/caf%C3%A9",
    "url.query": "token=REDACTED&page=2",
    "server.address": "shop",
    "server.port": 8000,
    "client.address": "203.0.113.7",
    "network.peer.address": "10.0.0.9",
    "network.protocol.version": "1.1",
    "user_agent.original": "curl/8",
}
