"""Every rule of traceparent and tracestate, as a request's headers and what must be sent on.

Written from W3C Trace Context level 2, sections 3.2 to 3.5 and 4.
"""

import string
from dataclasses import dataclass

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01"

VALUE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in ",=")
KEY = string.ascii_lowercase + string.digits + "_-*/@"
MEMBERS = [f"k{number:02}={number}" for number in range(32)]


@dataclass(frozen=True, slots=True)
class Case:
    """One request.

    Attributes:
        name: The rule.
        headers: What is sent, in this order; a name may come twice.
        joined: Whether what is sent on belongs to TRACE; else it must be a trace that began in the service.
        flags: The trace-flags that must be sent on.
        state: The tracestate that must be sent on, without optional white space; empty for no header.
    """

    name: str
    headers: tuple[tuple[str, str], ...]
    joined: bool = True
    flags: str = "01"
    state: str = ""


def parent(name, value, *, joined=True, flags="01"):
    return Case(f"traceparent: {name}", (("traceparent", value),), joined=joined, flags=flags)


def invalid(name, value):
    """A traceparent that must be ignored; the tracestate beside it must not travel on."""
    return Case(f"traceparent: {name}", (("traceparent", value), ("tracestate", "a=1")), joined=False)


def state(name, *values, sent):
    return Case(
        f"tracestate: {name}",
        (("traceparent", VALID), *(("tracestate", value) for value in values)),
        state=sent,
    )


CASES = (
    # 3.2: the header and its name
    Case("no headers", (), joined=False),
    parent("valid", VALID),
    *(Case(f"named {name}", ((name, VALID),)) for name in ("TRACEPARENT", "TraceParent", "tRaCePaReNt")),
    *(Case(f"named {name}", ((name, VALID),), joined=False) for name in ("trace-parent", "trace.parent")),
    Case("traceparent: twice", (("traceparent", VALID),) * 2, joined=False),
    Case(
        "traceparent: twice, another trace",
        (("traceparent", VALID), ("traceparent", VALID.replace("4bf", "5bf"))),
        joined=False,
    ),
    parent("white space around it", f" \t{VALID}\t "),
    invalid("empty", ""),
    # 3.2.2.1: version
    invalid("version ff", f"ff{VALID[2:]}"),
    invalid("version of one digit", VALID[1:]),
    invalid("version of three digits", f"0{VALID}"),
    invalid("version in upper case", f"CC{VALID[2:]}"),
    invalid("version that is no hex", f"0g{VALID[2:]}"),
    invalid("version of other digits", f"0\u00b2{VALID[2:]}"),
    # 3.2.2.2: what is in version 00, and nothing after it
    invalid("version 00 with more", f"{VALID}-more"),
    invalid("version 00 with a dash at its end", f"{VALID}-"),
    invalid("version 00 with a dot at its end", f"{VALID}."),
    invalid("shorter than 55 characters", VALID[:-3]),
    invalid("another delimiter", VALID.replace("-", "_")),
    # 3.2.2.3: trace-id
    invalid("trace-id of zeros", f"00-{'0' * 32}-{PARENT}-01"),
    invalid("trace-id in upper case", f"00-{TRACE.upper()}-{PARENT}-01"),
    invalid("trace-id that is no hex", f"00-{TRACE[:-1]}g-{PARENT}-01"),
    invalid("trace-id too short", f"00-{TRACE[:-1]}-{PARENT}-01"),
    invalid("trace-id too long", f"00-{TRACE}0-{PARENT}-01"),
    # 3.2.2.4: parent-id
    invalid("parent-id of zeros", f"00-{TRACE}-{'0' * 16}-01"),
    invalid("parent-id in upper case", f"00-{TRACE}-{PARENT.upper()}-01"),
    invalid("parent-id that is no hex", f"00-{TRACE}-.{PARENT[1:]}-01"),
    invalid("parent-id too short", f"00-{TRACE}-{PARENT[1:]}-01"),
    invalid("parent-id too long", f"00-{TRACE}-{PARENT}0-01"),
    # 3.2.2.5: trace-flags; unknown ones are set to zero
    parent("not sampled", VALID[:-2] + "00", flags="00"),
    parent("random and not sampled", VALID[:-2] + "02", flags="02"),
    parent("random and sampled", VALID[:-2] + "03", flags="03"),
    parent("an unknown flag", VALID[:-2] + "04", flags="00"),
    parent("all flags", VALID[:-2] + "ff", flags="03"),
    invalid("flags of one digit", VALID[:-1]),
    invalid("flags of three digits", VALID[:-2] + "001"),
    invalid("flags in upper case", VALID[:-2] + "0B"),
    invalid("flags that are no hex", VALID[:-2] + ".1"),
    # 3.2.4: a later version is read as if it were 00, and 00 is sent on
    parent("version 01", f"01{VALID[2:]}"),
    parent("version cc with more", f"cc{VALID[2:]}-what-comes-later"),
    parent("version fe with an empty field", f"fe{VALID[2:]}-"),
    parent("version cc, not sampled", f"cc{VALID[2:-2]}08", flags="00"),
    invalid("version cc with more, but no dash", f"cc{VALID[2:]}.what-comes-later"),
    invalid("version cc, too short", f"cc{VALID[2:-3]}"),
    invalid("version cc, trace-id of zeros", f"cc-{'0' * 32}-{PARENT}-01"),
    # 3.3: the list
    Case("tracestate alone", (("tracestate", "a=1"),), joined=False),
    state("one member", "rojo=00f067aa0ba902b7", sent="rojo=00f067aa0ba902b7"),
    state("members in order", "rojo=1,congo=2,a=3", sent="rojo=1,congo=2,a=3"),
    state("several headers, in order", "z=1,y=2", "x=3", "w=4", sent="z=1,y=2,x=3,w=4"),
    state("empty", "", sent=""),
    state("empty headers among others", "", "a=1", "", sent="a=1"),
    state("empty members", ",a=1,, ,b=2,", sent="a=1,b=2"),
    state("white space around members", " a=1 \t,\t b=2 ", sent="a=1,b=2"),
    state("32 members", ",".join(MEMBERS), sent=",".join(MEMBERS)),
    state("33 members", ",".join(MEMBERS), "more=1", sent=""),
    state(
        "600 characters",
        f"a={'v' * 200},b={'w' * 200},c={'x' * 200}",
        sent=f"a={'v' * 200},b={'w' * 200},c={'x' * 200}",
    ),
    Case(
        "tracestate: of a later version",
        (("traceparent", f"cc{VALID[2:]}-more"), ("tracestate", "a=1")),
        state="a=1",
    ),
    Case("tracestate: named TraceState", (("traceparent", VALID), ("TraceState", "a=1")), state="a=1"),
    Case("tracestate: named trace-state", (("traceparent", VALID), ("trace-state", "a=1"))),
    # 3.3.2.1: the list's keys come once
    state("a key twice", "a=1,b=2,a=3", sent="a=1,b=2"),
    state("a key twice, in two headers", "a=1,b=2", "a=1", sent="a=1,b=2"),
    # 3.3.2.2: key
    state("every character of a key", f"{KEY}=1", sent=f"{KEY}=1"),
    state("a key that begins with a digit", "0a=1", sent="0a=1"),
    state("a key of 256 characters", f"{'k' * 256}=1", sent=f"{'k' * 256}=1"),
    state("a key with at signs", "a@=1,b@@c=2,d@e@f=3", sent="a@=1,b@@c=2,d@e@f=3"),
    state("a key of 257 characters", "a=1", f"{'k' * 257}=1", sent=""),
    state("no key", "=1,a=1", sent=""),
    *(
        state(f"a key with {what}", f"{key}=1,a=1", sent="")
        for what, key in {
            "an upper-case letter": "aB",
            "a space": "a b",
            "a space behind it": "b ",
            "a dot": "a.b",
            "an at sign in front": "@b",
            "an underscore in front": "_b",
            "a dash in front": "-b",
        }.items()
    ),
    # 3.3.2.3: value
    state("every character of a value", f"a={VALUE}", sent=f"a={VALUE}"),
    state("spaces in front of a value", "a=  1,b=2", sent="a=  1,b=2"),
    state("a value of 256 characters", f"a={'v' * 256}", sent=f"a={'v' * 256}"),
    state("a value of 257 characters", f"a={'v' * 257},b=1", sent=""),
    state("no value", "a=,b=1", sent=""),
    state("no equals sign", "a,b=1", sent=""),
    state("two equals signs", "a=1=2,b=1", sent=""),
    state("a tab in a value", "a=1\t2,b=1", sent=""),
    state("a value that is not ASCII", "a=caf\u00e9,b=1", sent=""),
)
