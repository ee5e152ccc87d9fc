"""What leaves spans out on purpose, or cuts traces: settings that do as they were told, and unknown servers.

None of it is a problem by itself, but it is what to look at first where a trace ends that should not.
"""

from __future__ import annotations

from tracing_bootstrap.propagation import formats
from tracing_bootstrap.settings.table import TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracing_bootstrap.settings import Settings

#: Servers that every Python has; having them says nothing.
_EVERYWHERE = ("wsgiref",)


def of_settings(read: Settings) -> Iterator[str]:
    """Name each setting that leaves something out, with what it does."""
    if read.disabled:
        return
    if read.exporter == "none":
        yield f"no span is sent: {_told(read, 'exporter', 'none')}"
    yield from _of_sampler(read)
    if "none" in read.propagators:
        yield f"no trace header is read or written: {_told(read, 'propagators', 'none')}"
    else:
        written = [name for name in read.propagators if name == formats.W3C or name in formats.WRITERS]
        if formats.W3C not in written:
            what = ", ".join(written) or "no header"
            yield f"{what} carries traces on, and not W3C's traceparent: {_names('propagators')} leaves it out"
    if read.edge:
        yield f"incoming traces are linked and not joined: {_told(read, 'edge', 'true')}"
    if read.excluded_urls:
        yield f"some requests get no span: {_told(read, 'excluded_urls', ','.join(read.excluded_urls))}"


def _of_sampler(read: Settings) -> Iterator[str]:
    told = _told(read, "sampler", read.sampler)
    nothing = read.sampler_arg == 0 and read.sampler.endswith("traceidratio")
    if read.sampler == "always_off" or (nothing and not read.sampler.startswith("parentbased_")):
        yield f"no span is kept: {told}"
    elif read.sampler == "parentbased_always_off" or nothing:
        yield f"a trace that begins here is never kept: {told}"
    elif read.sampler.endswith("traceidratio") and read.sampler_arg < 1:
        yield f"{read.sampler_arg:.3g} of the traces that begin here are kept: {told}"
    elif read.sampler.endswith("ratelimited"):
        yield f"about {read.sampler_arg:g} of the traces that begin in a process are kept a second: {told}"
    if not read.sampler.startswith("parentbased_"):
        yield f"the sampler decides anew, whatever the caller has decided, so that traces are cut: {told}"


def of_servers(patches: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Say so where no server is installed that the table knows; `patches` are the doctor's."""
    rows = [row for row in patches if row["kind"] == "servers"]
    servers = {row["module"].partition(".")[0]: False for row in rows}
    for row in rows:
        servers[row["module"].partition(".")[0]] |= row["state"] != "not installed"
    known = sorted(server for server in servers if server not in _EVERYWHERE)
    if known and not any(servers[server] for server in known):
        yield f"no server is installed that is known to be traced: {', '.join(known)}"


def _told(read: Settings, field: str, value: str) -> str:
    layer = read.sources[field].partition(" ")[0]
    return f"{_names(field)} is {value} ({layer})"


def _names(field: str) -> str:
    return next(variable.names[-1] for variable in TABLE if variable.field == field)
