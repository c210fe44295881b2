"""Markup and CSS from outside made harmless before a page holds it.

Customers' copy is text: ``escaped`` shows a tag as it was typed. A fragment that is meant as markup (a language
model's, a client's) keeps a few elements and the visual properties of its CSS; nothing in it can fetch, run, link,
include, or repeat itself into a bomb. The page's own lock-down stands behind this.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import nh3
import tinycss2
from tinycss2 import ast

from nanococoa_aiserver.errors import InvalidParameter

LARGEST_FRAGMENT: Final = 60_000  # characters; a style's whole page is 10-40 kB
MOST_ELEMENTS: Final = 400
DEEPEST: Final = 40

_TAGS: Final = frozenset(
    {"div", "span", "p", "b", "strong", "i", "em", "s", "small", "br", "ul", "li", "h1", "h2", "h3", "svg", "g"}
    | {"path", "polygon", "polyline", "circle", "ellipse", "rect", "line"}
)
_COMMON: Final = frozenset({"class", "style", "lang", "dir"})
_DATA: Final = frozenset(
    {"data-role", "data-fit", "data-max", "data-min", "data-t", "data-over", "data-bleed", "data-linefit", "data-lh"}
)
_SHAPE: Final = frozenset(
    {"d", "points", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "viewbox"}
    | {"viewBox", "fill", "stroke", "stroke-width", "transform", "opacity", "preserveAspectRatio"}
)
_DROPPED_WITH_CONTENT: Final = frozenset({"script", "style", "iframe", "object", "noscript", "template", "title"})

_PROPERTIES: Final = re.compile(
    r"--[\w-]+|color|opacity|display|position|inset|top|right|bottom|left|z-index|float|clear|visibility|overflow(-[xy])?"
    r"|(min-|max-)?(width|height)|aspect-ratio|margin(-\w+)*|padding(-\w+)*|border(-\w+)*|outline(-\w+)*|box-(shadow|sizing)"
    r"|background(-(color|image|size|position|repeat|clip|origin|blend-mode))?|font(-[a-z-]+)?|line-height|letter-spacing"
    r"|word-(spacing|break)|overflow-wrap|line-break|white-space|text-[a-z-]+|vertical-align|writing-mode|direction|hyphens"
    r"|align-(content|items|self)|justify-(content|items|self)|place-[a-z]+|flex(-[a-z]+)?|grid(-[a-z-]+)?|gap|row-gap|column-gap|order"
    r"|transform(-origin)?|rotate|scale|translate|clip-path|fill|stroke(-[a-z]+)?|list-style(-type)?|mix-blend-mode|columns"
)
_FUNCTIONS: Final = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark", "var"}
    | {"calc", "min", "max", "clamp", "round", "minmax", "repeat", "fit-content"}
    | {"linear-gradient", "radial-gradient", "conic-gradient", "repeating-linear-gradient"}
    | {"repeating-radial-gradient", "repeating-conic-gradient"}
    | {
        "translate",
        "translatex",
        "translatey",
        "scale",
        "scalex",
        "scaley",
        "rotate",
        "skew",
        "skewx",
        "skewy",
        "matrix",
    }
    | {"polygon", "circle", "ellipse", "inset", "path"}
)


def escaped(text: str) -> str:
    """Text for an element or a quoted attribute: what looks like markup is shown as it was typed."""
    return html.escape(text, quote=True)


def clean_fragment(fragment: str) -> str:
    """Markup with known elements and attributes only, its inline CSS cleaned.

    Raises InvalidParameter when it is larger or deeper than a layout can be.
    """
    if len(fragment) > LARGEST_FRAGMENT:
        raise InvalidParameter(field="html", reason=f"more than {LARGEST_FRAGMENT} characters")
    cleaned: str = _cleaner().clean(_shallow(fragment))
    if cleaned.count("<") > 2 * MOST_ELEMENTS:
        raise InvalidParameter(field="html", reason=f"more than {MOST_ELEMENTS} elements")
    return cleaned


def clean_declarations(css: str) -> str:
    """The declarations of a ``style`` attribute that only draw; others are left out."""
    parsed = tinycss2.parse_blocks_contents(css[:LARGEST_FRAGMENT], skip_comments=True, skip_whitespace=True)
    return ";".join(_kept(parsed))


def clean_stylesheet(css: str) -> str:
    """Plain rules with their drawing declarations; at-rules (``@import``, ``@font-face`` and all others) are left out.

    Raises InvalidParameter when it is too large.
    """
    if len(css) > LARGEST_FRAGMENT:
        raise InvalidParameter(field="css", reason=f"more than {LARGEST_FRAGMENT} characters")
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return "\n".join(filter(None, (_rule(rule) for rule in rules if isinstance(rule, ast.QualifiedRule))))


def _shallow(fragment: str) -> str:
    """Refuse nesting deeper than any layout before a parser walks it."""
    depth = 0
    for closing, name in re.findall(r"<(/?)([a-zA-Z][\w-]*)", fragment):
        if name.lower() in {"br", "path", "polygon", "circle", "rect", "line", "ellipse", "polyline", "img"}:
            continue
        depth += -1 if closing else 1
        if depth > DEEPEST:
            raise InvalidParameter(field="html", reason=f"more than {DEEPEST} levels deep")
    return fragment


@lru_cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(_COMMON | _DATA | _SHAPE) for tag in _TAGS},
        attribute_filter=_attribute,
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return clean_declarations(value)
    return None if re.search(r"url\s*\(|javascript:|expression\s*\(", value, re.IGNORECASE) else value


def _rule(rule: ast.QualifiedRule) -> str:
    selector = tinycss2.serialize(rule.prelude).strip()
    declarations = ";".join(_kept(tinycss2.parse_blocks_contents(rule.content)))
    harmless = declarations and not re.search(r"[<{}\\]", selector)
    return f"{selector}{{{declarations}}}" if harmless else ""


def _kept(nodes: Iterable[ast.Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Declaration) and _PROPERTIES.fullmatch(node.lower_name) and _only_draws(node.value):
            value = tinycss2.serialize(node.value).strip()
            if not re.search(r"[<>\\]", value):
                yield f"{node.lower_name}:{value}{'!important' if node.important else ''}"


def _only_draws(values: Iterable[ast.Node]) -> bool:
    """No URL in any spelling and no function that is not known to draw."""
    return all(_draws(value) for value in values)


def _draws(value: ast.Node) -> bool:
    if isinstance(value, ast.URLToken | ast.ParseError):
        return False
    if isinstance(value, ast.FunctionBlock):
        return value.lower_name in _FUNCTIONS and _only_draws(value.arguments)
    if isinstance(value, ast.ParenthesesBlock | ast.SquareBracketsBlock | ast.CurlyBracketsBlock):
        return _only_draws(value.content)
    return True
