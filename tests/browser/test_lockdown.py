"""Hostile pages reach nothing, read nothing, end in bounded time, and leave the next page unharmed."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nanococoa_aiserver.errors import RenderFailed
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_aiserver.render.lockdown import LARGEST_MARKUP, LARGEST_PAGE

pytestmark = pytest.mark.browser

SIZE = (400, 300)
PLAIN = '<div class="front" data-role="headline" style="font:700 40px NanumGothic;color:#000">가나다</div>'
BOUND = 25.0  # seconds on a crowded machine: the watchdog's eight, a restart and the page itself


class Listener:
    """A loopback port that remembers whether anything connected."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.touched = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.touched.set()
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # a thread left in accept would take a later socket's callers
        self._thread.join()
        self._socket.close()


@pytest.fixture(scope="module")
def renderer() -> Iterator[LayerRenderer]:
    renderer = LayerRenderer()
    yield renderer
    renderer.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def svg_bomb() -> str:
    levels = "".join(f'<g id="a{i}">{f"""<use href="#a{i - 1}"/>""" * 10}</g>' for i in range(1, 8))
    return f'<svg><defs><g id="a0"><rect width="9" height="9"/></g>{levels}</defs><use href="#a7"/></svg>'


REACHING = {
    "image": '<img src="{url}/img">',
    "srcset": '<img srcset="{url}/img 2x"><picture><source srcset="{url}/s"><img></picture>',
    "css import": "<style>@import url({url}/css);</style>",
    "web font": "<style>@font-face{{font-family:x;src:url({url}/font)}}body{{font-family:x}}</style>가",
    "background": '<div style="width:9px;height:9px;background:url({url}/bg)"></div>',
    "cursor and mask": '<div style="cursor:url({url}/c),auto;mask:url({url}/m);filter:url({url}/f#x)">가</div>',
    "meta refresh": '<meta http-equiv="refresh" content="0;url={url}/refresh">',
    "iframe": '<iframe src="{url}/iframe"></iframe>',
    "srcdoc": '<iframe srcdoc="<img src={url}/img>"></iframe>',
    "object": '<object data="{url}/o"></object><embed src="{url}/e">',
    "preload": '<link rel="preload" as="image" href="{url}/p"><link rel="prefetch" href="{url}/q">',
    "preconnect": '<link rel="preconnect" href="{url}"><link rel="dns-prefetch" href="{url}">',
    "stylesheet": '<link rel="stylesheet" href="{url}/sheet"><link rel="icon" href="{url}/icon">',
    "form": '<form id="f" action="{url}/form"></form><script>f.submit()</script>',
    "script": '<script src="{url}/js"></script><script>fetch("{url}/fetch")</script>',
    "event handler": '<img src="data:," onerror="fetch(\'{url}/x\')"><body onload="fetch(\'{url}/y\')">',
    "web socket": '<script>new WebSocket("ws://127.0.0.1:{port}/ws")</script>',
    "svg image": '<svg><image href="{url}/svg"/><use href="{url}/u#x"/></svg>',
    "video": '<video src="{url}/v" autoplay poster="{url}/p"></video><audio src="{url}/a" autoplay></audio>',
    "base": '<base href="{url}/"><img src="relative">',
    "by name": '<img src="http://localhost:{port}/img">',
}

HEAVY = {
    "endless script": "<script>while(1){}</script>가",
    "svg bomb": svg_bomb(),
    "40 thousand elements": "<b>a</b>" * 40_000,
    "50 thousand levels": "<div>" * 50_000,
    "blurs": '<div style="width:4000px;height:4000px;backdrop-filter:blur(400px);filter:blur(900px)">' * 40,
    "gradients": '<div style="width:1e7px;height:1e7px;background:repeating-conic-gradient(red 0 .001%,blue 0 .002%)">',
    "animation": "<style>@keyframes k{to{transform:rotate(1turn)}}div{animation:k .01s infinite}</style><div>x</div>",
    "nested grids": '<div style="display:grid;grid-template-columns:repeat(1000,auto)">' * 30 + "가",
}


def drawn_or_refused(renderer: LayerRenderer, html: str) -> float:
    """Draw and give the seconds it took; a refusal is as good."""
    begin = time.monotonic()
    with contextlib.suppress(RenderFailed):
        renderer.draw(html, SIZE)
    return time.monotonic() - begin


def assert_works(renderer: LayerRenderer) -> None:
    drawing = renderer.draw(PLAIN, SIZE)
    assert "".join(glyph.char for glyph in drawing.glyphs) == "가나다"
    assert drawing.front[..., 3].max() == 255


@pytest.mark.parametrize("name", REACHING)
def test_no_page_reaches_the_network(renderer: LayerRenderer, listener: Listener, name: str) -> None:
    url = f"http://127.0.0.1:{listener.port}"
    drawn_or_refused(renderer, REACHING[name].format(url=url, port=listener.port) + PLAIN)
    assert not listener.touched.wait(0.25)
    assert_works(renderer)


def test_the_listener_notices_a_connection(listener: Listener) -> None:
    socket.create_connection(("127.0.0.1", listener.port)).close()
    assert listener.touched.wait(60)


@pytest.mark.parametrize(
    "reader",
    [
        '<iframe src="{url}" style="width:400px;height:300px;border:0"></iframe>',
        '<meta http-equiv="refresh" content="0;url={url}">',
        '<object data="{url}" style="width:400px;height:300px"></object>',
        '<img src="{url}" style="width:400px;height:300px">',
        '<link rel="stylesheet" href="{url}"><div style="width:400px;height:300px" class="x"></div>',
        '<div style="width:400px;height:300px;background:url({url})"></div>',
    ],
)
def test_no_file_is_read(renderer: LayerRenderer, tmp_path: Path, reader: str) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text("<body style='background:#f00'>SECRET</body>.x{background:#f00}", "utf-8")
    page = f'<div class="front">{reader.format(url=secret.as_uri())}</div>'
    try:
        front = renderer.draw(page, SIZE).front.astype(np.int16)
    except RenderFailed:
        return
    red = (front[..., 0] > 200) & (front[..., 1] < 60) & (front[..., 3] > 100)
    assert not red.any()


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_page_ends_in_bounded_time_and_the_next_one_is_drawn(renderer: LayerRenderer, name: str) -> None:
    assert drawn_or_refused(renderer, HEAVY[name]) < BOUND
    assert_works(renderer)


@pytest.mark.parametrize("html", ["<b>a</b>" * (LARGEST_MARKUP // 4), "x" * (LARGEST_PAGE + 1)])
def test_a_page_larger_than_any_of_ours_is_refused_at_once(renderer: LayerRenderer, html: str) -> None:
    with pytest.raises(RenderFailed):
        renderer.draw(html, SIZE)


def test_a_large_scene_as_data_is_no_large_page(renderer: LayerRenderer) -> None:
    scene = "data:image/jpeg;base64," + "A" * (LARGEST_MARKUP * 3)
    renderer.draw(f'<div class="back" style="background:url({scene})"></div>{PLAIN}', SIZE)


def test_scripts_in_the_page_do_not_run(renderer: LayerRenderer) -> None:
    page = f"{PLAIN}<script>document.querySelector('.front').textContent='바뀜'</script>"
    drawing = renderer.draw(page, SIZE)
    assert "".join(glyph.char for glyph in drawing.glyphs) == "가나다"
