"""An owner's order as the request that the aiserver takes. Pure: pictures come in as bytes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from nanococoa_backend.ads.schemas import AdOrder, EditOrder
from nanococoa_backend.messages import has, say
from nanococoa_client.schemas import Brand, EditRequest, GenerateRequest

SEPARATOR: Final = " | "


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    media_type: str

    @property
    def uri(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


@dataclass(frozen=True, slots=True)
class Look:
    """The shop's own look; empty text: not told."""

    logo: Picture | None = None
    colors: tuple[str, ...] = ()
    font_family: str = ""

    @property
    def brand(self) -> Brand | None:
        if not (self.logo or self.colors or self.font_family):
            return None
        logo = self.logo.uri if self.logo else None
        return Brand(logo=logo, colors=list(self.colors), font_family=self.font_family or None)


def ad_request(order: AdOrder, photo: Picture, cutout: Picture | None, look: Look, key: str) -> GenerateRequest:
    """One ad. Without any copy it is the picture alone."""
    given = order.fields.given()
    return GenerateRequest(
        product_image=photo.uri,
        cutout_image=cutout.uri if cutout else None,
        text_content=SEPARATOR.join(given.values()) or order.text or None,
        fields=order.fields if given else None,
        bg_prompt=background_of(order),
        formats=order.formats,
        style=order.style,
        html_style_prompt=order.style_words,
        text_position=order.text_position,
        text_color=order.text_color,
        brand=look.brand if order.use_brand else None,
        visible_label=order.visible_label,
        locale=order.locale,
        seed=order.seed,
        idempotency_key=key,
    )


def edit_request(order: EditOrder, picture: Picture, key: str) -> EditRequest:
    return EditRequest(
        image=picture.uri,
        instruction=order.instruction,
        mode=order.mode,
        keep_product=order.keep_product,
        locale=order.locale,
        seed=order.seed,
        idempotency_key=key,
    )


def background_of(order: AdOrder) -> str:
    """What the background shows, in words: the scene's own, then the owner's; never empty."""
    scene = order.scene if has(f"scenes.{order.scene}.words") else ""
    if not scene and not order.background.strip():
        scene = "sweep"
    parts = [say(order.locale, f"scenes.{scene}.words") if scene else "", order.background.strip()]
    return ". ".join(part for part in parts if part)
