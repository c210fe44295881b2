"""Logs of every service: JSON or text, one renderer for structlog's lines and those of libraries.

On stderr, since stdout belongs to the protocol where an MCP client started the service.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Literal

import structlog


def configure(form: Literal["text", "json"], level: str, quiet: Sequence[str] = ()) -> None:
    """Once in a process. ``quiet``: libraries' loggers that only warn."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_renderers(form)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # the services tell of a request themselves, with its id
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderers(form: Literal["text", "json"]) -> list[structlog.typing.Processor]:
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return [drop, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain = structlog.dev.plain_traceback  # a rich one would print local variables: passwords, what customers sent
    return [drop, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
