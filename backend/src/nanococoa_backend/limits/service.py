"""What a business may have at most: ``check`` before something is added, wherever it is added.

Counting goes by table, not by class: limits lie below the domains they hold for, so that each can ask.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nanococoa_backend.errors import LimitReached, MonthUsedUp
from nanococoa_backend.limits.models import BusinessLimit
from nanococoa_backend.platform.tables import Base, now
from nanococoa_backend.settings import Settings

Kind: TypeAlias = Literal["ads", "products", "storage", "members"]

MB: Final = 1_000_000
KEY: Final = "limits"
"""Where a session keeps the installation's defaults (``Database``)."""

_MONTHS_ARE: Final = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class Limits:
    """None: as many as one likes."""

    ads_per_month: int | None = None
    products: int | None = None
    storage_mb: int | None = None
    members: int | None = None

    def of(self, kind: Kind) -> int | None:
        """In the unit of ``used``: storage in bytes."""
        if kind == "storage":
            return None if self.storage_mb is None else self.storage_mb * MB
        return {"ads": self.ads_per_month, "products": self.products, "members": self.members}[kind]


NAMES: Final = tuple(Limits.__dataclass_fields__)


def defaults_of(settings: Settings) -> Limits:
    return Limits(
        settings.limit_ads_per_month, settings.limit_products, settings.limit_storage_mb, settings.limit_members
    )


def check(session: Session, business_id: uuid.UUID, kind: Kind, adding: int = 1) -> None:
    """Raises LimitReached when ``adding`` more (bytes for storage) would be too many.

    Where there is a limit the business' row is written, which lets in one request after the other (on SQLite too): two
    can't both take the last place. So count tries (``rates``) before.
    """
    limit = limits_of(session, business_id).of(kind)
    if limit is None:
        return
    businesses = Base.metadata.tables["businesses"]
    session.execute(sa.update(businesses).where(businesses.c.id == business_id).values(name=businesses.c.name))
    taken = used(session, business_id, kind)
    if taken + adding > limit:
        shown = (limit // MB, taken // MB) if kind == "storage" else (limit, taken)
        error = MonthUsedUp if kind == "ads" else LimitReached
        raise error(kind, limit=shown[0], used=shown[1])


def limits_of(session: Session, business_id: uuid.UUID) -> Limits:
    """What holds for a business: its own where set, else the installation's."""
    defaults: Limits = session.info.get(KEY, Limits())
    own = own_limits(session, business_id)
    return Limits(**{name: getattr(defaults if getattr(own, name) is None else own, name) for name in NAMES})


def own_limits(session: Session, business_id: uuid.UUID) -> Limits:
    """What was set for this business alone."""
    row = _row(session, business_id)
    return Limits(**{name: row[name] for name in NAMES}) if row else Limits()


def set_limits(session: Session, business_id: uuid.UUID, given: Limits) -> None:
    table = _table("business_limits")
    if _row(session, business_id) is None:
        values = {"id": uuid.uuid4(), "created_at": now(), "business_id": business_id, **asdict(given)}
        session.execute(sa.insert(table).values(values))
    else:
        session.execute(sa.update(table).where(table.c.business_id == business_id).values(**asdict(given)))


def used(session: Session, business_id: uuid.UUID, kind: Kind) -> int:
    """How much of a kind a business has; ads: asked for since the month began in Korea."""
    return int(session.scalar(_COUNTS[kind](business_id)) or 0)


def month_began(moment: datetime | None = None) -> datetime:
    local = (moment or now()).astimezone(_MONTHS_ARE)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _ads(business_id: uuid.UUID) -> Any:
    """Deleted ones count, what failed does not."""
    ads = _table("ads")
    wanted = (ads.c.business_id == business_id, ads.c.created_at >= month_began(), ads.c.status != "failed")
    return sa.select(sa.func.count()).select_from(ads).where(*wanted)


def _products(business_id: uuid.UUID) -> Any:
    products = _table("products")
    wanted = (products.c.business_id == business_id, products.c.deleted_at.is_(None))
    return sa.select(sa.func.count()).select_from(products).where(*wanted)


def _storage(business_id: uuid.UUID) -> Any:
    """A picture that was added twice is stored once."""
    assets = _table("assets")
    stored = sa.select(assets.c.original, assets.c.bytes).where(assets.c.business_id == business_id).distinct()
    return sa.select(sa.func.sum(stored.subquery().c.bytes))


def _members(business_id: uuid.UUID) -> Any:
    members = _table("memberships")
    return sa.select(sa.func.count()).select_from(members).where(members.c.business_id == business_id)


_COUNTS: Final = {"ads": _ads, "products": _products, "storage": _storage, "members": _members}


def _row(session: Session, business_id: uuid.UUID) -> sa.RowMapping | None:
    table = _table("business_limits")
    return session.execute(sa.select(table).where(table.c.business_id == business_id)).mappings().one_or_none()


def _table(name: str) -> sa.Table:
    return BusinessLimit.metadata.tables[name]
