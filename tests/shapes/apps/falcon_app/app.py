"""A Falcon service, under WSGI (`app`) and ASGI (`asgi`)."""

import os
import urllib.request

import falcon
import falcon.asgi
import probe


def call(number):
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        return answer.read()


class Work:
    def on_get(self, request, response, number):
        response.data = call(number)


class Raises:
    def on_get(self, request, response, number):
        call(number)
        raise RuntimeError(f"cannot do {number}")


class Probe:
    def on_get(self, request, response):
        response.text = probe.facts()


class AsyncWork:
    async def on_get(self, request, response, number):
        response.data = call(number)


class AsyncRaises:
    async def on_get(self, request, response, number):
        call(number)
        raise RuntimeError(f"cannot do {number}")


class AsyncProbe:
    async def on_get(self, request, response):
        response.text = probe.facts()


def routed(application, *, work, raises, facts):
    application.add_route("/work/{number:int}", work)
    application.add_route("/raises/{number:int}", raises)
    application.add_route("/probe", facts)
    return application


app = routed(falcon.App(), work=Work(), raises=Raises(), facts=Probe())
asgi = routed(falcon.asgi.App(), work=AsyncWork(), raises=AsyncRaises(), facts=AsyncProbe())
