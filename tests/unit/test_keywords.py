"""What prompts in two languages are understood as. Each row: prompt, scene, palette (``None``: nothing was said)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.engines.studio.scenes.choose import find_terms, lexicon, understand
from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes
from nanococoa_aiserver.engines.studio.scenes.palettes import load_palettes

GOLDEN = [
    ("전통시장 느낌의 배경", "market", None),
    ("재래시장 골목", "market", None),
    ("야시장 포장마차", "market", None),
    ("street market at night", "market", None),
    ("farmers market stall", "market", None),
    ("네이비 포디움", "podium", "navy"),
    ("핑크 아치가 있는 진열대", "podium", "pink"),
    ("white plinth, soft beauty light", "podium", "white"),
    ("추석 선물세트, 보름달", "lantern", None),
    ("설날 분위기", "lantern", None),
    ("명절 선물 세트 배경", "lantern", None),
    ("chuseok gift set under a full moon", "lantern", None),
    ("가을 단풍잎이 흩날리는 원목 테이블", "autumn", None),
    ("autumn leaves on a rustic table", "autumn", None),
    ("눈 내리는 겨울", "snow", None),
    ("크리스마스 느낌", "snow", None),
    ("snowy pine forest", "snow", None),
    ("햇살 드는 창가", "window", None),
    ("나뭇잎 그림자가 진 베이지 벽", "window", "beige"),
    ("morning sunlight through the window", "window", None),
    ("한옥 창살 사이로 드는 빛", "hanok", None),
    ("고즈넉한 한옥 마루", "hanok", None),
    ("traditional korean paper door", "hanok", None),
    ("벚꽃 날리는 봄", "blossom", None),
    ("봄 느낌 핑크", "blossom", "pink"),
    ("cherry blossom spring", "blossom", None),
    ("neon cyberpunk street", "neon", None),
    ("네온사인이 켜진 게이밍 책상", "neon", None),
    ("이끼 낀 돌 위에", "stone", None),
    ("on a mossy rock in the forest", "stone", None),
    ("종이 공예 느낌 민트색", "papercut", "mint"),
    ("코랄 페이퍼컷", "papercut", "coral"),
    ("노출 콘크리트 벽", "concrete", None),
    ("dark concrete wall", "concrete", None),
    ("린넨 천 위", "linen", None),
    ("on white linen cloth", "linen", "white"),
    ("라탄 그림자", "rattan", None),
    ("rattan and tropical resort mood", "rattan", None),
    ("보라 그라데이션", "mesh", "purple"),
    ("abstract lavender gradient", "mesh", "lavender"),
    ("50% 할인 특가 이벤트", "sale", None),
    ("black friday clearance pop art", "sale", None),
    ("시원한 바다", "water", None),
    ("clear water ripples, summer", "water", None),
    ("beach at sunset", "water", "sunset"),
    ("과수원 배경", "fresh", None),
    ("organic farm, green leaves", "fresh", None),
    ("밤하늘 아래 와인 바", "night", None),
    ("luxury bar with bokeh lights", "night", None),
    ("카페 테라조 바닥", "terrazzo", None),
    ("mint terrazzo", "terrazzo", "mint"),
    ("주방 창가 아침", "kitchen", None),
    ("bright kitchen counter", "kitchen", None),
    ("대리석 상판, 호텔 욕실 느낌", "marble", None),
    ("no wood, white marble", "marble", "white"),
    ("나무 말고 대리석", "marble", None),
    ("원목 테이블 위", "wood", None),
    ("walnut desk", "wood", None),
    ("깔끔한 단색 배경", "sweep", None),
    ("seamless paper studio backdrop", "sweep", None),
    ("빨간 사과 주스, 민트 배경", None, "mint"),
    ("따뜻한 베이지 배경", None, "beige"),
    ("흰 배경", None, "white"),
    ("purple dinosaur riding a skateboard", None, "purple"),
    ("sandalwood perfume", None, None),
    ("sandalwood perfume on linen", "linen", None),
    ("눈가 주름 크림", None, None),
    ("수분 크림을 위한 시원한 물결", "water", None),
    ("핸드크림 뒤에 라벤더 톤", None, "lavender"),
    ("레드 와인과 검은 배경", None, "charcoal"),
    ("설탕이 뿌려진 도넛", None, None),
    ("물티슈", None, None),
    ("rocking chair", None, None),
    ("watermelon", None, None),
    ("marketing brochure", None, None),
    ("우주 정거장에서 외계인과", None, None),
    ("배경은 자유롭게", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("prompt", "scene", "palette"), GOLDEN)
def test_a_prompt_is_understood(prompt: str, scene: str | None, palette: str | None) -> None:
    wish = understand(prompt)
    assert (wish.scene, wish.palette) == (scene, palette), wish.why


@pytest.mark.parametrize(
    "prompt", [p for p, scene, palette in GOLDEN if scene is None and palette is None and "hue" not in p]
)
def test_what_was_not_understood_is_said(prompt: str) -> None:
    assert not understand(prompt).known


@pytest.mark.parametrize(
    ("prompt", "light"),
    [
        ("왼쪽에서 들어오는 햇살", -0.8),
        ("오른쪽 조명, 대리석", 0.8),
        ("lit from the right", 0.8),
        ("soft light from the left", -0.8),
        ("원목 테이블", None),
    ],
)
def test_the_side_of_the_light_is_heard(prompt: str, light: float | None) -> None:
    assert understand(prompt).light == light


def test_the_negative_prompt_rules_out_scene_and_colour() -> None:
    assert understand("봄꽃이 핀 나무 테이블").scene == "blossom"
    assert understand("봄꽃이 핀 나무 테이블", negative="꽃, 봄").scene == "wood"
    assert understand("pink and white marble", negative="pink").palette == "white"


def test_a_mood_alone_gives_a_tone() -> None:
    wish = understand("따뜻하고 포근한 느낌")
    assert wish.known
    assert understand("dark and moody").tone == "charcoal"


def test_why_names_the_terms_that_decided() -> None:
    assert understand("네이비 포디움").why == ("네이비", "포디움")


def test_the_lexicon_names_only_scenes_and_palettes_that_exist() -> None:
    scenes, palettes = set(load_scenes()), set(load_palettes())
    assert {term.means for term in lexicon() if term.kind == "scene"} == scenes
    assert {term.means for term in lexicon() if term.kind in ("palette", "tone")} <= palettes


def test_the_lexicon_has_several_hundred_terms_in_each_language() -> None:
    english = sum(term.text.isascii() for term in lexicon())
    assert english > 400
    assert len(lexicon()) - english > 400


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_failing_and_without_overlaps(text: str) -> None:
    found = find_terms(text)
    spans = sorted({(hit.start, hit.end) for hit in found})
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([t for t in lexicon() if t.kind == "scene" and t.weight >= 5]))
def test_every_strong_term_alone_means_its_own_scene(term) -> None:  # type: ignore[no-untyped-def]
    meanings = {t.means for t in lexicon() if t.text == term.text and t.kind == "scene"}
    assert understand(term.text).scene in meanings
