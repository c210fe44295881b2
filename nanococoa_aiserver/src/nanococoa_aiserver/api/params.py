"""From a valid request to what a job's row keeps: words checked, formats named, pictures replaced by artifact ids."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_aiserver.ads.formats import select_formats
from nanococoa_aiserver.api.copy_text import check_length, check_said, cleaned
from nanococoa_aiserver.api.pictures import Kept, Pictures
from nanococoa_aiserver.errors import InvalidParameter, InvalidPrompt
from nanococoa_aiserver.layout.styles.model import STYLES
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import GenerateRequest

IMAGES: Final = ("product_image", "cutout_image", "step1_image")
_PROMPTS: Final = (
    "bg_prompt",
    "bg_negative_prompt",
    "bg_composition_prompt",
    "bg_composition_negative_prompt",
    "html_style_prompt",
)
_NOT_KEPT: Final[dict[str, Any]] = {
    **dict.fromkeys((*IMAGES, "idempotency_key", "priority", "locale"), True),
    "brand": {"logo"},
}


def ad_params(request: GenerateRequest, files: dict[str, bytes], pictures: Pictures, locale: Locale) -> dict[str, Any]:
    """The params of an ad's job. Blocking: decodes and stores pictures, but only once all else is known to be right."""
    params: dict[str, Any] = cleaned(request.model_dump(mode="json", exclude=_NOT_KEPT))
    params |= {"locale": locale, "formats": [spec.name for spec in select_formats(request.formats)]}
    _check_words(params)
    check_style(params["style"])
    if not request.test_mode:
        _check_inputs(request, files, params)
    kept = _kept_images(request, files, pictures, locale)
    params |= {name: kept[name].artifact if name in kept else None for name in IMAGES}
    if params["brand"]:
        params["brand"]["logo"] = kept["logo"].artifact if "logo" in kept else None
    elif "logo" in kept:
        params["brand"] = {"logo": kept["logo"].artifact, "colors": [], "font_family": None}
    return params | _box_frame(request.product_box, kept.get("product_image"), locale)


def box_frame(box: tuple[int, int, int, int] | None, photo: Kept, locale: Locale) -> dict[str, Any]:
    """The upload's width, which the box is drawn on. Raises InvalidParameter for a box outside the photo."""
    if box is not None:
        _check_box(box, photo, locale)
    return {"photo_width": photo.width}


def check_style(style: str | None) -> None:
    """Raises InvalidParameter naming the styles there are."""
    if style is not None and style not in STYLES:
        raise InvalidParameter("style_unknown", field="style", name=style[:80], known=", ".join(STYLES))


def _box_frame(box: tuple[int, int, int, int] | None, photo: Kept | None, locale: Locale) -> dict[str, Any]:
    return box_frame(box, photo, locale) if photo else {}


def _check_words(params: dict[str, Any]) -> None:
    if params["text_content"] is not None:
        check_said(params["text_content"])
    if params["fields"] is not None:
        check_said("".join(params["fields"].values()))
    for name in _PROMPTS:
        check_length(params[name])


def _check_inputs(request: GenerateRequest, files: dict[str, bytes], params: dict[str, Any]) -> None:
    """What each starting point cannot do without."""
    if request.start_step == 2:
        if not _is_given(request, files, "step1_image"):
            raise InvalidParameter("step1_image_required", field="step1_image")
        if request.text_content is None and request.fields is None:
            raise InvalidPrompt
        return
    if not _is_given(request, files, "product_image", "cutout_image"):
        raise InvalidParameter("product_image_required", field="product_image")
    if not (params["bg_prompt"].strip() or params["bg_composition_prompt"].strip()):
        raise InvalidPrompt("background_empty")


def _is_given(request: GenerateRequest, files: dict[str, bytes], *names: str) -> bool:
    """An empty one is given, and refused for what it is."""
    return any(name in files or getattr(request, name) is not None for name in names)


def _kept_images(
    request: GenerateRequest, files: dict[str, bytes], pictures: Pictures, locale: Locale
) -> dict[str, Kept]:
    given: dict[str, str | None] = {name: getattr(request, name) for name in IMAGES}
    given["logo"] = request.brand.logo if request.brand else None
    kept = {name: pictures.keep(value, name, locale) for name, value in given.items() if value is not None}
    return kept | {name: pictures.keep_bytes(data) for name, data in files.items()}


def _check_box(box: tuple[int, int, int, int], photo: Kept, locale: Locale) -> None:
    left, top, width, height = box
    if width < 1 or height < 1:
        raise InvalidParameter(field="product_box", reason=say("reasons", "box_empty", locale))
    inside = left >= 0 and top >= 0 and left + width <= photo.width and top + height <= photo.height
    if not inside:
        reason = say("reasons", "box_outside", locale, width=photo.width, height=photo.height)
        raise InvalidParameter(field="product_box", reason=reason)
