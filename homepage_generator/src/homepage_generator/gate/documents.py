"""What a page says to search engines and messengers, where its links lead, and what it weighs: no pixels needed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from PIL import Image, UnidentifiedImageError

from homepage_generator.gate.limits import CARDS
from homepage_generator.gate.report import Finding

PROPERTIES: Final = ("og:title", "og:description", "og:image", "og:url", "og:type", "og:locale", "og:site_name")
DATA: Final = ("@context", "@type", "name", "url", "image", "description")
TEXT: Final = (".html", ".css", ".svg", ".txt", ".xml")
"""Travel packed."""
LIGHT: Final = (*TEXT, ".woff2")
"""All but pictures."""


@dataclass(frozen=True)
class Document:
    """``facts``: the probe's. ``aside``: a page for visitors who lost their way, which no search engine is shown."""

    folder: Path
    page: str
    url: str
    facts: Mapping[str, Any]
    aside: bool = False

    @property
    def address(self) -> str:
        return self.url + ("" if self.page == "index.html" else self.page)


def judge(document: Document) -> list[Finding]:
    found = list(_head(document))
    if not document.aside:
        found += [*_open_graph(document), *_data(document), *_listed(document)]
    return [Finding(check=check, page=document.page, evidence=evidence[:200]) for check, evidence in found]


def _head(document: Document) -> Iterator[tuple[str, str]]:
    facts = document.facts
    for name, value in {
        "title": facts["title"],
        "description": facts["names"].get("description"),
        "viewport": facts["names"].get("viewport"),
        "lang": facts["language"] if facts["language"] in ("ko", "en") else None,
        "icon": facts["icon"] if (document.folder / (facts["icon"] or "-")).is_file() else None,
    }.items():
        if not value:
            yield "head", name
    if re.search(r"user-scalable\s*=\s*(no|0)|maximum-scale", facts["names"].get("viewport") or ""):
        yield "head", "viewport: maximum-scale"
    yield from (("landmark", f"<{name}>") for name in facts["landmarks"])
    if document.aside and "noindex" not in facts["names"].get("robots", ""):
        yield "head", "robots: noindex"


def _open_graph(document: Document) -> Iterator[tuple[str, str]]:
    facts = document.facts
    if facts["canonical"] != document.address:
        yield "head", f"canonical {facts['canonical']}"
    yield from (("open_graph", name) for name in PROPERTIES if not facts["properties"].get(name))
    sizes = {_size(document, address) for address in facts["pictures"]}
    yield from (("open_graph", f"og:image {width}×{height}") for width, height in sorted(CARDS - sizes))


def _size(document: Document, address: str) -> tuple[int, int] | None:
    file = document.folder / address.removeprefix(document.url)
    if not address.startswith(document.url) or not file.is_file():
        return None
    try:
        with Image.open(file) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError):
        return None


def _data(document: Document) -> Iterator[tuple[str, str]]:
    """Facts that the page shows to people are told to machines too."""
    try:
        (text,) = document.facts["data"]
        said = json.loads(text)
    except ValueError:
        yield "json_ld", f"{len(document.facts['data'])} × application/ld+json"
        return
    shown = [name for name, there in document.facts["shown"].items() if there]
    yield from (("json_ld", name) for name in (*DATA, *shown) if not said.get(name))


def _listed(document: Document) -> Iterator[tuple[str, str]]:
    for name, needle in (
        ("sitemap.xml", f"<loc>{document.address}</loc>"),
        ("robots.txt", f"{document.url}sitemap.xml"),
    ):
        file = document.folder / name
        if not file.is_file() or needle not in file.read_text("utf-8"):
            yield "listed", name


def links(document: Document, hrefs: list[dict[str, Any]]) -> Iterator[Finding]:
    """Links within the site that lead nowhere."""
    for link in hrefs:
        parts = urlsplit(link["evidence"])
        path = unquote(parts.path) or document.page
        file = document.folder / ("index.html" if path in ("./", ".") else path)
        inside = file.resolve().is_relative_to(document.folder.resolve())
        if not (inside and file.is_file() and _has(file, unquote(parts.fragment))):
            yield Finding(
                check="dead_link", page=document.page, section=link["section"], evidence=link["evidence"][:200]
            )


def _has(file: Path, anchor: str) -> bool:
    return not anchor or f'id="{anchor}"' in file.read_text("utf-8")


def weigh(folder: Path, files: Mapping[str, int]) -> int:
    """Bytes of what a page was handed, as they travel, without its pictures."""
    return sum(_weight(folder / name, size) for name, size in files.items() if Path(name).suffix in LIGHT)


def _weight(file: Path, size: int) -> int:
    return len(gzip.compress(file.read_bytes(), 6)) if file.suffix in TEXT else size
