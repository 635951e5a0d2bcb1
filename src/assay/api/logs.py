"""What the service writes down: one JSON object a line, each with the request's id."""

import logging
import sys
from typing import TextIO

import structlog

LOGGER = "assay.api"
ADDRESS_LOGGERS = ("httpx", "httpx2", "httpcore", "httpcore2", "websockets", "urllib3")
"""They log whole addresses of providers, and in some of those is a key."""


def set_up(stream: TextIO | None = None, *, as_json: bool | None = None) -> None:
    """Let everything that is logged go to `stream` (stderr), as JSON unless a person looks.

    Addresses are logged without what follows a "?", and no header and no body is.
    """
    out = stream or sys.stderr
    plain = as_json if as_json is not None else not out.isatty()
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if plain else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access", "apscheduler"):
        logging.getLogger(noisy).handlers.clear()
        logging.getLogger(noisy).propagate = True
    for quiet in ("uvicorn.access", "apscheduler", *ADDRESS_LOGGERS):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def logger() -> structlog.stdlib.BoundLogger:
    """Return what the service logs with."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(LOGGER)
    return found
