"""From a valid edit request to what its job's row keeps: the instruction checked, pictures replaced by artifact ids."""

from __future__ import annotations

from typing import Any, Final

from nanococoa_aiserver.api.copy_text import check_length, cleaned
from nanococoa_aiserver.api.params import box_frame
from nanococoa_aiserver.api.pictures import Pictures
from nanococoa_aiserver.errors import InvalidParameter, InvalidPrompt
from nanococoa_client.messages import Locale, say
from nanococoa_client.schemas import EditRequest

IMAGES: Final = ("image", "mask", "reference_images")
_NOT_KEPT: Final = {*IMAGES, "idempotency_key", "priority", "locale"}


def edit_params(
    request: EditRequest, files: dict[str, list[bytes]], pictures: Pictures, locale: Locale
) -> dict[str, Any]:
    """The params of an edit's job. Blocking: decodes and stores pictures, once all else is known to be right.

    ``files`` are those uploaded with a form, by field; they win over what the request holds.
    """
    params: dict[str, Any] = cleaned(request.model_dump(mode="json", exclude=_NOT_KEPT))
    _check_instruction(params["instruction"])
    if request.mode != "local" and (request.mask is not None or "mask" in files):
        raise InvalidParameter(field="mask", reason=say("reasons", "mask_needs_local", locale))
    kept = _kept(request, files, pictures, locale)
    frame = box_frame(request.product_box, kept["image"][0], locale)
    for mask in kept["mask"]:
        pictures.check_mask(mask)
    return params | {
        "locale": locale,
        "image": kept["image"][0].artifact,
        "mask": kept["mask"][0].artifact if kept["mask"] else None,
        "reference_images": [one.artifact for one in kept["reference_images"]],
        **frame,
    }


def _kept(
    request: EditRequest, files: dict[str, list[bytes]], pictures: Pictures, locale: Locale
) -> dict[str, list[Any]]:
    """The stored pictures by field."""
    given: dict[str, list[str]] = {
        "image": [request.image],
        "mask": [] if request.mask is None else [request.mask],
        "reference_images": request.reference_images,
    }
    return {
        name: [pictures.keep_bytes(data) for data in files[name]]
        if name in files
        else [
            pictures.keep(value, f"{name}[{place}]" if len(values) > 1 else name, locale)
            for place, value in enumerate(values)
        ]
        for name, values in given.items()
    }


def _check_instruction(text: str) -> None:
    if not text.strip():
        raise InvalidPrompt("instruction_empty")
    check_length(text)
