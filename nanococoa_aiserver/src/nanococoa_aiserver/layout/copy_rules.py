"""The patterns of ``data/copy.toml``, compiled once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from nanococoa_client.schemas import Role


@dataclass(frozen=True, slots=True)
class Rules:
    """How copy is read. ``finds`` are tried in order; the first to take a span keeps it."""

    finds: tuple[tuple[Role, re.Pattern[str]], ...]
    old_price: re.Pattern[str]
    new_price: re.Pattern[str]
    leading_price: re.Pattern[str]
    bare_price: re.Pattern[str]
    small_print: re.Pattern[str]
    call_to_action: re.Pattern[str]
    shop: re.Pattern[str]
    shop_label: re.Pattern[str]
    not_shop: re.Pattern[str]
    not_bare_name: re.Pattern[str]
    unit: re.Pattern[str]
    unit_at_end: re.Pattern[str]


@lru_cache
def rules() -> Rules:
    """The rules as shipped."""
    text = resources.files(__package__).joinpath("data", "copy.toml").read_text("utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    money, tail = data["money"], data["money_tail"]
    unit = _unit(data["units"])
    alone = "|".join(data["units"]["alone"])
    return Rules(
        finds=tuple((find["role"], _compile(_filled(find["pattern"], data))) for find in data["finds"]),
        old_price=_compile(rf"(?<![\w가-힣])(?:{_either(data['old_labels'])})\s?[:：]?\s?{money}{tail}"),
        new_price=_compile(rf"(?<![\w가-힣])(?:{_either(data['new_labels'])})\s?[:：]?\s?{money}{tail}"),
        leading_price=_compile(rf"(?:(?:{_either(data['leading_labels'])})\s?[:：]?\s?)?{money}{tail}"),
        bare_price=_compile(rf"{money}{tail}"),
        small_print=_compile(_either(data["phrases"]["small_print"])),
        call_to_action=_compile(_either(data["phrases"]["call_to_action"])),
        shop=_compile(_either(data["phrases"]["shop"])),
        shop_label=_compile(data["phrases"]["shop_label"]),
        not_shop=_compile(data["phrases"]["not_shop"].replace("%%", "%")),
        not_bare_name=_compile(data["phrases"]["not_bare_name"]),
        unit=_compile(rf"^(?:{unit})$|{alone}"),
        unit_at_end=_compile(rf"(?:(?<=\s)|^)(?:{unit})$"),
    )


def _unit(units: dict[str, Any]) -> str:
    """One amount (``10kg``, ``3개 묶음``) or several (``10kg 한 박스``, ``500g × 2팩``)."""
    one = rf"(?:약\s?)?{units['number']}\s?-?{units['counter']}(?![a-z가-힣]){units['tail']}"
    glued = rf"(?:약\s?)?{units['number']}\s?-?{units['counter']}{units['tail']}(?![a-z가-힣])"
    return rf"(?:{one}|{glued})(?:{units['join']}(?:{one}|{glued}|{units['number']}))*"


def _filled(pattern: str, data: dict[str, Any]) -> str:
    for name in ("discount_before", "discount_after", "money", "phone"):
        pattern = pattern.replace("{" + name + "}", data[name])
    return pattern.replace("%%", "%")


def _either(patterns: list[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
