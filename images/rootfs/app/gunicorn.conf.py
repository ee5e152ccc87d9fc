"""The image's gunicorn settings where gunicorn looks for them by itself: put your own in this file's place.

With tracing on, the image's settings lie beneath any config of a service anyway. This file keeps them for a
service that has none when tracing is switched off: the switch must not change workers, port or logs.
"""

with open("/opt/tracing/gunicorn.conf.py") as _file:
    exec(compile(_file.read(), _file.name, "exec"))
