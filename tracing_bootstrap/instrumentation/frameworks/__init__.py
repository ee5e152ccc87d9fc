"""Patches for the web frameworks: what only they know of a request, above all its route."""
