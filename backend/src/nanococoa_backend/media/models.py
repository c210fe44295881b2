"""Pictures of a business: a row for each, its files in the asset store."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class Asset(Identified, BusinessOwned, Base):
    """``original``, ``view`` (1280 px) and ``thumb`` (480 px, a cut-out's border cropped) are keys of the store.

    ``bytes`` counts the three files together.
    """

    __tablename__ = "assets"

    kind: Mapped[str] = mapped_column(sa.String(10))
    width: Mapped[int]
    height: Mapped[int]
    original: Mapped[str] = mapped_column(sa.String(120))
    view: Mapped[str] = mapped_column(sa.String(120))
    thumb: Mapped[str] = mapped_column(sa.String(120))
    thumb_width: Mapped[int]
    thumb_height: Mapped[int]
    bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
