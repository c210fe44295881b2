"""The one place where customer data is kept apart: a session works for one business, or says that it works for all.

Every ORM statement over a ``BusinessOwned`` table gets ``business_id = …`` added, forgotten filters included; without
a scope such a statement is refused. What is written is checked in the same way.
"""

from __future__ import annotations

import uuid
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql import visitors

from nanococoa_backend.errors import NotFound
from nanococoa_backend.platform.tables import Base, BusinessOwned

_SCOPE = "business"
_EVERYWHERE = "everywhere"

Row = TypeVar("Row", bound=Base)


class ScopeMissing(RuntimeError):
    """A bug: customer data was about to be read or written without saying whose."""


def narrow(session: Session, business_id: uuid.UUID) -> None:
    """From now on ``session`` sees and writes this business' rows alone."""
    session.info[_SCOPE] = business_id


def widen(session: Session) -> None:
    """Let ``session`` see every business' rows: the background work's, never a request's."""
    session.info[_SCOPE] = _EVERYWHERE


class Repository(Generic[Row]):
    """Queries over one table of the session's business."""

    table: type[Row]

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: Row) -> Row:
        """Keep a new row; its id is known when this returns."""
        self._session.add(row)
        self._session.flush()
        return row

    def get(self, row_id: uuid.UUID) -> Row:
        """Raises NotFound, also for another business' row."""
        column: Any = sa.inspect(self.table).primary_key[0]
        found = self._session.scalars(sa.select(self.table).where(column == row_id)).one_or_none()
        if found is None:
            raise NotFound
        return found


def install(session_class: type[Session]) -> None:
    """Hang the rule on a class of sessions."""
    sa.event.listen(session_class, "do_orm_execute", _narrow_statement)
    sa.event.listen(session_class, "before_flush", _check_written)


def _narrow_statement(state: ORMExecuteState) -> None:
    if state.is_column_load or not _touches_customers(state):
        return
    scope = state.session.info.get(_SCOPE)
    if scope is None:
        raise ScopeMissing(str(state.statement)[:200])
    if scope != _EVERYWHERE:
        option = with_loader_criteria(BusinessOwned, lambda owned: owned.business_id == scope, include_aliases=True)
        state.statement = state.statement.options(option)


def _touches_customers(state: ORMExecuteState) -> bool:
    """Also where a customer's table stands in a FROM or a function alone, as in a count: no mapper is told of then."""
    statement: Any = state.statement
    named = (part._annotations.get("parentmapper") for part in visitors.iterate(statement))
    mappers = {*state.all_mappers, *(mapper for mapper in named if mapper is not None)}
    return any(issubclass(mapper.class_, BusinessOwned) for mapper in mappers)


def _check_written(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    scope = session.info.get(_SCOPE)
    for row in {*session.new, *session.dirty, *session.deleted}:
        if isinstance(row, BusinessOwned) and scope not in (row.business_id, _EVERYWHERE):
            raise ScopeMissing(f"{type(row).__name__} of another business")
