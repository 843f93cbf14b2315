"""Structured logs with the request's number. No PIN, token, address or number of a person is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from loyalty_portal.settings import Settings

_HIDDEN = re.compile(r"pin|password|token|secret|email|phone|cookie|authorization", re.IGNORECASE)
_CARD_LINK = re.compile(r"/(c|confirm|reset|counter/pair)/[^/\s\"']+")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides what has no place in a log, by the name of the field and by its look."""
    for name, value in event.items():
        if _HIDDEN.search(name) and name != "event":
            event[name] = "…"
        elif isinstance(value, str):
            event[name] = _ADDRESS.sub("…@…", _CARD_LINK.sub(r"/\1/…", value))
    return event


def configure(settings: Settings) -> None:
    """JSON lines in production, readable lines elsewhere, on standard error."""
    renderer: Any = structlog.processors.JSONRenderer() if settings.is_production else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            scrub,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
