"""The pictures of the README, made by the program itself: ``python tools/gallery/readme.py [name …]``.

``hero``: a photo, and the four social formats made of it. ``styles``: the ten text styles on several products.
``app``: the dashboard on a phone, of ``docs/screens``. ``homepages``: first screens of ``docs/gallery/homepages``.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from nanococoa_aiserver.ads.local import make_ad
from nanococoa_aiserver.settings import load_settings
from nanococoa_client.schemas import GenerateRequest

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES, GALLERY, SCREENS = CHECKOUT / "samples", CHECKOUT / "docs" / "gallery", CHECKOUT / "docs" / "screens"
ROOM = (230, 230, 230)
GAP = 24
"""Pixels between pictures."""


class Ad(NamedTuple):
    """What one picture of the sheet of styles is made of."""

    style: str
    photo: str
    text: str
    background: str


HERO = Ad("", "products/04.jpg", "참깨를 볶는 아침, 첫 짜낸 참기름 320ml 24,000원 한울 방앗간", "전통시장 나무 좌판")
STYLES = (
    Ad("shout", "products/02.jpg", "오늘만 반값! 두 상자 사면 한 상자 더 9,900원", "노란 스튜디오"),
    Ad("editorial", "products/04.jpg", "참깨를 볶는 아침\n한울 방앗간", "리넨 천과 창가 그림자"),
    Ad("friendly", "products/10.jpg", "아삭아삭 햇사과, 한 입 가득 가을 9,900원", "햇살 드는 나무 탁자"),
    Ad("catalog", "products/06.jpg", "책상 위 작은 초록\n다육 화분 12,000원", "깔끔한 흰 배경"),
    Ad("coupon", "products/08.jpg", "첫 구매 30% 할인 쿠폰 19,600원", "분홍색 스튜디오"),
    Ad("cover", "products/10.jpg", "아삭, 시원하게", "시원한 물 위"),
    Ad("season", "products/12.jpg", "추석 선물 예약\n정성을 담았습니다 49,000원", "한옥 마루"),
    Ad("number", "products/14.jpg", "단 3일 50% 할인 정가 24,000원 지금 12,000원", "콘크리트 벽"),
    Ad("split", "products/16.jpg", "손에 감기는 머그 한 잔\n28,000원", "대리석 선반"),
    Ad("lower", "products/18.jpg", "하루 한 번, 촉촉하게\n50ml 19,900원", "초록 잎이 있는 신선한 배경"),
)


PHONES = ("maker-phone", "ad-phone", "editor-phone", "ads-phone")
SHOPS = ("fruit-market", "cafe-roastery", "workshop-workbench", "bakery-parlour", "salon-orchard", "restaurant-market")


def main(names: Iterable[str]) -> None:
    GALLERY.mkdir(parents=True, exist_ok=True)
    sheets = {"hero": _hero, "styles": _styles, "app": _app, "homepages": _homepages}
    for name in names or sheets:
        _save(sheets[name](), f"{name}.jpg")


def _hero() -> Image.Image:
    """The photo at the left, then each format at the same height."""
    with Image.open(SAMPLES / HERO.photo) as photo:
        return _row([photo.convert("RGB"), *_make(HERO, ["square", "portrait", "story", "wide"])], height=520)


def _app() -> Image.Image:
    """One screenful of each page."""
    screens = [Image.open(SCREENS / f"{name}.webp").convert("RGB") for name in PHONES]
    return _row([screen.crop((0, 0, screen.width, screen.width * 780 // 360)) for screen in screens], height=760)


def _homepages(side: int = 460, columns: int = 3) -> Image.Image:
    """The desktop's first screen of each shop: the left 720 pixels of its picture."""
    folds = [Image.open(GALLERY / "homepages" / f"{name}.webp").convert("RGB") for name in SHOPS]
    return _grid([fold.crop((0, 0, 718, 718)).resize((side, side)) for fold in folds], columns)


def _row(pictures: list[Image.Image], *, height: int) -> Image.Image:
    shown = [picture.resize((round(picture.width * height / picture.height), height)) for picture in pictures]
    sheet = Image.new("RGB", (sum(p.width for p in shown) + GAP * (len(shown) + 1), height + 2 * GAP), ROOM)
    left = GAP
    for picture in shown:
        sheet.paste(picture, (left, GAP))
        left += picture.width + GAP
    return sheet


def _styles(side: int = 360, columns: int = 5) -> Image.Image:
    return _grid([_make(ad, ["square"])[0].resize((side, side)) for ad in STYLES], columns)


def _grid(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Squares of one size."""
    side = pictures[0].width
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (side + GAP) + GAP, rows * (side + GAP) + GAP), ROOM)
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        sheet.paste(picture, (GAP + column * (side + GAP), GAP + row * (side + GAP)))
    return sheet


def _make(ad: Ad, formats: list[str]) -> list[Image.Image]:
    request = GenerateRequest(
        text_content=ad.text, bg_prompt=ad.background, style=ad.style or None, formats=formats, seed=7
    )
    made = make_ad(request, photo=(SAMPLES / ad.photo).read_bytes(), settings=load_settings())
    return [Image.open(io.BytesIO(data)).convert("RGB") for data, _ in made.files.values()]


def _save(sheet: Image.Image, name: str) -> None:
    sheet.save(GALLERY / name, quality=88)
    print(GALLERY / name, sheet.size)


if __name__ == "__main__":
    main(sys.argv[1:])
