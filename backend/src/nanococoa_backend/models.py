"""Every table, imported once: what migrations compare the database with."""

from __future__ import annotations

from nanococoa_backend.accounts import models as accounts
from nanococoa_backend.ads import models as ads
from nanococoa_backend.batch import models as batch
from nanococoa_backend.businesses import models as businesses
from nanococoa_backend.chat import models as chat
from nanococoa_backend.editor import models as editor
from nanococoa_backend.homepages import models as homepages
from nanococoa_backend.inbox import models as inbox
from nanococoa_backend.leaving import models as leaving
from nanococoa_backend.limits import models as limits
from nanococoa_backend.media import models as media
from nanococoa_backend.platform import audit, idempotency, leases, letters, rates
from nanococoa_backend.platform.tables import Base
from nanococoa_backend.products import models as products
from nanococoa_backend.tokens import models as tokens
from nanococoa_backend.tools import models as picture_tools
from nanococoa_backend.webhooks import models as webhooks

METADATA = Base.metadata
MODULES = (
    accounts,
    ads,
    audit,
    batch,
    businesses,
    chat,
    editor,
    homepages,
    idempotency,
    inbox,
    leases,
    leaving,
    letters,
    limits,
    media,
    products,
    rates,
    picture_tools,
    tokens,
    webhooks,
)
