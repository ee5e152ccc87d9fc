"""A job that calls out, says what it did on both streams, and fails as it should."""

import logging
import os
import sys
import urllib.request

import facts

with urllib.request.urlopen(f"{os.environ['PEER_URL']}/called", timeout=5) as answer:
    print("price", answer.read().decode())
logging.getLogger("job").warning("nearly done")
logging.getLogger("job").info("nobody sees this")
print("facts", facts.json.dumps(facts.collect()))
print("to stderr", file=sys.stderr)
if "FAIL" in os.environ:
    raise SystemExit(int(os.environ["FAIL"]))
