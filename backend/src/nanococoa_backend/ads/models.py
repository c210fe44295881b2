"""Ads and their versions. A version is never changed: an edit makes the next one, the ad points to its own.

Pictures and text layers lie in the asset store; rows hold their keys.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class Campaign(Identified, BusinessOwned, Base):
    """Ads that belong together: a run of many, an occasion."""

    __tablename__ = "campaigns"

    name: Mapped[str] = mapped_column(sa.String(80))


class Ad(Identified, BusinessOwned, Base):
    """A picture that is asked for, made, and kept.

    ``kind``: ad (made from a product), edit (a picture changed by words).
    ``status``: waiting (kept here, not yet with the aiserver) → pending → running → completed | failed | stopped.
    While it waits or runs, no process looks after it before ``next_try_at``, which keeps a second one from the work.
    ``request`` is the order as it was given, ``progress`` what the aiserver last said of it. ``attempt`` counts the
    jobs it was given to, ``tries`` how often the aiserver could not be reached for it.
    """

    __tablename__ = "ads"
    __table_args__ = (
        sa.Index("ix_ads_gallery", "business_id", "deleted_at", "created_at", "id"),
        sa.Index("ix_ads_under_way", "status", "next_try_at"),
        sa.UniqueConstraint("business_id", "request_key"),
    )

    kind: Mapped[str] = mapped_column(sa.String(10), default="ad")
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    product_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("products.id", ondelete="SET NULL"), index=True)
    campaign_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("campaigns.id", ondelete="SET NULL"), index=True
    )
    parent_id: Mapped[uuid.UUID | None]
    request_key: Mapped[str | None] = mapped_column(sa.String(200))
    title: Mapped[str] = mapped_column(sa.String(120))
    words: Mapped[str] = mapped_column(sa.String(1000), default="")
    request: Mapped[dict[str, Any]]

    status: Mapped[str] = mapped_column(sa.String(10), default="waiting")
    job_id: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    progress: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    stop_wanted: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    version_id: Mapped[uuid.UUID | None]
    cover_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("assets.id"))
    needs_look: Mapped[bool] = mapped_column(default=False)
    is_favorite: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None]


class AdVersion(Identified, BusinessOwned, Base):
    """``source``: made, edited or restored. ``layer`` is the key of its text layer (JSON) in the asset store.

    ``job_id`` is the aiserver's job that a further edit is rendered from.
    """

    __tablename__ = "ad_versions"
    __table_args__ = (sa.UniqueConstraint("ad_id", "number"),)

    ad_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ads.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    number: Mapped[int]
    source: Mapped[str] = mapped_column(sa.String(10), default="made")
    job_id: Mapped[str] = mapped_column(sa.String(64), default="")
    layer: Mapped[str | None] = mapped_column(sa.String(120))
    style: Mapped[str] = mapped_column(sa.String(40), default="")
    fields: Mapped[dict[str, Any]]
    checks: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]


class AdImage(Identified, BusinessOwned, Base):
    """One finished file of a version. ``format`` is the placement's name as the aiserver's output calls it."""

    __tablename__ = "ad_images"
    __table_args__ = (sa.UniqueConstraint("version_id", "format"),)

    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ad_versions.id", ondelete="CASCADE"))
    asset_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("assets.id"))
    format: Mapped[str] = mapped_column(sa.String(60))
    position: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]


class ShareLink(Identified, BusinessOwned, Base):
    """Whoever has the ``token`` may look at one ad's current version, until it is revoked."""

    __tablename__ = "share_links"

    ad_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("ads.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="SET NULL"))
    token: Mapped[str] = mapped_column(sa.String(43), unique=True)
    revoked_at: Mapped[datetime | None]
    views: Mapped[int] = mapped_column(default=0)
