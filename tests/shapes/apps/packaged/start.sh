#!/bin/sh
# Forgets `exec`, as start scripts do.
gunicorn service:app
