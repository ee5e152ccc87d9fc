"""A WSGI service in front of the gRPC server: /work/<n> is its Unary, /<method>/<n> another of its methods."""

import grpc
import probe
import service

channel = grpc.insecure_channel("127.0.0.1:50051")


def method(name):
    stream_in = name in ("Collected", "Chatted")
    stream_out = name in ("Streamed", "Chatted")
    kinds = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }
    make = kinds[stream_in, stream_out]
    call = make(
        f"/{service.NAME}/{name}", request_serializer=service.same, response_deserializer=service.same
    )

    def send(number):
        request = iter([number, b"0"]) if stream_in else number
        answer = call(request, wait_for_ready=True)
        return list(answer) if stream_out else [answer]

    return send


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/probe":
        text = probe.facts()
    else:
        name, number = path.strip("/").split("/")
        try:
            answers = method("Unary" if name == "work" else name)(number.encode())
            text = " ".join(answer.decode() for answer in answers)
        except grpc.RpcError as error:
            text = f"{error.code().name} {error.details()}"
    body = text.encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
