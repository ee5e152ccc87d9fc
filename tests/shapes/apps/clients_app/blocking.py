"""How each blocking client sends a GET: by name, a function of a URL and headers that returns status and body."""

import contextlib
import http.client
import os
import socket
import urllib.error
import urllib.parse
import urllib.request

PROXY = os.environ["CALLEE_URL"] if os.environ.get("CALL_BY_PROXY") else None


def with_http_client(url, headers):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path, headers=headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def with_urllib(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read()


def urllib3():
    import urllib3

    retries = urllib3.Retry(3, status_forcelist=[503], backoff_factor=0)
    pool = urllib3.ProxyManager(PROXY) if PROXY else urllib3.PoolManager(retries=retries)

    def send(url, headers):
        answer = pool.request("GET", url, headers=headers)
        return answer.status, answer.data

    return send


def requests():
    import requests

    session = requests.Session()
    session.proxies = {"http": PROXY} if PROXY else {}

    def send(url, headers):
        with session.get(url, headers=headers, stream=True) as answer:
            return answer.status_code, b"".join(answer.iter_content(4))

    return send


def httpx():
    import httpx

    client = httpx.Client(follow_redirects=True, **({"proxy": PROXY} if PROXY else {}))

    def send(url, headers):
        with client.stream("GET", url, headers=headers) as answer:
            return answer.status_code, b"".join(answer.iter_bytes())

    return send


def httpx_http2():
    """HTTP/2 with prior knowledge, to the server beside us, which carries the request on to the callee."""
    import httpx

    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", 9000)):
            break
    client = httpx.Client(http1=False, http2=True)

    def send(url, headers):
        path = urllib.parse.urlsplit(url).path
        answer = client.get(f"http://127.0.0.1:9000{path}", headers=headers)
        assert answer.http_version == "HTTP/2"
        return answer.status_code, answer.content

    return send


def botocore():
    import botocore.session

    session = botocore.session.get_session()
    session.set_credentials("key", "secret")

    def client(service):
        return session.create_client(
            service, endpoint_url=os.environ["CALLEE_URL"], region_name="eu-central-1"
        )

    storage, database = client("s3"), client("dynamodb")

    def send(url, headers):
        key = urllib.parse.urlsplit(url).path.strip("/")
        database.get_item(TableName="shop", Key={"name": {"S": key}})
        answer = storage.get_object(Bucket="shop", Key=key)
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()

    return send


def make(name):
    """Return the function for a client's name."""
    known = {"http_client": with_http_client, "urllib": with_urllib}
    return known[name] if name in known else globals()[name]()
