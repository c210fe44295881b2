"""The editor's pure parts: a layer made live, checks put together, colours and forms read."""

from __future__ import annotations

import uuid

import pytest

from nanococoa_backend.ads.models import Ad, AdVersion
from nanococoa_backend.editor.live import live_format
from nanococoa_backend.editor.merging import merged_checks, merged_layer, render_request
from nanococoa_backend.editor.plain import order_of, texts_of
from nanococoa_backend.editor.schemas import Changes
from nanococoa_backend.editor.service import Opened
from nanococoa_backend.editor.views import colours_of
from nanococoa_backend.editor.wording import sentences
from nanococoa_client.fake_layer import layer_of
from nanococoa_client.schemas import AdCopy, AdLayer, Checks, LegibilityCheck, PixelBox, TextEdit

SIZES = {"square": (1080, 1080), "story": (1080, 1920)}
PAGE = (
    '<!doctype html><html lang="ko" style="font-size:10.8px"><style>:root{--x:1}\n[data-role="sub"] b{color:red}\n'
    'html:not([data-fitting]) [data-role="headline"]{position:relative;transform:translate(4rem,0rem) scale(1)}'
    '[data-role="headline"]{color:#123456!important}[data-role="sub"]{font-weight:700!important}</style>'
    '<body class="square style-cover"><div class="f scene back" style="background-image:url(/artifacts/abc.jpg)"></div>'
    '<div class="zone back"><p data-role="headline">사과</p></div></body></html>'
)


def layer(**copy: str) -> AdLayer:
    return layer_of(AdCopy(**{"headline": "부사", "price": "9,900원", **copy}), "shout", SIZES, "p.png")


def opened(given: AdLayer) -> Opened:
    return Opened(Ad(id=uuid.uuid4()), AdVersion(id=uuid.uuid4()), given)


def test_a_live_layer_has_no_edits_and_no_scene_of_its_own() -> None:
    one = layer().formats["square"].model_copy(update={"html": PAGE})
    html = live_format(one, "/plate", "").html
    assert "#123456" not in html
    assert "translate" not in html
    assert '[data-role="sub"] b{color:red}' in html
    assert "/artifacts/" not in html
    assert "live-cover" not in html.replace(".live-cover", "")


def test_the_product_covers_words_behind_it_and_is_cut_off_at_the_edge() -> None:
    at = PixelBox(x=-40, y=800, width=600, height=400)
    one = layer().formats["square"].model_copy(update={"html": PAGE, "product": at})
    html = live_format(one, "/plate", "/cover").html
    assert 'src="/cover" style="left:0.0px;top:800.0px;width:560.0px;height:280.0px"' in html
    assert html.index("live-cover") < html.index('data-role="headline">')


def test_untouched_formats_stay_as_they_were() -> None:
    base = layer()
    made = layer(headline="다른 말")
    merged = merged_layer(base, made, ["square"])
    assert merged.formats["square"] == made.formats["square"]
    assert merged.formats["story"] == base.formats["story"]


def check(passed: bool, worst: float) -> LegibilityCheck:
    return LegibilityCheck(passed=passed, glyphs=3, worst_contrast=worst, failing=int(not passed))


def test_checks_are_the_worst_of_new_and_kept_formats() -> None:
    found = {"square": check(False, 1.2), "story": check(True, 9)}
    base = Checks(legibility_by_format=found, legibility=found["square"])
    merged = merged_checks(base, Checks(legibility_by_format={"square": check(True, 7)}))
    assert merged.legibility is not None
    assert (merged.legibility.passed, merged.legibility.worst_contrast, merged.legibility.glyphs) == (True, 7, 6)


def test_a_render_request_is_lean_and_mends_nothing() -> None:
    edits = {"square": {"headline": TextEdit(dx=1)}, "story": {"headline": TextEdit(dx=2)}}
    request = render_request(layer(), Changes.model_validate({"edits": edits}), ["square"], wait_seconds=5, locale="en")
    assert request.as_shown
    assert request.edits.keys() == {"square"}
    assert request.layer is not None
    assert request.layer.formats["square"].html == ""
    assert (request.fields, request.style, request.locale) == (None, None, "en")


def test_swatches_look_different_from_each_other() -> None:
    found = colours_of(["#b71c1c", "#B61D1C", "#2e7d32", "red", "", "#fefefe"])
    assert found == ["#b71c1c", "#2e7d32", "#ffffff", "#1a1a1a"]


def test_a_form_says_what_is_and_what_was_typed() -> None:
    given = layer()
    texts = {text.role: text for text in texts_of(given, "square", {})}
    assert (texts["headline"].words, texts["headline"].size, texts["headline"].color) == ("부사", "1", "#222222")
    typed = {text.role: text for text in texts_of(given, "square", {"words.price": "8,000원", "hidden.price": "on"})}
    assert (typed["price"].words, typed["price"].hidden, typed["headline"].hidden) == ("8,000원", True, False)


@pytest.mark.parametrize(("scope", "formats"), [("all", {"square", "story"}), ("one", {"square"})])
def test_a_form_reaches_the_formats_it_names(scope: str, formats: set[str]) -> None:
    where = opened(layer())
    typed = {"base_version": str(where.version.id), "format": "square", "scope": scope, "words.headline": "새 말"}
    order = order_of(where, typed, "ko")
    assert order.edits.keys() == formats
    assert (order.fields is not None) == (scope == "all")


def test_scripts_get_every_sentence_they_need() -> None:
    korean, english = sentences("ko"), sentences("en")
    assert korean.keys() == english.keys()
    assert korean["roles"]["headline"] == "제목"
    assert "plain" not in korean
