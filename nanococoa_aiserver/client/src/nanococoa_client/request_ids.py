"""The id of the request that is being answered (``X-Request-ID``): in every log line, and carried to every service of
the suite that is asked on its behalf, so that one word finds all that one request caused.
"""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from typing import Final

HEADER: Final = "X-Request-ID"
_SANE: Final = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_running: ContextVar[str] = ContextVar("request_id", default="")


def begin(given: str | None) -> str:
    """The caller's own id if it is sane, else a new one; from here on this context's, and that of tasks it starts."""
    request_id = given if given and _SANE.fullmatch(given) else uuid.uuid4().hex
    _running.set(request_id)
    return request_id


def running() -> str:
    """Empty where no request is being answered: in what a service does by itself."""
    return _running.get()


def outgoing() -> dict[str, str]:
    """The header that carries it on."""
    return {HEADER: running()} if running() else {}
