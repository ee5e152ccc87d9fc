"""A gRPC service of four methods, one of each kind, written by hand: a message is its bytes.

Each calls the callee's /item/<n>, n being the request (of a stream, its first).
"""

import os
import urllib.request

import grpc

NAME = "company.Shop"


def same(message):
    return message


def price(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number.decode()}") as answer:
        return answer.read()


def unary(request, context):
    return price(request)


def streamed(request, context):
    yield price(request)
    yield b"and more"


def collected(requests, context):
    first, *_ = list(requests)
    return price(first)


def chatted(requests, context):
    for number, request in enumerate(requests):
        yield b"again" if number else price(request)


def missing(request, context):
    price(request)
    context.abort(grpc.StatusCode.NOT_FOUND, "no such item")


def broken(request, context):
    price(request)
    raise ValueError("broken")


def handler(functions):
    unary, streamed, collected, chatted, missing, broken = functions
    return grpc.method_handlers_generic_handler(
        NAME,
        {
            "Unary": grpc.unary_unary_rpc_method_handler(unary, same, same),
            "Streamed": grpc.unary_stream_rpc_method_handler(streamed, same, same),
            "Collected": grpc.stream_unary_rpc_method_handler(collected, same, same),
            "Chatted": grpc.stream_stream_rpc_method_handler(chatted, same, same),
            "Missing": grpc.unary_unary_rpc_method_handler(missing, same, same),
            "Broken": grpc.unary_unary_rpc_method_handler(broken, same, same),
        },
    )


BLOCKING = (unary, streamed, collected, chatted, missing, broken)
