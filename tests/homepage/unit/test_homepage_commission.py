"""A commission read into a brief: what is forgiven, what is refused and by which name."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from homepage_generator.errors import InvalidField, InvalidPicture
from homepage_generator.media import MediaStore
from homepage_generator.messages import LOCALES, say
from homepage_generator.spec.brief import Brief
from homepage_generator.spec.reading import read_commission
from homepage_generator.spec.reading.commission import KNOWN
from homepage_generator.spec.reading.trades import read_trade
from support.homepages_samples import ENGLISH, TRADES, commission

APPLE = {"name": "사과"}
SLOT = {"days": "월", "starts": "10:00", "name": "반"}
LONG = "아주 긴 글이에요. " * 1000


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def _shop(**facts: Any) -> dict[str, Any]:
    return {"business_info": {"name": "햇살과일", **facts}, "products": [], "ads": []}


def _read(media: MediaStore, given: dict[str, Any], **options: Any) -> Brief:
    return read_commission(given, media, **options)[0]


def _picture(size: tuple[int, int] = (200, 150)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#c33").save(file, "PNG")
    return file.getvalue()


def _data(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


@pytest.mark.parametrize("name", TRADES)
def test_each_sample_is_a_shop_of_its_trade(name: str, media: MediaStore) -> None:
    brief, warnings = read_commission(commission(name), media)
    assert brief.business.trade == name
    assert brief.business.hours
    assert warnings == []


@pytest.mark.parametrize("name", ENGLISH)
def test_each_english_sample_is_read_whole(name: str, media: MediaStore) -> None:
    brief, warnings = read_commission(commission(name), media)
    assert brief.locale == "en"
    assert brief.business.hours
    assert warnings == []


def test_a_name_is_enough(media: MediaStore) -> None:
    brief = _read(media, {"business_info": {"name": "가"}})
    assert brief.business.name == "가"
    assert brief.products == []


def test_what_the_dashboard_sends_is_read(media: MediaStore) -> None:
    given = {
        "business_info": {
            "name": "햇살과일", "trade": "과일 가게", "description": "19년째", "address": "서울 마포구",
            "phone": "02-123-4567", "opening_hours": "매일 8시–20시",
            "footer": {"legal_name": "햇살과일", "representative": "김하나", "email": "a@b.example"},
            "brand": {"color": "#D34A2E", "accent": "#2e8b57", "font": "Pretendard", "logo": _data(_picture())},
        },
        "style": "market", "wishes": "큼직하게", "pages": "several", "locale": "ko", "publish": False,
        "products": [{"id": "1", "name": "사과", "price": "39,900원", "unit": "5kg", "description": "아삭해요",
                      "image": _data(_picture()), "picture": "cutout"}],
        "ads": [{"id": "2", "title": "가을 사과", "image": _data(_picture((300, 300))), "width": 300, "height": 300}],
    }  # fmt: skip
    brief, warnings = read_commission(given, media)
    assert warnings == []
    assert brief.style == "market"
    assert brief.pages == "several"
    assert brief.business.brand.color == "#d34a2e"
    assert brief.pictures[brief.products[0].picture or ""].kind == "cutout"
    assert brief.pictures[brief.ads[0].picture].alt == "가을 사과"
    assert {picture.kind for picture in brief.pictures.values()} == {"logo", "cutout", "ad"}


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({}, "business_info", "missing"),
        ({"business_info": []}, "business_info.name", "missing"),
        ({"business_info": "가게"}, "business_info", "object"),
        ({"business_info": {}}, "business_info.name", "missing"),
        ({"business_info": {"name": " \u200b\n"}}, "business_info.name", "empty"),
        ({"business_info": {"name": ["가"]}}, "business_info.name", "text"),
        ({"business_info": {"name": True}}, "business_info.name", "text"),
        (_shop(name="가" * 61), "business_info.name", "too_long"),
        (_shop(phone="전화는 나중에"), "business_info.phone", "phone"),
        (_shop(address=LONG), "business_info.address", "too_long"),
        (_shop(since="오래됨"), "business_info.since", "year"),
        (_shop(brand={"color": "빨강"}), "business_info.brand.color", "colour"),
        (_shop(map_url="javascript:alert(1)"), "business_info.map_url", "web_address"),
        (_shop(links=[{"label": "인스타", "url": "ftp://a.example/x"}]), "business_info.links[0].url", "web_address"),
        (_shop(menu={"name": "커피"}), "business_info.menu", "list"),
        (_shop(menu=[{"name": "커피", "items": [{"price": "1"}]}]), "business_info.menu[0].items[0].name", "missing"),
        (_shop(seasons=[{"name": "딸기", "months": "봄"}]), "business_info.seasons[0].months", "months"),
        (_shop(timetable=[SLOT | {"days": "언제나"}]), "business_info.timetable[0].days", "days"),
        (_shop(timetable=[SLOT | {"starts": "아침"}]), "business_info.timetable[0].starts", "clock"),
        (_shop(form="언젠가"), "business_info.form", "choice"),
        (_shop(titles={"banner": "x"}), "business_info.titles.banner", "choice"),
        (_shop() | {"pages": "many"}, "pages", "choice"),
        (_shop() | {"locale": "jp"}, "locale", "choice"),
        (_shop() | {"products": [{"name": "사과", "price": True}]}, "products[0].price", "text"),
        (_shop() | {"products": [{"name": "사과", "price": -1}]}, "products[0].price", "number"),
        (_shop() | {"products": [{"name": "사과", "price": "1" * 31}]}, "products[0].price", "too_long"),
        (_shop() | {"products": [{"name": "사과"}] * 301}, "products", "too_many"),
        (_shop() | {"products": [APPLE | {"image": "data:image/png;base64,AAAA"}]}, "products[0].image", "image_type"),
        (_shop() | {"products": [APPLE | {"image": "data:image/png;base64,?"}]}, "products[0].image", "image_broken"),
        (_shop() | {"products": [{"name": "사과", "image": "/etc/passwd"}]}, "products[0].image", "image_address"),
        (_shop() | {"products": [{"name": "사과", "image": 7}]}, "products[0].image", "text"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_by_its_name(
    media: MediaStore, given: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        read_commission(given, media)
    assert (refused.value.details["field"], refused.value.details["reason"]) == (field, reason)
    for locale in LOCALES:
        assert field in refused.value.message(locale)


def test_prose_that_is_too_long_is_shortened_and_said(media: MediaStore) -> None:
    given = _shop(
        description=LONG * 2, tagline=LONG, faq=[{"question": "왜?", "answer": LONG}], reviews=[{"text": LONG}]
    )
    brief, warnings = read_commission(given, media)
    assert warnings == ["shortened"]
    assert brief.story.endswith(".")
    assert len(brief.story) <= 10_000
    assert len(brief.business.tagline) <= 80
    assert say("ko", "warnings.shortened")


def test_what_no_page_shows_is_left_out_and_said(media: MediaStore) -> None:
    brief, warnings = read_commission(_shop(horoscope="쌍둥이자리"), media)
    assert warnings == ["left_out"]
    assert "쌍둥이" not in brief.model_dump_json()


def test_hours_that_are_not_understood_stay_in_the_owners_words(media: MediaStore) -> None:
    brief, warnings = read_commission(_shop(opening_hours="해 뜰 때부터 해 질 때까지"), media)
    assert brief.business.hours_text == "해 뜰 때부터 해 질 때까지"
    assert brief.business.hours == []
    assert warnings == ["hours_as_written"]


def test_hours_come_as_rows_and_as_days_too(media: MediaStore) -> None:
    rows = _read(media, _shop(opening_hours=[{"days": ["mon", "tue"], "opens": "09:00", "closes": "18:00"}]))
    days = _read(media, _shop(opening_hours={"월-화": "09:00-18:00"}))
    assert rows.business.hours == days.business.hours
    assert rows.business.hours[0].days == ["mon", "tue"]


def test_a_number_alone_is_an_amount_of_won(media: MediaStore) -> None:
    given = _shop() | {"products": [{"name": "사과", "price": 39900}]}
    assert _read(media, given).products[0].price == "39,900원"
    assert _read(media, given | {"locale": "en"}).products[0].price == "₩39,900"


def test_words_for_a_style_are_wishes(media: MediaStore) -> None:
    brief = _read(media, _shop() | {"style": "차분한 명조", "wishes": "사진은 크게"})
    assert brief.style is None
    assert brief.wishes == "차분한 명조\n사진은 크게"


def test_pictures_of_an_aiserver_are_fetched_by_their_name(media: MediaStore) -> None:
    given = _shop() | {"products": [{"name": "사과", "image": "job-1/cutout.png"}]}
    brief = _read(media, given, fetch={"job-1/cutout.png": _picture()}.__getitem__)
    assert brief.pictures[brief.products[0].picture or ""].width == 200


def test_a_picture_that_cannot_be_fetched_is_told_by_its_field(media: MediaStore) -> None:
    def fetch(_: str) -> bytes:
        raise InvalidPicture("image_fetch")

    with pytest.raises(InvalidField, match=r"products\[0\]\.image"):
        _read(media, _shop() | {"products": [{"name": "사과", "image": "gone"}]}, fetch=fetch)


def test_text_is_kept_as_text(media: MediaStore) -> None:
    hostile = "<script>alert(1)</script> 🍎 뷁 \u202egnp.exe"
    brief = _read(media, _shop(tagline=hostile))
    assert brief.business.tagline == "<script>alert(1)</script> 🍎 뷁 gnp.exe"


@pytest.mark.parametrize(
    ("said", "name", "trade"),
    [
        ("과일 가게", "", "fruit"), ("수제 도자기 공방", "", "workshop"), ("꽃집", "", "shop"), ("네일샵", "", "salon"),
        ("24시 동물병원", "", "clinic"), ("떡집", "", "bakery"),
        ("필라테스", "", "academy"), ("국밥집", "", "restaurant"),
        ("coffee bar", "", "cafe"), ("", "새벽네시빵집", "bakery"), ("", "가나다", "shop"), ("cafe", "", "cafe"),
        ("우주선 대여", "모퉁이 카페", "cafe"),
    ],
)  # fmt: skip
def test_a_trade_is_read_from_what_its_owner_calls_it(said: str, name: str, trade: str) -> None:
    assert read_trade(said, name) == trade


def test_everything_a_shop_may_say_is_in_the_docs() -> None:
    said = (Path(__file__).parents[3] / "docs" / "homepages.md").read_text("utf-8")
    assert {name for name in KNOWN if f"`{name}`" not in said} == set()
