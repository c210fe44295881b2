"""Writes a site's folder. What it does depends on the spec alone, so that the same spec gives the same files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from homepage_generator.media import MediaStore, storing
from homepage_generator.render.art import ArtId, sprite
from homepage_generator.render.favicon import favicon
from homepage_generator.render.links import address_of, file_of
from homepage_generator.render.pictures import Pictures
from homepage_generator.render.seo import json_ld, robots, sitemap
from homepage_generator.render.styles import rules, stylesheet, typeset, write
from homepage_generator.render.text import Letters
from homepage_generator.render.theme import Theme, templates, theme, tokens
from homepage_generator.render.titles import ASIDES
from homepage_generator.render.view import View
from homepage_generator.render.words import words
from homepage_generator.spec.site import Page, SiteSpec

CARD: Final = "card.html"
UNSET: Final = "style.css"


@dataclass(frozen=True)
class Rendered:
    """``pages``: the site's own files, home first; ``weight``: bytes of html, css, fonts and pictures."""

    pages: list[str]
    weight: dict[str, int] = field(default_factory=dict)


@dataclass
class _Site:
    """A site while it is written."""

    spec: SiteSpec
    theme: Theme
    pictures: Pictures
    url: str
    form_action: str
    env: Environment
    documents: dict[str, str] = field(default_factory=dict)
    drawn: list[ArtId] = field(default_factory=list)
    ratios: set[int] = field(default_factory=set)

    def view(self, page: Page) -> View:
        return View(self.spec, page, self.theme, words(self.spec.locale), self.pictures, self.form_action)

    def show(self, file: str, template: str, page: Page, **more: Any) -> None:
        """Twice: what the body draws must stand in the sprite before it."""
        view = self.view(page)
        facts = {
            "v": view, "t": view.t, "b": self.spec.business, "spec": self.spec, "page": page, "url": self.url,
            "address": self.url + address_of(page), "aside": None, "card": False,
            "bar": tokens(self.theme.day, self.spec.look)[self.theme.bar],
            "json_ld": json_ld(self.spec, self.url), **more,
        }  # fmt: skip
        body = Markup(self.env.get_template(template).render(**facts))  # noqa: S704 -- our own template's output
        frame = self.env.get_template("page.html")
        self.documents[file] = frame.render(**facts, body=body, sprite=sprite(view.drawn))
        self.drawn += view.drawn
        self.ratios |= view.ratios


def render(spec: SiteSpec, media: MediaStore, out: Path, *, url: str, form_action: str = "contact") -> Rendered:
    """Writes the site into ``out``. ``url``: where it will stand, ending with a slash. Raises StorageFull."""
    look = theme(spec.look.theme)
    site = _Site(spec, look, Pictures(media, spec.pictures, out), url, form_action, templates(look.name))
    with storing():
        out.mkdir(parents=True, exist_ok=True)
        _write(site, out)
    return Rendered([file_of(page) for page in spec.pages], _weigh(out))


def _write(site: _Site, out: Path) -> None:
    spec = site.spec
    for page in spec.pages:
        site.show(file_of(page), "body.html", page)
    for file, aside in ASIDES.items():
        site.show(file, "aside.html", spec.pages[0], aside=aside)
    site.show(CARD, "card.html", spec.pages[0], card=True)
    _dress(site, out)
    _accompany(site, out)


def _dress(site: _Site, out: Path) -> None:
    """Fonts for the letters that are there, the stylesheet, and the documents that name them."""
    letters = Letters(site.theme.face, rules(site.theme))
    for document in site.documents.values():
        letters.feed(document)
    letters.close()
    fonts = typeset(site.theme.face, letters.letters)
    css = stylesheet(site.theme, site.spec, fonts.rules, dict.fromkeys(site.drawn), site.ratios).encode()
    name = f"s{hashlib.sha256(css).hexdigest()[:10]}.css"
    write({**fonts.files, name: css}, out)
    preload = "".join(
        f'<link rel="preload" href="{file}" as="font" type="font/woff2" crossorigin>\n' for file in fonts.preload
    )
    for file, document in site.documents.items():
        head, rest = document.split("</head>", 1)
        head = head.replace(UNSET, name).replace("<!-- fonts -->\n", preload)
        (out / file).write_text(f"{head}</head>{rest}", "utf-8")


def _accompany(site: _Site, out: Path) -> None:
    (out / "robots.txt").write_text(robots(site.url), "utf-8")
    (out / "sitemap.xml").write_text(sitemap(site.spec, site.url), "utf-8")
    (out / "favicon.svg").write_text(_favicon(site), "utf-8")


def _favicon(site: _Site) -> str:
    colours = tokens(site.theme.day, site.spec.look)
    return favicon(site.view(site.spec.pages[0]).hero_art(1)[0], colours["c"])


def _weigh(out: Path) -> dict[str, int]:
    kinds = {"html": "*.html", "css": "*.css", "fonts": "*.woff2", "pictures": "p/*"}
    return {kind: sum(file.stat().st_size for file in out.glob(pattern)) for kind, pattern in kinds.items()}
