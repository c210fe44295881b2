"""A count is narrowed to the session's business like any other question."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from nanococoa_backend.businesses.models import Business
from nanococoa_backend.homepages.models import Homepage
from nanococoa_backend.homepages.repository import Homepages
from nanococoa_backend.models import METADATA
from nanococoa_backend.platform import scope


class OwnSession(Session):
    pass


scope.install(OwnSession)


def test_a_count_counts_one_business_alone_and_is_refused_without_a_scope() -> None:
    engine = sa.create_engine("sqlite://")
    METADATA.create_all(engine)
    mine, other = uuid.uuid4(), uuid.uuid4()
    with sessionmaker(engine, class_=OwnSession)() as session:
        scope.widen(session)
        session.add_all([Business(id=one, name=str(one)) for one in (mine, other)])
        session.add_all([Homepage(business_id=one, title="x") for one in (mine, mine, other)])
        session.flush()
        scope.narrow(session, mine)
        assert Homepages(session).count() == 2
        session.info.clear()
        with pytest.raises(scope.ScopeMissing):
            Homepages(session).count()
    engine.dispose()
