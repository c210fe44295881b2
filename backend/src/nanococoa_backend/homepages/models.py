"""Homepages of a business, and everything the homepage service is asked to do with them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class Homepage(Identified, BusinessOwned, Base):
    """A page and what the service last said of it, so that it can be looked at while the service is away.

    ``slug`` is the page's name at the service; it belongs to one row for good, so no business can touch another's.
    ``draft`` is the version that edits build on and that is shown; ``published`` the one the world sees.
    ``versions`` (newest first) and ``sections`` (the draft's) are the service's answers.
    """

    __tablename__ = "homepages"
    __table_args__ = (sa.Index("ix_homepages_shelf", "business_id", "deleted_at", "created_at"),)

    title: Mapped[str] = mapped_column(sa.String(80))
    slug: Mapped[str | None] = mapped_column(sa.String(63), unique=True)
    draft: Mapped[str | None] = mapped_column(sa.String(80))
    published: Mapped[str | None] = mapped_column(sa.String(80))
    url: Mapped[str] = mapped_column(sa.String(500), default="")
    published_at: Mapped[datetime | None]
    versions: Mapped[list[Any]] = mapped_column(default=list)
    sections: Mapped[list[Any]] = mapped_column(default=list)
    deleted_at: Mapped[datetime | None]


class HomepageTask(Identified, BusinessOwned, Base):
    """A wish that is kept until the service has fulfilled or refused it. Those of a page go one after another.

    ``kind``: make, edit, publish, rollback, unpublish.
    ``status``: waiting (kept here) → pending → running → completed | failed | stopped.
    ``request`` is what was wished, ``words`` what it says in the list; ``attempt`` counts the jobs it was given to,
    ``tries`` how often the service could not be reached for it.
    """

    __tablename__ = "homepage_tasks"
    __table_args__ = (
        sa.Index("ix_homepage_tasks_due", "status", "next_try_at"),
        sa.UniqueConstraint("business_id", "request_key"),
    )

    homepage_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("homepages.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    request_key: Mapped[str | None] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(10))
    words: Mapped[str] = mapped_column(sa.String(500), default="")
    request: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    job_id: Mapped[str | None] = mapped_column(sa.String(80))
    progress: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    stop_wanted: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
