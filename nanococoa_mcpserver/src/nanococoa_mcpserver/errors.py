"""Expected failures and what an LLM reads of them: the code, what happened, and what to do next.

The tree is the client package's; added here::

    ServiceError
    ├── NotAllowed    403   the token may look only
    ├── LinkInvalid   404   an image address this server did not make
    └── LinkExpired   410   one whose time is over
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from nanococoa_client.errors import InternalError, InvalidParameter, ServiceError
from nanococoa_mcpserver.language import locale
from nanococoa_mcpserver.messages import has, say

E = TypeVar("E", bound=ServiceError)


class NotAllowed(ServiceError):
    code, status = "FORBIDDEN", 403


class LinkInvalid(ServiceError):
    code, status = "LINK_INVALID", 404


class LinkExpired(ServiceError):
    code, status = "LINK_EXPIRED", 410


def refusal(kind: type[E], key: str, **values: Any) -> E:
    """An error of this server's own, said in the call's language."""
    return kind.told(say("errors", key, locale(), **values), values)


def bad_argument(field: str, key: str, **values: Any) -> InvalidParameter:
    """An argument that cannot be used, named."""
    reason = say("errors", key, locale(), **values)
    return InvalidParameter.told(say("errors", "argument", locale(), field=field, reason=reason), {"field": field})


def text_for_model(error: ServiceError) -> str:
    """``CODE: what happened. What to do.``, in the call's language."""
    said = error.message(locale())
    if isinstance(error, InternalError) or not said:
        said = say("errors", "unexpected", locale())
    advice = say("advice", error.code, locale()) if has("advice", error.code) else ""
    return f"{error.code}: {said} {advice}".strip()


def wrong_arguments(tool: str, error: ValidationError) -> str:
    """pydantic's complaints by argument, without its addresses and without repeating what was sent."""
    problems = "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors()
    )
    return f"INVALID_PARAMETER: {say('errors', 'arguments', locale(), tool=tool, problems=problems)}"


def unknown_arguments(tool: str, unknown: list[str], known: list[str]) -> str:
    """Names that no argument has; an LLM that mistypes one must learn of it."""
    problems = "; ".join(
        say("errors", "argument_unknown", locale(), field=name, known=", ".join(known)) for name in unknown
    )
    return f"INVALID_PARAMETER: {say('errors', 'arguments', locale(), tool=tool, problems=problems)}"
