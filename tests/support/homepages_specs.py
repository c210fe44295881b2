"""Specs to render: one with every kind of section in it, and what makes it hostile or huge."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PIL import Image

from homepage_generator.media import MediaStore
from homepage_generator.spec.site import SiteSpec

HOME: Final = "http://127.0.0.1/sites/haetsal/"
WEEKDAYS: Final = ["mon", "tue", "wed", "thu", "fri"]
BUSINESS: Final[dict[str, Any]] = {
    "name": "햇살과일",
    "trade": "fruit",
    "trade_name": "과일 가게",
    "phone": "02-332-1407",
    "place": {
        "address": "서울 마포구 포은로8길 14, 1층",
        "landmark": "망원역 2번 출구에서 걸어서 6분, 망원시장 떡집 골목 세 번째 가게",
        "parking": "망원 유수지 공영주차장",
    },
    "hours": [
        {"days": WEEKDAYS, "opens": "08:00", "closes": "20:30"},
        {"days": ["sat"], "opens": "07:30", "closes": "24:00"},
    ],
    "closed": "일요일",
    "since": 2007,
    "legal": {"representative": "박정임", "registration_number": "105-00-00000", "email": "hello@haetsal.example"},
    "links": [{"label": "인스타그램", "url": "https://instagram.com/haetsal"}],
}


def picture(media: MediaStore, size: tuple[int, int] = (800, 600), kind: str = "photo") -> tuple[str, dict[str, Any]]:
    data = io.BytesIO()
    Image.new("RGBA" if kind == "cutout" else "RGB", size, (200, 60, 40)).save(data, "PNG")
    name, known = media.add(data.getvalue(), kind)  # type: ignore[arg-type]
    return name, known.model_dump()


def whole(media: MediaStore, theme: str = "market", **business: Any) -> dict[str, Any]:
    """A site of every section, each with something of everything."""
    photo, photo_is = picture(media)
    cutout, cutout_is = picture(media, (500, 700), "cutout")
    return {
        "business": BUSINESS | business,
        "look": {"theme": theme},
        "seo": {"title": "햇살과일 | 망원시장", "description": "새벽에 고른 제철 과일만 팔아요."},
        "pictures": {photo: photo_is, cutout: cutout_is},
        "pages": [{"id": "home", "title": "홈", "sections": sections(photo, cutout)}],
    }


def sections(photo: str, cutout: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": "hero", "id": "hero", "variant": "cutout", "eyebrow": "망원시장 · 2007년부터",
            "note": "맛없으면 바꿔드려요",
            "headline": ["오늘 새벽", "고른 것만", "내놓습니다"], "lead": "새벽 네 시 반에 하나씩 눌러 보고 사 와요.",
            "actions": [{"kind": "call", "label": "전화하기"}, {"kind": "prices", "label": "오늘의 값 보기"}],
            "pictures": [cutout],
        },
        {"kind": "notice", "id": "notice", "items": [{"title": "딸기 왔어요", "text": "아침에만", "date": "오늘"}]},
        {
            "kind": "prices", "id": "prices", "as_of": "11월 20일",
            "items": [
                {"name": "대봉감", "origin": "하동", "unit": "10개", "price": "24000", "note": "2주 뒤 홍시"},
                {"name": "부사", "price": "39,000원", "picture": photo},
                {"name": "신고배", "price": "시가"},
                {"name": "곶감", "price": "45000", "sold_out": True},
            ],
        },
        {"kind": "menu", "id": "menu", "groups": [{"name": "주스", "items": [{"name": "감귤 착즙", "price": "6000"}]}]},
        {"kind": "season", "id": "season", "rows": [{"name": "딸기", "months": [11, 12, 1]}]},
        {"kind": "gallery", "id": "gallery", "items": [{"picture": photo, "caption": "진열대"}, {"picture": cutout}]},
        {
            "kind": "story", "id": "story", "paragraphs": ["어머니께 배웠어요.\n\n지금도 가요."], "signature": "박정임",
            "facts": [{"label": "하루 품목", "value": "6–9가지"}], "picture": photo,
        },
        {"kind": "process", "id": "process", "steps": [{"title": "고르기", "text": "전화로"}, {"title": "받기"}]},
        {
            "kind": "timetable", "id": "timetable",
            "slots": [
                {"days": ["mon", "wed"], "starts": "10:00", "ends": "12:00", "name": "망원동", "note": "전화"},
                {"days": ["mon"], "starts": "09:00", "name": "시식"},
            ],
        },
        {"kind": "location", "id": "location"},
        {"kind": "reviews", "id": "reviews", "items": [{"text": "달아요.", "who": "김○○", "source": "문자"}]},
        {"kind": "faq", "id": "faq", "items": [{"question": "포장되나요?", "answer": "네, 돼요."}]},
        {"kind": "contact", "id": "contact", "purpose": "reservation"},
        {"kind": "footer", "id": "footer"},
    ]  # fmt: skip


def shop(media: MediaStore, theme: str = "market", **business: Any) -> SiteSpec:
    return SiteSpec.model_validate(whole(media, theme, **business))


def put(value: Any, change: Callable[[str], str], spared: frozenset[str]) -> Any:
    """Every text of a spec changed, but for names that stand for something (kinds, days, ids)."""
    match value:
        case dict():
            return {key: one if key in spared else put(one, change, spared) for key, one in value.items()}
        case list():
            return [put(one, change, spared) for one in value]
        case str():
            return change(value)
        case _:
            return value


def store(folder: Path) -> MediaStore:
    folder.mkdir(exist_ok=True)
    return MediaStore(folder)
