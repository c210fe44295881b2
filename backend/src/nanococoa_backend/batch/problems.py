"""A list or an archive that can't be read, as failures people and programs understand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nanococoa_backend.batch.photos import ArchiveProblem
from nanococoa_backend.batch.tables import TableProblem
from nanococoa_backend.errors import BackendError
from nanococoa_backend.messages import Locale, say


class Unreadable(BackendError):
    """``field``: table or photos."""

    code, status = "INVALID_PARAMETER", 422

    def __init__(self, field: str, key: str, details: dict[str, object]) -> None:
        self.field, self._sentence, self._values = field, key, details
        super().__init__("fields", field=field)

    def message(self, locale: Locale) -> str:
        return say(locale, self._sentence, **self._values)


@contextmanager
def told() -> Iterator[None]:
    """Raises Unreadable for what the readers of lists and archives refuse."""
    try:
        yield
    except TableProblem as problem:
        raise Unreadable("table", f"batch.list.{problem.key}", problem.details) from None
    except ArchiveProblem as problem:
        raise Unreadable("photos", f"batch.photos.{problem.key}", problem.details) from None
