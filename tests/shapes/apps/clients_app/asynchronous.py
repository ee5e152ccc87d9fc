"""How each asynchronous client sends a GET: by name, a coroutine function of a URL and headers."""

import contextlib


@contextlib.asynccontextmanager
async def aiohttp():
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def send(url, headers):
            async with session.get(url, headers=headers) as answer:
                return answer.status, await answer.read()

        yield send


@contextlib.asynccontextmanager
async def httpx():
    import httpx

    async with httpx.AsyncClient(follow_redirects=True) as client:

        async def send(url, headers):
            async with client.stream("GET", url, headers=headers) as answer:
                return answer.status_code, b"".join([part async for part in answer.aiter_bytes()])

        yield send


@contextlib.asynccontextmanager
async def tornado():
    from tornado.httpclient import AsyncHTTPClient

    client = AsyncHTTPClient()

    async def send(url, headers):
        answer = await client.fetch(url, headers=headers, raise_error=not url.rpartition("/")[2].isdigit())
        return answer.code, answer.body

    yield send


@contextlib.asynccontextmanager
async def tornado_curl():
    from tornado.httpclient import AsyncHTTPClient

    AsyncHTTPClient.configure("tornado.curl_httpclient.CurlAsyncHTTPClient")
    async with tornado() as send:
        yield send
