"""Which families there are, what they really draw, and who stands in."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.layout import fonts
from nanococoa_aiserver.layout.font_subset import face_for, font_for


@pytest.fixture(scope="module")
def families() -> dict[str, int]:
    return {family.family: family.hangul_syllables for family in fonts.available() if family.available}


def test_the_survey_counts_outlines_not_entries(families: dict[str, int]) -> None:
    assert families["NanumGothic"] == 11172
    assert 2300 < families["NanumSquare"] < 2600
    assert 2300 < families["BM HANNA Pro"] < 2600
    assert families["Noto Color Emoji"] == 0


def test_weights_are_css_weights(families: dict[str, int]) -> None:
    square = next(family for family in fonts.available() if family.family == "NanumSquare")
    assert square.weights == [300, 400, 700, 800]
    assert square.source == "fonts-nanum-extra"


def test_a_subset_draws_the_text_and_nothing_else() -> None:
    font = TTFont(io.BytesIO(font_for("NanumSquare", 800, "사과 9,900원") or b""))
    assert {chr(code) for code in font.getBestCmap()} == set("사과 9,0원")
    whole = TTFont(face_for("NanumSquare", 800).path)  # type: ignore[union-attr]
    assert font["hmtx"][font.getBestCmap()[ord("사")]][0] == whole["hmtx"][whole.getBestCmap()[ord("사")]][0]
    assert font_for("Comic Neue", 400, "사과") is None


@pytest.mark.parametrize(("wanted", "taken"), [(400, 400), (500, 400), (600, 700), (900, 800), (100, 300), (350, 300)])
def test_a_weight_that_is_not_there_brings_the_one_a_browser_takes(wanted: int, taken: int) -> None:
    face = face_for("NanumSquare", wanted)
    assert face is not None
    assert face.weight == taken


def test_a_family_that_draws_the_text_is_kept() -> None:
    assert fonts.family_for("햇사과 왔다! 39,900원", "BM HANNA Pro") == "BM HANNA Pro"


@pytest.mark.parametrize("preferred", ["BM JUA", "BM HANNA Pro", "NanumSquare"])
def test_a_syllable_it_does_not_draw_brings_one_that_does(preferred: str) -> None:
    chosen = fonts.family_for("갂갃갅 뷁", preferred)
    assert chosen != preferred
    assert fonts.missing_letters("갂갃갅 뷁", chosen) == ""


def test_missing_letters_are_named() -> None:
    assert fonts.missing_letters("가갂나갃", "NanumSquare") == "갂갃"
    assert fonts.missing_letters("가 🍎", "NanumSquare") == ""


def test_an_unknown_family_gives_way_to_a_known_one() -> None:
    assert fonts.family_for("사과", "No Such Family") == "NanumSquare"


def test_emoji_do_not_change_the_family() -> None:
    assert fonts.family_for("사과 🍎👨‍👩‍👧", "BM JUA") == "BM JUA"


def test_a_family_is_known_by_all_its_names() -> None:
    assert fonts.same_family("BM JUA", "BM JUA_TTF")
    assert fonts.same_family("NanumSquare", "나눔스퀘어")
    assert not fonts.same_family("BM JUA", "BM DoHyeon")


def test_without_a_font_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "faces", tuple)
    with pytest.raises(RenderFailed) as failure:
        fonts.require()
    assert "fonts-nanum" in failure.value.message("en")


def test_with_fonts_nothing_is_asked() -> None:
    fonts.require()


def test_names_are_known_without_opening_fonts_or_opencv() -> None:
    """The API process imports this module."""
    code = (
        "import sys, nanococoa_aiserver.layout.fonts;"
        "sys.exit(any(m in sys.modules for m in ('cv2', 'numpy', 'fontTools')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
