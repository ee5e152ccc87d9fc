"""Reads a file that only the old base has: it breaks on the new one."""

from pathlib import Path

from served import app, make_server

Path("/opt/release-1.4.0").read_text()

if __name__ == "__main__":
    with make_server("0.0.0.0", 8000, app) as server:
        server.serve_forever()
