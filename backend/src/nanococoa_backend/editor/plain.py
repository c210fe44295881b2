"""The editor without scripts: one form with all texts of a format, read as an order for a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from nanococoa_backend.editor.schemas import VersionOrder
from nanococoa_backend.editor.service import Opened
from nanococoa_backend.errors import InvalidField
from nanococoa_backend.messages import Locale
from nanococoa_backend.platform.problems import invalid_fields
from nanococoa_client.schemas import ROLES, AdLayer, Role, TextEdit

SIZES: Final = ("0.7", "0.85", "1", "1.15", "1.3", "1.6")
"""Choices of a text's size; the one it has already is added."""


@dataclass(frozen=True, slots=True)
class PlainText:
    """One text of the form, as it is or as it was typed."""

    role: Role
    words: str
    size: str
    sizes: list[str]
    color: str
    recolor: bool
    hidden: bool


def texts_of(layer: AdLayer, format_name: str, typed: Mapping[str, str]) -> list[PlainText]:
    """Every text of a format: what was typed before, else what the version has."""
    given = layer.fields.given()
    edits = layer.formats[format_name].edits
    drawn = {text.role: text.color for text in layer.formats[format_name].texts}
    roles = [role for role in ROLES if role in given or role in edits]
    return [_text(role, given.get(role, ""), edits.get(role, TextEdit()), drawn.get(role, ""), typed) for role in roles]


def _text(role: Role, words: str, edit: TextEdit, drawn: str, typed: Mapping[str, str]) -> PlainText:
    size = typed.get(f"size.{role}", f"{edit.scale:g}")
    return PlainText(
        role=role,
        words=typed.get(f"words.{role}", words if edit.text is None else edit.text),
        size=size,
        sizes=sorted({*SIZES, size}, key=float) if _is_number(size) else list(SIZES),
        color=typed.get(f"color.{role}", edit.color or _hex(drawn)),
        recolor=f"recolor.{role}" in typed if typed else edit.color is not None,
        hidden=f"hidden.{role}" in typed if typed else edit.hidden,
    )


def order_of(opened: Opened, typed: Mapping[str, str], locale: Locale) -> VersionOrder:
    """What a form asks for. Raises InvalidField."""
    layer, format_name = opened.layer, typed.get("format", "")
    opened.format(format_name)
    everywhere = typed.get("scope") != "one"
    targets = list(layer.formats) if everywhere else [format_name]
    edits: dict[str, dict[str, Any]] = {name: {} for name in targets}
    for text in texts_of(layer, format_name, typed):
        for name in targets:
            edits[name][text.role] = _edit(layer.formats[name].edits.get(text.role, TextEdit()), text, everywhere)
    order: dict[str, Any] = {"base_version": typed.get("base_version", ""), "edits": edits, "locale": locale}
    if everywhere and (words := _words(layer, format_name, typed)):
        order["fields"] = layer.fields.model_dump() | words
    if typed.get("style") and typed["style"] != layer.style:
        order["style"] = typed["style"]
    try:
        return VersionOrder.model_validate(order)
    except ValidationError as error:
        raise _told(invalid_fields(error.errors(include_url=False, include_input=False))) from None


def _edit(kept: TextEdit, text: PlainText, everywhere: bool) -> dict[str, Any]:
    own_words = {} if everywhere else {"text": text.words}
    return {
        **kept.model_dump(exclude={"text"} if everywhere else set()),
        **own_words,
        "scale": text.size,
        "color": text.color if text.recolor else None,
        "hidden": text.hidden,
    }


def _words(layer: AdLayer, format_name: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Words of the whole ad that are others now."""
    given = layer.fields.model_dump()
    texts = texts_of(layer, format_name, typed)
    return {text.role: text.words for text in texts if text.words != given[text.role]}


def _told(error: InvalidField) -> InvalidField:
    """One complaint for the form as a whole: a field of ``edits`` has no place of its own on the page."""
    return InvalidField(texts="editor_texts") if error.details.get("field") else error


def _hex(colour: str) -> str:
    """``rgb(1, 2, 3)``, as a browser tells it, for a colour field; black where it is something else."""
    parts = colour.removeprefix("rgba").removeprefix("rgb").strip("()").split(",")[:3]
    if len(parts) != 3 or not all(_is_number(part) for part in parts):
        return "#1a1a1a"
    return "#" + "".join(f"{max(0, min(255, round(float(part)))):02x}" for part in parts)


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) < 1000
    except ValueError:
        return False
