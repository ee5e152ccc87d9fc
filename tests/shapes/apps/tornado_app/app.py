"""A tornado service that makes one call for each request.

SERVED_AS: `handlers`, a plain `callback`, `wsgi`, `prefork`.
"""

import asyncio
import os
import urllib.request

import probe
import tornado.httpserver
import tornado.httputil
import tornado.ioloop
import tornado.web
import tornado.websocket
import tornado.wsgi
from tornado.httpclient import AsyncHTTPClient

PORT = int(os.environ["PORT"])
SERVED_AS = os.environ.get("SERVED_AS", "handlers")


def url(number):
    return f"{os.environ['CALLEE_URL']}/item/{number}"


async def price(number):
    return (await AsyncHTTPClient().fetch(url(number))).body


class Facts(tornado.web.RequestHandler):
    def get(self):
        self.write(probe.facts())


class Work(tornado.web.RequestHandler):
    async def get(self, number):
        self.write(await price(number))


class Streamed(tornado.web.RequestHandler):
    async def get(self, number):
        self.write(b"first ")
        await self.flush()
        self.write(await price(number))


class Broken(tornado.web.RequestHandler):
    async def get(self, number):
        await price(number)
        raise ValueError("broken")


class Gone(tornado.web.RequestHandler):
    async def get(self, number):
        await price(number)
        raise tornado.web.HTTPError(410)


class Chat(tornado.websocket.WebSocketHandler):
    def open(self, number):
        self.number = number

    async def on_message(self, message):
        await self.write_message(message + " " + (await price(self.number)).decode())


def handlers():
    return tornado.web.Application(
        [
            (r"/probe", Facts),
            (r"/work/(\d+)", Work),
            (r"/streamed/(?P<number>\d+)", Streamed),
            (r"/broken/(\d+)", Broken),
            (r"/gone/(\d+)", Gone),
            (r"/chat/(\d+)", Chat),
        ]
    )


def callback(request):
    async def respond():
        kind, _, number = request.path.strip("/").partition("/")
        body = probe.facts().encode() if kind == "probe" else await price(number)
        request.connection.write_headers(
            tornado.httputil.ResponseStartLine("", 200, "OK"),
            tornado.httputil.HTTPHeaders({"Content-Length": str(len(body))}),
            body,
        )
        request.connection.finish()

    tornado.ioloop.IOLoop.current().spawn_callback(respond)


def application(environ, start_response):
    kind, _, number = environ["PATH_INFO"].strip("/").partition("/")
    if kind == "probe":
        body = probe.facts().encode()
    else:
        with urllib.request.urlopen(url(number)) as answer:
            body = answer.read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]


async def main():
    served = {
        "handlers": handlers,
        "callback": lambda: callback,
        "wsgi": lambda: tornado.wsgi.WSGIContainer(application),
    }
    tornado.httpserver.HTTPServer(served[SERVED_AS]()).listen(PORT)
    await asyncio.Event().wait()


def prefork():
    server = tornado.httpserver.HTTPServer(handlers())
    server.bind(PORT)
    server.start(2)
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    if SERVED_AS == "prefork":
        prefork()
    else:
        asyncio.run(main())
