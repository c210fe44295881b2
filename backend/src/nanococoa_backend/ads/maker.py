"""The maker's form as an order: one page, every choice already made, so that one press is enough."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, StringConstraints, ValidationError

from nanococoa_backend.ads.catalogue import Catalogue
from nanococoa_backend.ads.copywriter import suggestions
from nanococoa_backend.ads.schemas import AdOrder, Formats
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.messages import Locale
from nanococoa_backend.products.models import Product
from nanococoa_backend.products.schemas import ProductFacts
from nanococoa_client.schemas import ROLES, AdCopy

OWN: Final = "own"
NONE: Final = "none"

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


def _listed(value: Any) -> Any:
    """One box that is ticked is a text, not a list."""
    return [value] if isinstance(value, str) else value


class MakerForm(BaseModel):
    """As the page sends it. ``scene``: a preset, or own. ``copy_text``: a suggestion as JSON, own, or none."""

    product: uuid.UUID
    copy_for: uuid.UUID | None = None
    scene: Annotated[str, StringConstraints(max_length=60)] = ""
    background: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    copy_text: Annotated[str, StringConstraints(max_length=4000)] = OWN
    headline: Words = ""
    sub: Words = ""
    price: Words = ""
    old_price: Words = ""
    unit: Words = ""
    discount: Words = ""
    call_to_action: Words = ""
    small_print: Words = ""
    shop: Words = ""
    formats: Annotated[Formats, BeforeValidator(_listed)]
    style: Annotated[str, StringConstraints(max_length=60)] = ""
    use_brand: bool = False
    visible_label: bool = False
    key: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    parent: uuid.UUID | None = None

    @property
    def is_own_scene(self) -> bool:
        return self.scene in ("", OWN)


def order_of(form: MakerForm, product: Product, locale: Locale, seed: int | None = None) -> AdOrder:
    """``seed``: an earlier ad's, whose picture is kept. Raises InvalidField where own words are chosen and missing."""
    if form.is_own_scene and not form.background:
        raise InvalidField(background="background_missing")
    return AdOrder(
        scene="" if form.is_own_scene else form.scene,
        background=form.background if form.is_own_scene else "",
        fields=_copy_of(form, product, locale),
        formats=form.formats,
        style=form.style or None,
        use_brand=form.use_brand,
        visible_label=form.visible_label,
        locale=locale,
        seed=seed if seed is not None else _seed_of(form.key),
    )


def check_known(form: MakerForm, catalogue: Catalogue) -> None:
    """Raises InvalidField for what nobody can make: an old page, or a form that was not ours."""
    if len(catalogue.known(form.formats)) < len(form.formats):
        raise InvalidField(formats="invalid")
    if not form.is_own_scene and form.scene not in catalogue.scenes:
        raise InvalidField(scene="invalid")
    if form.style and form.style not in catalogue.styles:
        raise InvalidField(style="invalid")


def seed_of(request: Mapping[str, Any]) -> int | None:
    """An earlier order's, so that its variation keeps the picture where the scene is the same."""
    seed = request.get("seed")
    return seed if isinstance(seed, int) else None


def request_key(form: MakerForm, order: AdOrder) -> str | None:
    """The same page sent twice with the same choices is one ad; with other choices (after going back) it is another."""
    if not form.key:
        return None
    content = f"{form.product}\0{order.model_dump_json()}"
    return f"{form.key}-{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def facts_of(product: Product) -> ProductFacts:
    return ProductFacts(name=product.name, price=product.price, unit=product.unit, notes=product.notes)


def values_of(order: AdOrder) -> dict[str, Any]:
    """An order as the form shows it again."""
    return {
        "scene": order.scene or OWN,
        "background": order.background,
        "copy_text": OWN if order.fields.given() else NONE,
        **{role: getattr(order.fields, role) for role in ROLES},
        "formats": order.formats,
        "style": order.style or "",
        "use_brand": order.use_brand,
        "visible_label": order.visible_label,
    }


def first_values(scene: str, formats: list[str]) -> dict[str, Any]:
    """What is chosen before anybody has chosen."""
    return {
        "scene": scene,
        "background": "",
        "copy_text": "",
        **dict.fromkeys(ROLES, ""),
        "formats": formats,
        "style": "",
        "use_brand": True,
        "visible_label": False,
    }


def _copy_of(form: MakerForm, product: Product, locale: Locale) -> AdCopy:
    if form.copy_text == NONE:
        return AdCopy()
    if form.copy_text == OWN:
        own = AdCopy(**{role: getattr(form, role) for role in ROLES})
        if not own.headline:
            raise InvalidField(headline="headline_missing")
        return own
    if form.copy_for not in (None, product.id):  # another product's lines, where no script has changed them with it
        return suggestions(facts_of(product), locale)[0]
    try:
        return AdCopy.model_validate_json(form.copy_text)
    except ValidationError:
        raise InvalidField(copy_text="invalid") from None


def _seed_of(key: str) -> int | None:
    """The order decides its picture from the start, so that a variation can keep it."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) if key else None
