"""Nothing that comes from outside can fetch, run, link or explode once it is cleaned."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanococoa_aiserver.errors import InvalidParameter
from nanococoa_aiserver.layout.sanitise import (
    DEEPEST,
    LARGEST_FRAGMENT,
    MOST_ELEMENTS,
    clean_declarations,
    clean_fragment,
    clean_stylesheet,
    escaped,
)

HARMFUL = re.compile(
    r"<\s*(script|style|iframe|object|embed|link|meta|base|form|img|image|use|video|audio|foreignObject|animate)\b"
    r"|\son\w+\s*=|url\s*\(|@import|@font-face|javascript:|expression\(|src\s*=|href\s*=|xlink",
    re.IGNORECASE,
)

FRAGMENTS = [
    "<script>alert(1)</script>가",
    "<div onclick='x()'>가</div>",
    "<img src=x onerror=alert(1)>가",
    "<style>@import url(http://x)</style>가",
    "<div style='background:url(http://x/a.png)'>가</div>",
    "<div style='background:u\\72l(http://x)'>가</div>",
    "<div style='background:image-set(\"http://x\" 1x)'>가</div>",
    "<div style='background-image:src(\"http://x\")'>가</div>",
    "<div style='width:expression(alert(1))'>가</div>",
    "<div style='behavior:url(#x);-moz-binding:url(x)'>가</div>",
    "<div style='content:url(x);cursor:url(x),auto;filter:url(#a)'>가</div>",
    "<meta http-equiv=refresh content='0;url=http://x'>가",
    "<base href=http://x><link rel=stylesheet href=http://x>가",
    "<iframe src=file:///etc/passwd></iframe>가",
    "<form action=http://x><button>가</button></form>",
    "<svg><use href='#a'/><image href='http://x'/><foreignObject><script>1</script></foreignObject></svg>가",
    "<svg><g id=a><rect width=9 height=9 /></g><use href=#a /></svg>가",
    "<svg><animate attributeName=href to=javascript:1 /></svg>가",
    "<a href='javascript:alert(1)'>가</a>",
    '<div style="color:red}</style><script>1</script>">가</div>',
    "<!--[if IE]><script>1</script><![endif]-->가",
    "<math><mi xlink:href='data:x,<script>1</script>'>가</mi></math>",
    "<noscript><p title='</noscript><img src=x onerror=1>'>가",
    "<template><script>1</script></template>가",
    "<svg fill='url(http://x)'><path d='M0 0' stroke='url(#x)'/></svg>가",
]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_nothing_harmful_is_left_of_a_fragment_and_its_words_are(fragment: str) -> None:
    cleaned = clean_fragment(fragment)
    assert not HARMFUL.search(cleaned), cleaned
    assert "가" in cleaned or fragment.startswith(("<noscript", "<math"))


def test_a_layout_keeps_what_it_is_made_of() -> None:
    layout = (
        '<div class="front" data-role="headline" data-over="" style="left:5rem;top:5rem;color:oklch(.9 .1 30)">'
        '<span class="ln">사과 <b>왔다</b></span></div>'
        '<svg viewBox="-1 -1 2 2"><polygon points="0,1 1,0" fill="currentColor"></polygon></svg>'
    )
    cleaned = clean_fragment(layout)
    for kept in ('data-role="headline"', "oklch(.9 .1 30)", '<span class="ln">', "<b>왔다</b>", "<polygon", "viewBox"):
        assert kept in cleaned


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("color:red;background:linear-gradient(#fff,#000)", "color:red;background:linear-gradient(#fff,#000)"),
        ("color:red;background:url(x)", "color:red"),
        ("background:\\75rl(x)", ""),
        ("font-size:calc(3rem*var(--k)) !important", "font-size:calc(3rem*var(--k))!important"),
        ("position:fixed;behavior:x;-webkit-mask:none", "position:fixed"),
        ("width:attr(data-x)", ""),
        ("color:red;}body{display:none", "color:red"),
        ("--a:url(x);--b:3rem", "--b:3rem"),
    ],
)
def test_declarations_that_only_draw_are_kept(css: str, kept: str) -> None:
    assert clean_declarations(css) == kept


def test_rules_lose_their_imports_fonts_and_addresses() -> None:
    css = "@import 'x';@font-face{src:url(x)}@media screen{p{color:red}}.h{color:red;background:url(x)}<b>{color:red}"
    assert clean_stylesheet(css) == ".h{color:red}"


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_becomes_harmful_markup(text: str) -> None:
    assert not re.search(r"<\s*script|\son\w+\s*=\s*[\"']", clean_fragment(text), re.IGNORECASE)
    assert "<" not in escaped(text)
    assert '"' not in escaped(text)


@given(st.text(alphabet="url()\\\"'@importbackgrd:;{}<>/*# 0x", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_css_text_becomes_an_address(text: str) -> None:
    assert "url(" not in clean_declarations(text).lower()
    assert "@" not in clean_stylesheet(text).split("{", 1)[-1]


@pytest.mark.parametrize(
    "fragment",
    ["가" * (LARGEST_FRAGMENT + 1), "<div>" * (DEEPEST + 1), "<b>a</b>" * (MOST_ELEMENTS + 1)],
)
def test_a_bomb_is_refused(fragment: str) -> None:
    with pytest.raises(InvalidParameter):
        clean_fragment(fragment)


def test_copy_with_markup_is_shown_as_typed() -> None:
    assert escaped('<b>50% & "할인"</b>') == "&lt;b&gt;50% &amp; &quot;할인&quot;&lt;/b&gt;"
