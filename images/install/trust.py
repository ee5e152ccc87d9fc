"""Add the company's certificates to the image's trust store; run only when TRUST_CA asks for it."""

import pathlib
import re
import subprocess
import sys

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
SYSTEM = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
LOCAL = pathlib.Path("/usr/local/share/ca-certificates")


def main(bundle):
    known = set(PEM.findall(SYSTEM.read_text()))
    new = [pem for pem in PEM.findall(pathlib.Path(bundle).read_text()) if pem not in known]
    LOCAL.mkdir(parents=True, exist_ok=True)
    # One file for each: update-ca-certificates links by hash, and does so for a file's first one only.
    for number, pem in enumerate(new):
        (LOCAL / f"company-{number:03}.crt").write_text(pem + "\n")
    subprocess.run(["update-ca-certificates"], check=True)
    print(f"{len(new)} certificates added to the trust store")


if __name__ == "__main__":
    main(sys.argv[1])
