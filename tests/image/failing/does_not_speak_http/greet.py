"""Greets as an SSH server does."""

import socketserver


class Greeter(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")


with socketserver.TCPServer(("0.0.0.0", 8000), Greeter) as server:
    server.serve_forever()
