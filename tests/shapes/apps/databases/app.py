"""A service that asks the database, cache or template engine that USES names once for each request."""

import contextlib
import functools
import importlib
import os
import urllib.request

import flask
import probe

QUERY = "SELECT {p} + 1 AS answer, 'secret' AS text"

app = flask.Flask(__name__)


@app.get("/work/<int:number>")
def work(number):
    said = globals()[os.environ["USES"]](number)
    with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
        answer.read()
    return f"{said}\n"


@app.get("/probe")
def facts():
    return probe.facts()


def rows(connection, number, placeholder="%s"):
    """What every driver of PEP 249 can do."""
    with contextlib.closing(connection), contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(QUERY.format(p=placeholder), (number,))
        return [tuple(row) for row in cursor.fetchall()]


def sqlite3(number):
    import sqlite3

    return rows(sqlite3.connect(":memory:"), number, "?")


def sqlite3_untouched(number):
    """Everything that a wrapper around a connection could break."""
    import sqlite3

    with (
        contextlib.closing(sqlite3.connect(":memory:")) as one,
        contextlib.closing(sqlite3.connect(":memory:", 5.0, 0, None, True, sqlite3.Connection)) as other,
    ):
        one.backup(other)
        found = one.execute(QUERY.format(p="?"), (number,)).fetchall()
        return [found, isinstance(one, sqlite3.Connection), type(one).__name__, repr(type(one.cursor()))]


def sqlite3_failing(number):
    import sqlite3

    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("SELECT * FROM nowhere WHERE secret = 'secret'")
        except sqlite3.OperationalError as error:
            return str(error)


def psycopg(number):
    import psycopg

    with psycopg.connect("host=postgresql user=postgres dbname=postgres") as connection:
        return connection.execute(QUERY.format(p="%s"), (number,)).fetchall()


def psycopg_async(number):
    import asyncio

    import psycopg

    async def ask():
        connect = psycopg.AsyncConnection.connect
        async with await connect("host=postgresql user=postgres dbname=postgres") as connection:
            return await (await connection.execute(QUERY.format(p="%s"), (number,))).fetchall()

    return asyncio.run(ask())


def psycopg2(number):
    from psycopg2 import connect, extras

    connection = connect("host=postgresql user=postgres dbname=postgres")
    extras.register_uuid(conn_or_curs=connection)
    return rows(connection, number)


def asyncpg(number):
    import asyncio

    import asyncpg

    async def ask():
        connection = await asyncpg.connect(host="postgresql", user="postgres", database="postgres")
        try:
            return tuple(await connection.fetchrow(QUERY.format(p="$1::int"), number))
        finally:
            await connection.close()

    return asyncio.run(ask())


def pymysql(number):
    import pymysql

    return rows(pymysql.connect(host="mariadb", user="root", database="mysql"), number)


def sqlalchemy(number):
    return statement(engine(os.environ["DATABASE"]), number)


def statement(engine, number):
    from sqlalchemy import text

    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(QUERY.format(p=":n")), {"n": number})]


@functools.cache
def engine(url):
    import sqlalchemy

    made = sqlalchemy.create_engine(url)
    # The first connection asks the server what it can.
    made.connect().close()
    return made


if os.environ["USES"] == "sqlalchemy":
    engine(os.environ["DATABASE"])


def redis(number):
    client = _redis()
    with client.pipeline() as pipeline:
        pipeline.set(f"key{number}", "secret")
        pipeline.execute()
    return client.get(f"key{number}")


def redis_async(number):
    import asyncio

    from redis.asyncio import Redis

    async def ask():
        async with Redis(host="redis") as client:
            await client.set(f"key{number}", "secret")
            return await client.get(f"key{number}")

    return asyncio.run(ask())


def mysql_connector(number):
    from mysql import connector

    return rows(connector.connect(host="mariadb", user="root", database="mysql"), number)


def _redis():
    import redis

    return redis.Redis(host="redis")


def pymongo(number):
    import pymongo

    with pymongo.MongoClient("mongodb", 27017) as client:
        return client.shop.items.find_one({"secret": number})


def pymemcache(number):
    from pymemcache.client.base import Client

    with contextlib.closing(Client(("memcached", 11211))) as client:
        client.set(f"key{number}", "secret")
        return client.get(f"key{number}")


def jinja2(number):
    return page().render(name="secret", number=number)


@functools.cache
def page():
    import jinja2

    loader = jinja2.DictLoader({"page.html": "Hello {{ name }} {{ number }}"})
    return jinja2.Environment(loader=loader).get_template("page.html")


if os.environ["USES"] == "jinja2":
    page()


def versions(number):
    """A query, and where what the service pinned comes from."""
    found = []
    for name in os.environ["MODULES"].split():
        module = importlib.import_module(name)
        found.append([name, module.__file__, str(getattr(module, "__version__", ""))])
    return [sqlite3(number), found]


def by_hand(number):
    """The service has an instrumentation of its own, and switches it on."""
    from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor

    SQLite3Instrumentor().instrument()
    try:
        return sqlite3(number)
    finally:
        SQLite3Instrumentor().uninstrument()
