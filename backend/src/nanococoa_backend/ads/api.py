"""Ads by API: what the pages do, as JSON under /api/v1."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request

from nanococoa_backend.ads.copywriter import suggestions
from nanococoa_backend.ads.schemas import CopySuggestions
from nanococoa_backend.platform.declared import errors
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.products.routes import Viewing
from nanococoa_backend.products.schemas import ProductFacts

router = APIRouter(prefix="/api/v1", tags=["ads"])


@router.get("/products/{product_id}/copy", summary="Suggest lines for an ad", responses=errors(401, 404))
def suggest_copy(request: Request, products: Viewing, product_id: uuid.UUID) -> CopySuggestions:
    """Three at most, from the product's name, price, unit and notes alone; nothing is made up."""
    product = products.products.live(product_id)
    facts = ProductFacts(name=product.name, price=product.price, unit=product.unit, notes=product.notes)
    return CopySuggestions(suggestions=suggestions(facts, locale_of(request)))
