"""Two ads side by side: what they look like, and in words what differs."""

from __future__ import annotations

from dataclasses import dataclass

from nanococoa_backend.ads.catalogue import style_title
from nanococoa_backend.ads.models import Ad
from nanococoa_backend.ads.repository import Files
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.gallery.reading import Finding, findings_of
from nanococoa_backend.messages import Locale, has, say
from nanococoa_backend.platform.services import Services
from nanococoa_backend.products.service import ProductService
from nanococoa_client.schemas import Checks


@dataclass(frozen=True, slots=True)
class Side:
    """``facts``: product, scene, copy and style, in the same order on both sides; empty text where there is none."""

    ad: Ad
    files: Files
    facts: dict[str, str]
    findings: list[Finding]


def side_of(services: Services, ads: AdService, products: ProductService, ad: Ad, locale: Locale) -> Side:
    """Raises NotFound for an ad of another business."""
    version = ads.versions.get(ad.version_id) if ad.version_id else None
    facts = {
        "product": products.products.get(ad.product_id).name if ad.product_id else "",
        "scene": scene_in_words(ad, locale),
        "words": " · ".join(str(text) for text in (version.fields if version else {}).values() if text),
        "style": style_title(version.style, locale) if version and version.style else "",
    }
    findings = findings_of(Checks.model_validate(version.checks), version.warnings, locale) if version else []
    return Side(ad, ads.files(ad), facts, findings)


def scene_in_words(ad: Ad, locale: Locale) -> str:
    """The preset's name and the owner's own words for it; of an edit, what was asked for."""
    scene = str(ad.request.get("scene", ""))
    named = say(locale, f"scenes.{scene}.title") if scene and has(f"scenes.{scene}.title") else ""
    own = str(ad.request.get("background") or ad.request.get("instruction") or "")
    return " · ".join(part for part in (named, own) if part)
