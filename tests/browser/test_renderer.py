"""The renderer draws planes and measures glyphs, from any thread, and survives its browser."""

from __future__ import annotations

import base64
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.render import Drawing, LayerRenderer
from nanococoa_aiserver.render.chromium import find_chromium, keeps_sandbox
from nanococoa_aiserver.render.renderer import Limits

pytestmark = pytest.mark.browser

SIZE = (600, 400)
HEAD = (
    '<html lang="ko" style="font-size:4px"><style>*{margin:0}.a{position:absolute}</style>'
    '<body><div class="back a" style="inset:0;background:#204060"></div>'
)
HEADLINE = (
    '<div class="front a" data-role="headline" style="left:10px;top:10px;font:700 40px NanumGothic;color:#fff">{}</div>'
)
PRICE = (
    '<div class="front a" data-role="price" data-over data-bleed style="left:300px;top:200px;font:800 30px NanumSquare;'
    'background:#c00;color:#fff;padding:10px;transform:rotate(5deg)">9,900원</div>'
)


def page(*parts: str) -> str:
    return HEAD + "".join(parts)


def text_of(drawing: Drawing, role: str) -> str:
    return "".join(glyph.char for glyph in drawing.glyphs if glyph.role == role)


@pytest.fixture(scope="module")
def renderer() -> Iterator[LayerRenderer]:
    renderer = LayerRenderer()
    yield renderer
    renderer.close()


def test_planes_hold_what_belongs_to_them(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(page(HEADLINE.format("사과"), PRICE), SIZE)
    assert drawing.back.shape == drawing.front.shape == (400, 600, 4)
    assert (drawing.back == (0x20, 0x40, 0x60, 255)).all()
    assert drawing.front[0, 0].tolist() == [0, 0, 0, 0]
    assert drawing.front_textless[..., 3].any()
    assert not drawing.front_textless[:100, :200].any()
    assert (drawing.front != drawing.front_textless).any()


def test_the_price_tag_stays_when_its_text_is_taken_away(renderer: LayerRenderer) -> None:
    textless = renderer.draw(page(PRICE), SIZE).front_textless
    red = (textless == (0xCC, 0, 0, 255)).all(axis=2)
    assert red.sum() > 3000
    assert set(map(tuple, textless[textless[..., 3] == 255].tolist())) == {(0xCC, 0, 0, 255)}


def test_text_behind_the_product_is_on_the_back_plane_alone(renderer: LayerRenderer) -> None:
    behind = HEADLINE.replace("front", "back").format("사과")
    drawing = renderer.draw(page(behind), SIZE)
    assert not drawing.front.any()
    assert (drawing.back != drawing.back_textless).any()
    assert {glyph.plane for glyph in drawing.glyphs} == {"back"}


def test_glyphs_tell_where_they_stand_and_what_they_may(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(page(HEADLINE.format("사과 <b>왔다</b>"), PRICE), SIZE)
    head = [glyph for glyph in drawing.glyphs if glyph.role == "headline"]
    assert "".join(glyph.char for glyph in head) == "사과왔다"
    assert len({glyph.block for glyph in head}) == 1
    assert head[0].x0 == pytest.approx(10, abs=1)
    assert (head[0].font_px, head[0].over, head[0].bleed, head[0].rotated) == (40, False, False, False)
    price = next(glyph for glyph in drawing.glyphs if glyph.role == "price")
    assert (price.over, price.bleed, price.rotated) == (True, True, True)
    assert price.font_px == pytest.approx(30, rel=0.01)


def test_an_emoji_is_one_glyph_of_the_emoji_font(renderer: LayerRenderer) -> None:
    family = '<span style="font-family:Noto Color Emoji">👨‍👩‍👧</span>'
    drawing = renderer.draw(page(HEADLINE.format(f"가{family}")), SIZE)
    assert [glyph.char for glyph in drawing.glyphs] == ["가", "👨‍👩‍👧"]
    assert "Noto Color Emoji" in drawing.fonts["headline"]
    assert drawing.asked_fonts["headline"] == ("NanumGothic",)
    assert not drawing.front_textless.any()


def test_the_fonts_really_used_are_told(renderer: LayerRenderer) -> None:
    foreign = HEADLINE.replace("NanumGothic", "'No Such Family'").format("사과")
    drawing = renderer.draw(page(foreign), SIZE)
    assert drawing.asked_fonts["headline"] == ("No Such Family",)
    assert "No Such Family" not in drawing.fonts["headline"]


FIT = (
    '<div class="front a" data-role="{role}" data-fit data-max="{most}" data-min="{least}" '
    'style="left:0;top:0;width:200px;height:80px;font-family:NanumGothic;line-height:1.1">'
    "<span data-t>{text}</span></div>"
)


def test_text_shrinks_until_it_fits(renderer: LayerRenderer) -> None:
    html = page(FIT.format(role="sub", most=30, least=3, text="아주 긴 문구를 작은 칸에 넣어 봅니다"))
    drawing = renderer.draw(html, SIZE)
    assert drawing.unfit == ()
    assert 12 <= drawing.glyphs[0].font_px < 120
    assert max(glyph.x1 for glyph in drawing.glyphs) <= 206
    assert max((glyph.y0 + glyph.y1) / 2 for glyph in drawing.glyphs) < 80


def test_text_that_fits_keeps_its_largest_size(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(page(FIT.format(role="sub", most=10, least=3, text="사과")), SIZE)
    assert drawing.glyphs[0].font_px == 40


def test_text_too_long_for_its_smallest_size_is_told(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(page(FIT.format(role="sub", most=30, least=20, text="긴 문구 " * 20)), SIZE)
    assert drawing.unfit == ("sub",)


def test_lines_fill_the_width_each_by_itself(renderer: LayerRenderer) -> None:
    lines = '<span class="ln">짧은</span><span class="ln">조금 더 긴 줄</span>'
    fit = FIT.replace("data-fit", 'data-fit data-linefit="3"').replace("80px", "400px")
    css = "<style>.ln{display:block;white-space:nowrap}</style>"
    drawing = renderer.draw(page(css, fit.format(role="headline", most=60, least=3, text=lines)), SIZE)
    sizes = {glyph.char: glyph.font_px for glyph in drawing.glyphs}
    assert sizes["짧"] > 1.5 * sizes["줄"]
    assert max(glyph.x1 for glyph in drawing.glyphs) == pytest.approx(200, abs=6)


def test_a_scene_given_as_data_is_on_the_back_plane(renderer: LayerRenderer) -> None:
    picture = np.full((40, 60, 3), (200, 100, 50), np.uint8)
    scene = base64.b64encode(cv2.imencode(".png", picture[..., ::-1])[1].tobytes()).decode()
    html = page(f'<div class="back a" style="inset:0;background:url(data:image/png;base64,{scene}) 0 0/cover"></div>')
    assert (renderer.draw(html, SIZE).back == (200, 100, 50, 255)).all()


def test_any_thread_may_draw_and_each_gets_its_own_page(renderer: LayerRenderer) -> None:
    texts = ["가", "나", "다", "라", "마", "바"]
    with ThreadPoolExecutor(3) as pool:
        drawings = list(pool.map(lambda text: renderer.draw(page(HEADLINE.format(text)), SIZE), texts))
    assert [text_of(drawing, "headline") for drawing in drawings] == texts


def test_pages_of_another_size_follow_each_other(renderer: LayerRenderer) -> None:
    for width, height in ((300, 500), (640, 200), (300, 500)):
        assert renderer.draw(page(), (width, height)).back.shape == (height, width, 4)


def test_without_measuring_there_are_two_planes_only(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(page(PRICE), SIZE, measure=False)
    assert drawing.front is drawing.front_textless
    assert drawing.back is drawing.back_textless
    assert drawing.fonts == {}


def test_the_same_page_gives_the_same_pixels(renderer: LayerRenderer) -> None:
    html = page(HEADLINE.format("똑같이"), PRICE)
    assert (renderer.draw(html, SIZE).front == renderer.draw(html, SIZE).front).all()


def test_a_drawing_that_was_let_go_is_held_by_nothing(renderer: LayerRenderer) -> None:
    """Playwright's calls leave cycles of frames; none may hold a plane, or a worker grows by 20 MB a page."""
    planes = [weakref.ref(renderer.draw(page(HEADLINE.format("사과"), PRICE), SIZE).front) for _ in range(3)]
    renderer.draw(page(), SIZE)
    assert [plane() for plane in planes] == [None, None, None]


def test_a_killed_browser_is_replaced_and_the_page_drawn(renderer: LayerRenderer) -> None:
    renderer.draw(page(), SIZE)
    pid = renderer.browser_pid
    assert pid is not None
    psutil.Process(pid).kill()
    assert text_of(renderer.draw(page(HEADLINE.format("살았다")), SIZE), "headline") == "살았다"
    assert renderer.browser_pid != pid


def test_a_browser_killed_in_the_middle_of_a_page_is_replaced(renderer: LayerRenderer) -> None:
    renderer.draw(page(), SIZE)
    pid, stop = renderer.browser_pid, threading.Event()
    assert pid is not None

    def kill_while_it_works() -> None:
        browser = psutil.Process(pid)
        before = sum(browser.cpu_times()[:2])
        while not stop.is_set() and sum(browser.cpu_times()[:2]) <= before:
            stop.wait(0.001)
        browser.kill()

    killer = threading.Thread(target=kill_while_it_works)
    killer.start()
    html = page(*(HEADLINE.format(f"글{n}") for n in range(300)))
    drawing = renderer.draw(html, (1600, 1600))
    stop.set()
    killer.join()
    assert len(drawing.glyphs) >= 600
    assert renderer.browser_pid != pid


def test_a_driver_that_died_with_its_browser_is_replaced() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    renderer = LayerRenderer()
    try:
        renderer.draw(page(), SIZE)
        ours = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
        for process in ours:
            if process.name().startswith("node"):
                process.kill()
        assert text_of(renderer.draw(page(HEADLINE.format("다시")), SIZE), "headline") == "다시"
    finally:
        renderer.close()


def test_a_hung_page_is_given_up_and_the_next_one_drawn() -> None:
    renderer = LayerRenderer(limits=Limits(page_seconds=0.05))
    try:
        with pytest.raises(RenderFailed):
            renderer.draw(page(HEADLINE.format("길다" * 2000)), (2000, 2000))
        renderer.limits = Limits()
        assert text_of(renderer.draw(page(HEADLINE.format("다음")), SIZE), "headline") == "다음"
    finally:
        renderer.close()


@pytest.mark.parametrize("limits", [Limits(draws=2), Limits(memory=1, weigh_every=2)])
def test_a_browser_is_replaced_after_so_many_pages_or_when_it_has_grown(limits: Limits) -> None:
    renderer = LayerRenderer(limits=limits)
    try:
        renderer.draw(page(), SIZE)
        first = renderer.browser_pid
        renderer.draw(page(), SIZE)  # the second page is the last of this browser
        renderer.draw(page(), SIZE)
        assert first != renderer.browser_pid is not None
        assert first is not None
        assert not psutil.pid_exists(first)
    finally:
        renderer.close()


def test_closing_leaves_no_process_behind_and_refuses_more() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    renderer = LayerRenderer()
    renderer.draw(page(), SIZE)
    started = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    renderer.close()
    gone, alive = psutil.wait_procs(started, timeout=10)
    assert started
    assert not alive, gone
    with pytest.raises(RenderFailed):
        renderer.draw(page(), SIZE)


def test_a_chromium_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    renderer = LayerRenderer(executable=tmp_path / "chromium")
    with pytest.raises(RenderFailed) as failure:
        renderer.draw(page(), SIZE)
    renderer.close()
    assert "CHROMIUM_PATH" in failure.value.message("en")


def test_chromium_is_found_by_name_or_path() -> None:
    assert str(find_chromium({"CHROMIUM_PATH": "/opt/chrome"})) == "/opt/chrome"
    assert find_chromium({"PATH": "/nowhere"}) is None


def test_root_has_no_sandbox_and_a_person_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert not keeps_sandbox({})
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert keeps_sandbox({})
    assert not keeps_sandbox({"CHROMIUM_NO_SANDBOX": "1"})
