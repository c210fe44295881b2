"""What one business may have at most, where that differs from the installation's default."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from nanococoa_backend.platform.tables import Base, BusinessOwned, Identified


class BusinessLimit(Identified, BusinessOwned, Base):
    """None: the default of the settings; 0 or more: this."""

    __tablename__ = "business_limits"
    __table_args__ = (sa.UniqueConstraint("business_id"),)

    ads_per_month: Mapped[int | None]
    products: Mapped[int | None]
    storage_mb: Mapped[int | None]
    members: Mapped[int | None]
