"""A rendered site: whole, safe, small, the same for the same spec, in every theme."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from homepage_generator.media import MediaStore
from homepage_generator.render import Rendered, render
from homepage_generator.spec.reading.hours import read_hours
from homepage_generator.spec.site import SiteSpec
from homepage_generator.spec.types import THEMES
from support.homepages_specs import BUSINESS, HOME, put, shop, store, whole

NAMES = frozenset({
    "kind", "variant", "id", "days", "starts", "ends", "opens", "closes", "trade", "theme", "picture", "pictures",
    "url", "purpose", "phone", "look", "color", "price",
})  # fmt: skip
HOSTILE = "\"'><script>alert(1)</script>&"
WEIGHT = 150 * 1024


class Seen(HTMLParser):
    """A document's elements."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [said for tag, said in self.elements if tag in tags]

    def values(self, name: str) -> list[str]:
        return [said[name] for _, said in self.elements if name in said]


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return store(tmp_path / "media")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "site"


def made(spec: SiteSpec, media: MediaStore, out: Path) -> tuple[Rendered, Seen]:
    rendered = render(spec, media, out, url=HOME)
    return rendered, Seen((out / "index.html").read_text("utf-8"))


def changed(spec: dict[str, Any], kind: str, **fields: Any) -> SiteSpec:
    for section in spec["pages"][0]["sections"]:
        if section["kind"] == kind:
            section.update(fields)
    return SiteSpec.model_validate(spec)


@pytest.mark.parametrize("theme", THEMES)
def test_each_theme_shows_every_kind_with_one_h1_and_no_script_or_style(
    theme: str, media: MediaStore, out: Path
) -> None:
    rendered, page = made(shop(media, theme), media, out)
    assert rendered.pages == ["index.html"]
    kinds = page.values("data-kind")
    assert len(set(kinds)) == 14
    assert len(page.all("h1")) == 1
    assert [said["type"] for said in page.all("script")] == ["application/ld+json"]
    assert not page.all("style")
    assert not page.values("style")
    ids = page.values("id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("theme", THEMES)
def test_whatever_a_page_names_is_there(theme: str, media: MediaStore, out: Path) -> None:
    _, page = made(shop(media, theme), media, out)
    ids = set(page.values("id"))
    for link in page.values("href"):
        if link.startswith("#"):
            assert link[1:] in ids
        elif not re.match(r"https?:|tel:|mailto:|\./$", link):
            assert (out / link).is_file()
    named = [one.split()[0] for many in page.values("srcset") for one in many.split(", ")]
    assert named
    assert all((out / file).is_file() for file in [*page.values("src"), *named])
    assert all(said in ids for said in page.values("aria-labelledby"))
    css = next(out.glob("s*.css")).read_text("utf-8")
    assert all((out / file).is_file() for file in re.findall(r"url\((f[^)]+)\)", css))


@pytest.mark.parametrize("theme", THEMES)
def test_all_hero_and_list_variants_come_out(theme: str, media: MediaStore, out: Path) -> None:
    variants = {
        "hero": ("type", "cutout", "photo", "board"), "prices": ("board", "cards", "rows"),
        "menu": ("columns", "cards"),
        "gallery": ("mosaic", "strip"), "story": ("letter", "columns"), "timetable": ("week", "list"),
        "location": ("map", "plain"), "notice": ("strip", "list"),
    }  # fmt: skip
    for kind, names in variants.items():
        for name in names:
            _, page = made(changed(whole(media, theme), kind, variant=name), media, out)
            assert name in page.values("data-variant")


@pytest.mark.parametrize("theme", THEMES)
def test_markup_in_any_text_stays_text(theme: str, media: MediaStore, out: Path) -> None:
    spec = put(whole(media, theme), lambda text: HOSTILE[: len(text) + 40][:16] if len(text) < 16 else HOSTILE, NAMES)
    spec["seo"] = {"title": HOSTILE, "description": HOSTILE}
    spec["business"]["name"] = spec["business"]["tagline"] = HOSTILE
    for section in spec["pages"][0]["sections"]:
        section.update(title=HOSTILE[:32], lead=HOSTILE)
    try:
        checked = SiteSpec.model_validate(spec)
    except ValueError as error:
        pytest.fail(str(error)[:600])
    _, page = made(checked, media, out)
    assert [said["type"] for said in page.all("script")] == ["application/ld+json"]
    document = (out / "index.html").read_text("utf-8")
    assert "<script>alert" not in document
    said = re.search(r'<script type="application/ld\+json">(.*?)</script>', document, re.DOTALL)
    assert said
    assert json.loads(said[1])["name"] == HOSTILE
    assert not any(name.startswith("on") for _, given in page.elements for name in given)


def test_the_same_spec_gives_the_same_files(media: MediaStore, out: Path, tmp_path: Path) -> None:
    render(shop(media), media, out, url=HOME)
    render(shop(media), media, tmp_path / "again", url=HOME)
    first = {file.name: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    second = {file.name: file.read_bytes() for file in (tmp_path / "again").rglob("*") if file.is_file()}
    assert first == second


@pytest.mark.parametrize("theme", THEMES)
def test_without_photos_a_whole_site_stays_within_its_weight(theme: str, media: MediaStore, out: Path) -> None:
    rendered, _ = made(shop(media, theme), media, out)
    home = (out / "index.html").stat().st_size
    assert home + rendered.weight["css"] + rendered.weight["fonts"] <= WEIGHT


def test_three_hundred_products_and_nothing_but_a_name_both_make_a_page(media: MediaStore, out: Path) -> None:
    items = [{"name": f"사과 {n}호", "price": str(1000 * n)} for n in range(1, 301)]
    _, page = made(changed(whole(media), "prices", items=items), media, out)
    assert sum("good" in said.get("class", "").split() for said in page.all("li")) == 300
    bare = {
        "business": {"name": "빵"}, "look": {"theme": "plain"}, "seo": {"title": "빵", "description": "빵"},
        "pages": [{"id": "home", "title": "홈", "sections": [
            {"kind": "hero", "id": "hero", "headline": ["빵"]}, {"kind": "footer", "id": "footer"},
        ]}],
    }  # fmt: skip
    _, page = made(SiteSpec.model_validate(bare), media, out)
    assert len(page.all("h1")) == 1
    assert not [said for said in page.all("nav") if "dock" in said.get("class", "")]


def test_search_engines_are_told_the_trade_the_hours_and_the_prices(media: MediaStore, out: Path) -> None:
    made(shop(media), media, out)
    document = (out / "index.html").read_text("utf-8")
    said = json.loads(re.search(r'ld\+json">(.*?)</script>', document)[1])  # type: ignore[index]
    assert said["@type"] == "GroceryStore"
    assert said["telephone"] == "+82-2-332-1407"
    assert said["address"]["addressRegion"] == "서울특별시"
    assert said["openingHoursSpecification"][1]["closes"] == "23:59"
    assert [offer["price"] for offer in said["makesOffer"]] == [24000, 39000]
    assert f"<loc>{HOME}</loc>" in (out / "sitemap.xml").read_text("utf-8")
    assert f"Sitemap: {HOME}sitemap.xml" in (out / "robots.txt").read_text("utf-8")
    assert (out / "favicon.svg").read_text("utf-8").startswith("<svg")


def test_a_lunch_break_reaches_search_engines_as_hours_before_and_after_it(media: MediaStore, out: Path) -> None:
    hours = read_hours("평일 09:00-18:00, 점심시간 13:00-14:00").hours
    made(shop(media, hours=hours), media, out)
    found = re.search(r'ld\+json">(.*?)</script>', (out / "index.html").read_text("utf-8"))
    assert found
    told = json.loads(found[1])["openingHoursSpecification"]
    assert [(row["opens"], row["closes"]) for row in told] == [("09:00", "13:00"), ("14:00", "18:00")]
    assert told[0]["dayOfWeek"] == told[1]["dayOfWeek"]


def test_an_academy_and_a_clinic_are_told_as_what_they_are(media: MediaStore, out: Path) -> None:
    for trade, told in (("clinic", "MedicalClinic"), ("academy", ["LocalBusiness", "EducationalOrganization"])):
        made(shop(media, trade=trade), media, out)
        found = re.search(r'ld\+json">(.*?)</script>', (out / "index.html").read_text("utf-8"))
        assert found
        assert json.loads(found[1])["@type"] == told


def test_the_form_posts_what_the_service_expects(media: MediaStore, out: Path) -> None:
    _, page = made(shop(media), media, out)
    [form] = page.all("form")
    assert (form["method"], form["action"]) == ("post", "contact")
    fields = {said["name"]: said for said in page.all("input", "textarea")}
    assert set(fields) == {"page", "website", "name", "reply", "when", "message", "consent"}
    assert fields["website"]["tabindex"] == "-1"
    assert "required" in fields["consent"]
    labelled = {said["for"] for said in page.all("label")}
    assert {said["id"] for said in page.all("input", "textarea") if said.get("type") != "hidden"} <= labelled


def test_pages_beside_the_site_are_kept_from_search_engines(media: MediaStore, out: Path) -> None:
    made(shop(media), media, out)
    for file in ("404.html", "thanks.html", "sorry.html", "card.html"):
        document = (out / file).read_text("utf-8")
        assert '<meta name="robots" content="noindex">' in document
        assert document.count("<h1") == 1


def test_what_is_hidden_is_not_on_the_page_and_a_page_without_hero_has_its_title(media: MediaStore, out: Path) -> None:
    spec = whole(media)
    spec["pages"].append(
        {"id": "visit", "title": "오시는 길", "sections": [
            {"kind": "location", "id": "where"}, {"kind": "footer", "id": "visit-footer"},
        ]}
    )  # fmt: skip
    rendered, page = made(changed(spec, "prices", hidden=True), media, out)
    assert "prices" not in page.values("data-kind")
    assert "#prices" not in page.values("href")
    assert rendered.pages == ["index.html", "visit.html"]
    visit = Seen((out / "visit.html").read_text("utf-8"))
    assert len(visit.all("h1")) == 1
    assert "visit.html" in page.values("href")
    assert "./" in visit.values("href")
    assert [said["aria-current"] for said in visit.all("a") if "aria-current" in said] == ["page", "page"]


def test_a_button_that_leads_nowhere_is_left_out(media: MediaStore, out: Path) -> None:
    spec = whole(media, phone="")
    _, page = made(SiteSpec.model_validate(spec), media, out)
    assert not [link for link in page.values("href") if link.startswith("tel:")]


def test_every_letter_of_a_page_is_in_one_of_its_fonts(media: MediaStore, out: Path) -> None:
    made(shop(media, name="쀍뷁 漢字 햇살"), media, out)
    has: set[int] = set()
    for file in out.glob("*.woff2"):
        has |= set(TTFont(file).getBestCmap())
    text = re.sub(r"<(script|svg|title)[\s\S]*?</\1>|<[^>]+>", "", (out / "index.html").read_text("utf-8"))
    missing = {letter for letter in text if not letter.isspace() and ord(letter) not in has}
    assert missing <= set("&;#→")


def test_english_pages_speak_english(media: MediaStore, out: Path) -> None:
    spec = whole(media) | {"locale": "en"}
    _, page = made(SiteSpec.model_validate(spec), media, out)
    assert page.all("html")[0]["lang"] == "en"
    document = (out / "index.html").read_text("utf-8")
    assert "Skip to content" in document
    assert "본문으로" not in document
    assert BUSINESS["name"] in document
