"""Are the spans of a trace exactly the ones that a shape must leave?"""

from tests.shapes.row import Node


def problems(node, spans, *, parent, number):
    """What is wrong with the spans of one request, as sentences; empty: nothing.

    Args:
        node: What must be there; None for no span.
        spans: Every span of the request's trace, and of the traces that are linked to it.
        parent: Id of the span above, an empty string for the root of a trace.
        number: The request's.
    """
    if node is None:
        return [f"a span that should not be: {describe(span)}" for span in spans]
    tops = [span for span in spans if span.parent_id == parent]
    used = _match(node, tops, spans=spans, number=number)
    if used is None:
        return [f"expected\n{draw_expected(node, number=number)}\ncame\n{draw(spans)}"]
    if len(used) < len(spans):
        return [f"more spans than expected\n{draw_expected(node, number=number)}\ncame\n{draw(spans)}"]
    return []


def _match(node, candidates, *, spans, number):
    """Ids of the spans that node and everything below it stand for; None where they are not there."""
    for span in candidates:
        if differences(node, span, number=number):
            continue
        below = _match_all(node.below, span, spans=spans, number=number, used=frozenset())
        if below is not None:
            return below | {span.span_id}
    return None


def _match_all(nodes, above, *, spans, number, used):
    if not nodes:
        return used
    first, *rest = nodes
    for span in spans:
        if span.span_id in used or not _hangs_below(span, above, linked=first.linked):
            continue
        found = _match(first, [span], spans=spans, number=number)
        if found is None or found & used:
            continue
        more = _match_all(tuple(rest), above, spans=spans, number=number, used=used | found)
        if more is not None:
            return more
    return None


def _hangs_below(span, above, *, linked):
    if linked:
        return any((link.trace_id, link.span_id) == (above.trace_id, above.span_id) for link in span.links)
    return span.parent_id == above.span_id and span.trace_id == above.trace_id


def differences(node: Node, span, *, number):
    """What of this one span is not as the node says; the spans below do not count."""
    found = []
    if span.kind.name != node.kind:
        found.append(f"kind {span.kind.name}, not {node.kind}")
    if node.name is not None and span.name != _filled(node.name, number):
        found.append(f"name {span.name!r}, not {_filled(node.name, number)!r}")
    if node.status is not None and span.status.name != node.status:
        found.append(f"status {span.status.name}, not {node.status}")
    if node.scope is not None and span.scope.name != node.scope:
        found.append(f"scope {span.scope.name!r}, not {node.scope!r}")
    for key, wanted in node.attributes.items():
        value = span.attributes.get(key)
        if callable(wanted):
            if not wanted(value):
                found.append(f"{key} is {value!r}")
        elif value != _filled(wanted, number):
            found.append(f"{key} is {value!r}, not {_filled(wanted, number)!r}")
    return found


def _filled(value, number):
    """`{n}` in a text is the number; other braces stay (a route of FastAPI has them)."""
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def draw_expected(node, *, number, depth=1):
    said = [node.kind]
    if node.name is not None:
        said.append(repr(_filled(node.name, number)))
    said += [
        f"{key}={'(predicate)' if callable(value) else _filled(value, number)!r}"
        for key, value in node.attributes.items()
    ]
    said += [f"status {node.status}"] if node.status else []
    said += [f"scope {node.scope}"] if node.scope else []
    said += ["(linked)"] if node.linked else []
    lines = ["  " * depth + " ".join(said)]
    lines += [draw_expected(child, number=number, depth=depth + 1) for child in node.below]
    return "\n".join(lines)


def draw(spans):
    """The spans as a tree of lines, each with all that a node can ask for."""
    ids = {span.span_id for span in spans}
    lines = []
    above = set()

    def add(span, depth):
        lines.append("  " * depth + describe(span))
        if span.span_id in above:
            # An id that came twice: what is below it was drawn already.
            return
        above.add(span.span_id)
        for child in spans:
            if child.parent_id == span.span_id and child is not span:
                add(child, depth + 1)

    for span in spans:
        if span.parent_id not in ids:
            add(span, 1)
    return "\n".join(lines) or "  nothing"


def describe(span):
    attributes = " ".join(f"{key}={value!r}" for key, value in sorted(span.attributes.items()))
    links = "".join(f" link to {link.span_id}" for link in span.links)
    return (
        f"{span.kind.name} {span.name!r} [{span.trace_id[:6]} {span.span_id} below {span.parent_id or 'none'}]"
        f"{links} {span.status.name} scope {span.scope.name} {attributes}"
    )
