"""A CherryPy service, on CherryPy's own server and engine."""

import os
import re
import urllib.request

import cherrypy
import probe


class Service:
    @cherrypy.expose
    def work(self, number):
        with urllib.request.urlopen(f"{os.environ['CALLEE_URL']}/item/{number}") as answer:
            return answer.read()

    @cherrypy.expose
    def raises(self, number):
        self.work(number)
        raise RuntimeError(f"cannot do {number}")

    @cherrypy.expose
    def probe(self):
        if cherrypy.engine.state != cherrypy.engine.states.STARTED:
            # It answers already, but a signal now would end it as a failed start.
            raise cherrypy.HTTPError(503)
        # CherryPy numbers its loggers by address.
        return re.sub(r"\d{9,}", "#", probe.facts()).encode()


if __name__ == "__main__":
    cherrypy.config.update({"server.socket_host": "0.0.0.0", "server.socket_port": int(os.environ["PORT"])})
    cherrypy.quickstart(Service())
