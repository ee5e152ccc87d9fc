"""Patches for the HTTP and gRPC servers: where a request begins and ends."""
