"""Which layer tells the tracer what a service is called?

The tracer reads the file where nothing in the environment names the service: a pipeline knows a better name
than what is being run. It is a layer and no variable, since a service's own OTEL_SERVICE_NAME must win, and
since what stands in ENV is there for ever.
"""

from __future__ import annotations

import io
import tarfile

STAMP_PATH = "opt/tracing/service-name"
CREATED_BY = "buildkit: the service's name"


def layer(name: str) -> bytes:
    """The layer, uncompressed: a few blocks, whose digest depends on nothing but the name."""
    content = f"{name}\n".encode()
    entry = tarfile.TarInfo(STAMP_PATH)
    entry.size = len(content)
    entry.mode = 0o644
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
