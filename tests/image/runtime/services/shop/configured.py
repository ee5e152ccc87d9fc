"""The shop with a logging configuration of its own."""

import logging.config

from app import app  # noqa: F401 - what gunicorn serves

logging.config.dictConfig(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "own": {"format": "OWN %(levelname)s %(message)s %(otelTraceID)s/%(otelSpanID)s", "style": "%"}
        },
        "handlers": {
            "own": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "own"}
        },
        "root": {"level": "WARNING", "handlers": ["own"]},
    }
)
