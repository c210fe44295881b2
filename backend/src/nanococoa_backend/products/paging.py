"""Cursors: where a page of products ended, as text nobody needs to read."""

from __future__ import annotations

import base64
import uuid
from datetime import datetime

from nanococoa_backend.errors import InvalidField
from nanococoa_backend.products.models import Product


def cursor_after(product: Product) -> str:
    text = f"{product.created_at.isoformat()} {product.id.hex}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str | None) -> tuple[datetime, uuid.UUID] | None:
    """Raises InvalidField for a cursor we have not made."""
    if not cursor:
        return None
    try:
        moment, _, product_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        return datetime.fromisoformat(moment), uuid.UUID(product_id)
    except ValueError:
        raise InvalidField(cursor="invalid") from None
