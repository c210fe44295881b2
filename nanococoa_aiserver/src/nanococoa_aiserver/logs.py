"""Logs of the API process and its workers: one line a request, one a job, with both their ids."""

from __future__ import annotations

import logging

from nanococoa_aiserver.settings import Settings
from nanococoa_client import logs


def configure(settings: Settings) -> None:
    logs.configure(settings.log, settings.log_level)
    library = logging.getLogger("dbos")  # would make a handler of its own, if it found none
    library.handlers, library.propagate = logging.getLogger().handlers, False
