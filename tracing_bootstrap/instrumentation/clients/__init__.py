"""Patches for outgoing calls: a span and the headers for each."""
