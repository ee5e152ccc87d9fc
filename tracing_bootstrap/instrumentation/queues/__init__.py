"""Patches for messages: their context travels in their headers."""
