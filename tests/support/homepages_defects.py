"""Ways to spoil a rendered page, each with the check that has to notice. They go by what all themes share."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from PIL import Image

Spoil: TypeAlias = Callable[[Path], None]


class Defect(NamedTuple):
    check: str
    spoil: Spoil


def style(rule: str) -> Spoil:
    """``rule`` at the end of the stylesheet."""

    def spoil(folder: Path) -> None:
        file = next(folder.glob("*.css"))
        file.write_text(file.read_text("utf-8") + rule, "utf-8")

    return spoil


def swap(pattern: str, put: str, files: str = "index.html") -> Spoil:
    """Every place that ``pattern`` finds; there must be one."""

    def spoil(folder: Path) -> None:
        file = next(folder.glob(files))
        text, count = re.subn(pattern, put, file.read_text("utf-8"))
        assert count, pattern
        file.write_text(text, "utf-8")

    return spoil


def within(markup: str) -> Spoil:
    """``markup`` as the first thing of the page's main part."""
    return swap(r'(<main id="main"[^>]*>)', rf"\1{markup}")


def gone(pattern: str) -> Spoil:
    def spoil(folder: Path) -> None:
        next(folder.glob(pattern)).unlink()

    return spoil


def broken(pattern: str) -> Spoil:
    def spoil(folder: Path) -> None:
        for file in folder.glob(pattern):
            file.write_bytes(b"no picture")

    return spoil


def resized(name: str, size: tuple[int, int]) -> Spoil:
    return lambda folder: Image.new("RGB", size).save(folder / name)


def all_of(*parts: Spoil) -> Spoil:
    def spoil(folder: Path) -> None:
        for part in parts:
            part(folder)

    return spoil


DEFECTS: Final[dict[str, Defect]] = {
    "a line that never ends": Defect("overflow", style(".hero .lead{white-space:nowrap}")),
    "a list wider than the screen": Defect("overflow", style(".goods{min-width:1600px!important}")),
    "a lead cut off": Defect("clipped", style(".hero .lead{height:10px;overflow:hidden}")),
    "a headline too large for its words": Defect("broken_word", style("h1{font-size:170px!important}")),
    "a headline of five lines": Defect(
        "h1_lines", swap(r"(<h1[^>]*>).*?</h1>", r"\1" + '<span class="line">오늘</span>' * 5 + "</h1>")
    ),
    "two headlines": Defect("h1_count", within("<h1>둘째 제목</h1>")),
    "no headline": Defect("h1_count", swap(r"<(/?)h1", r"<\1h2")),
    "pale words": Defect("contrast", style(".hero .lead{color:#bdbdbd!important}")),
    "words half seen through": Defect("contrast", style(".footer{opacity:.35}")),
    "words over a ground that turns dark": Defect(
        "contrast", style(".hero .lead{color:#111!important;background:linear-gradient(90deg,#fff 60%,#111 60%)}")
    ),
    "words that the dark swallows": Defect(
        "contrast", style("@media (prefers-color-scheme:dark){.faq *{background:#111!important;color:#444!important}}")
    ),
    "words under a sheet": Defect(
        "covered", style(".story{position:relative}.story::after{content:'';position:absolute;inset:0;background:#fff}")
    ),
    "lines drawn together": Defect("overlap", style(".qa .a,.hours div,.good-what *{margin-top:-1.2em!important}")),
    "tiny letters": Defect("small_text", style(".unit,.origin{font-size:8px!important}")),
    "links for needles": Defect(
        "tap_target", style(".maps a,.elsewhere a{min-height:0!important;padding:0!important;line-height:1!important}")
    ),
    "a button like a crumb": Defect("tap_target", style(".send .act{min-height:0!important;padding:0!important}")),
    "nothing to press at first": Defect("call_in_fold", style(".hero .acts{margin-top:1200px!important}")),
    "an anchor to nowhere": Defect("dead_anchor", swap(r'href="#prices"', 'href="#nowhere"')),
    "a link to a page that is not there": Defect("dead_link", within('<a class="act" href="bread.html">빵</a>')),
    "a number nobody can call": Defect("bad_link", swap(r'href="tel:[^"]+"', 'href="tel:전화"')),
    "a link into a script": Defect("forbidden", within('<a class="act" href="javascript:alert(1)">눌러요</a>')),
    "a section of nothing": Defect("empty_section", within('<section id="void" data-kind="story"></section>')),
    "one name for two parts": Defect("duplicate_id", within('<p id="hero">둘</p>')),
    "a hole in the cards": Defect(
        "grid_hole",
        style(
            ".goods{display:grid!important;grid-template-columns:repeat(3,1fr)!important}"
            ".goods .good{background:#eee!important;grid-column:auto!important;width:auto!important}"
        ),
    ),
    "a picture that is none": Defect("picture_broken", broken("p/*.webp")),
    "a picture without words": Defect("picture_alt", swap(r'(<img[^>]*) alt="[^"]*"', r"\1")),
    "a stretched picture": Defect(
        "picture_stretched", style(".pic{object-fit:fill!important;aspect-ratio:auto!important;height:60px!important}")
    ),
    "a picture blown up": Defect(
        "picture_blurred",
        all_of(
            resized("tiny.png", (40, 30)), within('<img class="big" src="tiny.png" alt="작은 사진">'),
            style(".big{width:100%;height:200px;object-fit:cover}"),
        ),
    ),
    "drawings without colours": Defect("unstyled_art", swap(r"--c1:", "--lost:", "*.css")),
    "a drawing that is not there": Defect("unstyled_art", swap(r'href="#art-', 'href="#lost-')),
    "a map without colours": Defect("unstyled_art", swap(r"\.m-pin\{", ".m-lost{", "*.css")),
    "a lost font": Defect("font", gone("*.woff2")),
    "a lost stylesheet": Defect("missing", gone("*.css")),
    "a picture from elsewhere": Defect("outside", within('<img src="https://images.example.com/a.jpg" alt="사과">')),
    "a ground from elsewhere": Defect("outside", style("main{background:url(https://images.example.com/a.png)}")),
    "a font from elsewhere": Defect(
        "outside", style("@font-face{font-family:far;src:url(https://f.example/a.woff2)}main{font-family:far}")
    ),
    "a script": Defect("console", within("<script>document.title = 1</script>")),
    "a script in an attribute": Defect("forbidden", within('<img src="favicon.svg" alt="" onerror="alert(1)">')),
    "a style in an attribute": Defect("forbidden", within('<p style="color:red">빨강</p>')),
    "a frame": Defect("forbidden", within('<iframe src="404.html" title="틀"></iframe>')),
    "a form to elsewhere": Defect("form", swap(r'action="contact"', 'action="https://evil.example/"')),
    "a field without a name": Defect("form", swap(r"<label for=[^>]*-reply[^>]*>[^<]*</label>", "")),
    "no main part": Defect("landmark", swap(r"<(/?)main", r"<\1div")),
    "no description": Defect("head", swap(r'<meta name="description"[^>]*>', "")),
    "no language": Defect("head", swap(r'<html lang="ko"', "<html")),
    "an address of another page": Defect("head", swap(r'(<link rel="canonical" href=")[^"]*', r"\1https://x.example/")),
    "a page that can't be enlarged": Defect("head", swap(r"initial-scale=1", "initial-scale=1, maximum-scale=1")),
    "no icon": Defect("head", gone("favicon.svg")),
    "no picture to share": Defect("open_graph", gone("og.png")),
    "a picture to share of another size": Defect("open_graph", resized("og-800x400.png", (640, 400))),
    "no title to share": Defect("open_graph", swap(r'<meta property="og:title"[^>]*>', "")),
    "hours kept from machines": Defect("json_ld", swap(r"openingHoursSpecification", "hoursSpecification")),
    "facts that no machine can read": Defect("json_ld", swap(r'"@context":', '"@context"')),
    "a page in no list": Defect("listed", swap(r"<loc>[^<]*</loc>", "", "sitemap.xml")),
    "a page that moves as it opens": Defect(
        "layout_shift",
        style("@keyframes push{to{height:9em}}main::before{content:'';display:block;height:0;animation:push 1ms both}"),
    ),
    "a heavy stylesheet": Defect("weight", lambda folder: style(f"/*{secrets.token_hex(200_000)}*/")(folder)),
}  # fmt: skip
