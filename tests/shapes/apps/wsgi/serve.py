"""Serve the application of app.py with a server that a program starts by itself: `python serve.py waitress`."""

import os
import sys

PORT = int(os.environ["PORT"])


def waitress():
    from app import app
    from waitress import serve

    serve(app, host="0.0.0.0", port=PORT)


def cheroot():
    from app import app
    from cheroot.wsgi import Server

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
    from app import app
    from werkzeug.serving import run_simple

    run_simple("0.0.0.0", PORT, app)


def gevent():
    from gevent import monkey

    monkey.patch_all()
    from app import app
    from gevent.pywsgi import WSGIServer

    WSGIServer(("0.0.0.0", PORT), app).serve_forever()


def eventlet():
    import eventlet

    eventlet.monkey_patch()
    from app import app
    from eventlet import wsgi

    wsgi.server(eventlet.listen(("0.0.0.0", PORT)), app)


globals()[sys.argv[1]]()
