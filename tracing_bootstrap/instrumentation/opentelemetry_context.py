"""Answers an OpenTelemetry API's runtime context from our own request-local storage.

A process may have two copies of the API: the service's, of any version, and the one that the detail layer keeps to
itself. Each has its own keys and classes; what both see is the span that is current, and the baggage.
"""

from __future__ import annotations

import sys

from tracing_bootstrap import guard
from tracing_bootstrap.instrumentation import foreign_span
from tracing_bootstrap.propagation import baggage
from tracing_bootstrap.recorder.context import current
from tracing_bootstrap.recorder.span import Frame, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How instrumentations and exporters said "not now" before the API had a key for it.
_OLD_SUPPRESS_KEY = "suppress_instrumentation"


class Api:
    """One copy of the API; `prefix` is what stands before its modules' usual names."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._span_key = ""

    def module(self, name: str) -> Any:
        """Return a module of the API, imported if need be."""
        full = f"{self._prefix}opentelemetry.{name}"
        if full not in sys.modules:
            __import__(full)
        return sys.modules[full]

    @property
    def span_key(self) -> str:
        """The key of the current span in a context: it differs from process to process, and from copy to copy."""
        if not self._span_key:
            self._span_key = self.module("trace.propagation")._SPAN_KEY
        return self._span_key

    def frame(self, context: Any) -> Frame:
        """Return what we keep of a context: its span as one of ours, its baggage, and whether to be silent."""
        carried = ""
        module = sys.modules.get(f"{self._prefix}opentelemetry.baggage")
        if module is not None:
            entries = context.get(module._BAGGAGE_KEY)
            if entries:
                carried = baggage.write(entries)
        frame = Frame(foreign_span.ours(context.get(self.span_key)), carried, context)
        frame.silent = bool(context.get(_OLD_SUPPRESS_KEY) or context.get(self._suppress_key()))
        return frame

    def _suppress_key(self) -> str:
        module = sys.modules.get(f"{self._prefix}opentelemetry.context")
        return getattr(module, "_SUPPRESS_INSTRUMENTATION_KEY", _OLD_SUPPRESS_KEY)


class Token:
    """What `attach` returns: the value to go back to. It may be used in any context (see recorder.context)."""

    __slots__ = ("before",)

    def __init__(self, before: Any) -> None:
        self.before = before


class RuntimeContext:
    """The API's `_RuntimeContext`, over our own storage."""

    def __init__(self, api: Api, context_class: type, original: Any) -> None:
        self._api = api
        self._context_class = context_class
        self._original = original
        self._empty = context_class()

    def attach(self, context: Any) -> Token:
        """Make an API context current; its span, whoever made it, becomes the parent of ours."""
        before = current.get()
        frame = guard.call("an OpenTelemetry context could not be attached", self._api.frame, context)
        if frame is None:
            frame = Frame(None, "", context)
        elif before.__class__ is Frame:
            # The other copy's context lies beneath, with what the service put into it.
            other = before.api_context
            frame.beneath = before.beneath if isinstance(other, self._context_class) else other
        current.set(frame)
        return Token(before)

    def get_current(self) -> Any:
        """Return the current API context, made from our span where the service attached none."""
        value = current.get()
        if value is None:
            return self._empty
        context = value.api_context
        if isinstance(context, self._context_class):
            return context
        context = guard.call("the OpenTelemetry context could not be made", self._context_of, value)
        return self._empty if context is None else context

    def detach(self, token: Any) -> None:
        """Go back to what was current before the matching `attach`."""
        if isinstance(token, Token):
            current.set(token.before)
        else:
            # Attached before we came.
            self._original.detach(token)

    def _context_of(self, value: Span | Frame) -> Any:
        entries: dict[str, Any] = {}
        if isinstance(value, Frame) and isinstance(value.beneath, self._context_class):
            entries.update(value.beneath)  # type: ignore[call-overload]
        entries[self._api.span_key] = value.span
        if value.baggage:
            # A dict and nothing like it: the API takes anything else for no baggage at all.
            entries[self._api.module("baggage")._BAGGAGE_KEY] = baggage.read(value.baggage)
        context = self._context_class(entries)
        if isinstance(value, Span):
            value.api_context = context
        return context
