"""What stands in every port's place when the models a worker was told to use cannot run: each job is told why."""

from __future__ import annotations

from typing import Any, NoReturn

from nanococoa_aiserver.errors import ServiceError


class Unable:
    """Every port at once. Raises the reason on whatever it is asked, so that jobs fail alone and the server lives."""

    def __init__(self, reason: ServiceError) -> None:
        self._reason = reason

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise type(self._reason)(self._reason.key, **self._reason.details)

    cut = choose = paint = analyse = refine = _refuse
    edit = fill = notes = find = score = interpretation = _refuse
    ask = judge = edit_prompt = revised = in_english = _refuse
