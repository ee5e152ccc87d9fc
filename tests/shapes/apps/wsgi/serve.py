"""Serve the application of app.py with a server that a program starts by itself: `python serve.py waitress`."""

import os
import sys

PORT = int(os.environ["PORT"])


def waitress():
    from waitress import serve

    from app import app

    serve(app, host="0.0.0.0", port=PORT)


def cheroot():
    from cheroot.wsgi import Server

    from app import app

    server = Server(("0.0.0.0", PORT), app)
    try:
        server.start()
    finally:
        server.stop()


def wsgiref():
    from wsgiref.simple_server import make_server

    from app import app

    make_server("0.0.0.0", PORT, app).serve_forever()


def werkzeug():
    from werkzeug.serving import run_simple

    from app import app

    run_simple("0.0.0.0", PORT, app)


def gevent():
    from gevent import monkey

    monkey.patch_all()
    from gevent.pywsgi import WSGIServer

    from app import app

    WSGIServer(("0.0.0.0", PORT), app).serve_forever()


def eventlet():
    import eventlet

    eventlet.monkey_patch()
    from eventlet import wsgi

    from app import app

    wsgi.server(eventlet.listen(("0.0.0.0", PORT)), app)


globals()[sys.argv[1]]()
