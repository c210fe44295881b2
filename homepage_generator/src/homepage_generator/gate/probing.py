"""Questions to an open page: the probes of ``probes/*.js``, and what is done to the page before they are asked."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeAlias

from playwright.async_api import Page

Row: TypeAlias = dict[str, Any]
"""What a probe tells of one element: ``section`` (an id, or None) and ``evidence``."""

FOLD: Final = ("shift", "firstFold")
"""Asked on the screen as a visitor has it; the others once the page stands in its whole length."""
SCREEN: Final = (
    "overflow", "clipped", "brokenWords", "overlap", "smallText", "headline", "targets", "sections", "grids",
    "pictures", "art", "fonts", "paint",
)  # fmt: skip
ONCE: Final = ("links", "forbidden", "forms", "document")
"""The same on every screen."""

_AXE_PACKAGE: Final = "axe_playwright_python"
"""Only its copy of axe.min.js is used (MPL 2.0, unchanged)."""
_FILES: Final = ("common", "text", "targets", "structure", "document", "paint", "answer")
_UNFOLD: Final = """async () => {
  for (const one of document.querySelectorAll("details")) one.open = !one.matches(".more");
  for (const one of document.images) one.loading = "eager";
  const draw = (one) => one.decode().catch(() => one.decode()).catch(() => { one.undrawn = true; });
  await Promise.all([...document.images].map(draw));
  await document.fonts.ready;
  return document.documentElement.scrollHeight;
}"""
MANY: Final = 40
"""Entries of one list that are all looked at; more are made the same way."""
ALIKE: Final = 2
"""Of a long list's entries further down, this many of each kind stay. A kind is what an entry's elements are called."""
_THIN: Final = """([top, many, alike]) => {
  const called = (one) => `${one.tagName}.${one.getAttribute("class")}`;
  const kindOf = (entry) => [entry, ...entry.querySelectorAll("*")].map(called).join();
  const gone = [];
  for (const list of document.querySelectorAll("ul, ol, dl, tbody")) {
    if (list.children.length <= many) continue;
    const seen = new Map();
    for (const entry of list.children) {
      if (entry.getBoundingClientRect().top + scrollY < top) continue;
      const kind = kindOf(entry);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (seen.get(kind) > alike) gone.push(entry);
    }
  }
  for (const entry of gone) entry.style.display = "none";
  return gone.length;
}"""
_TEXTLESS: Final = (
    "*,*::before,*::after{-webkit-text-fill-color:transparent!important;text-shadow:none!important;"
    "-webkit-text-stroke-color:transparent!important;text-decoration-color:transparent!important;"
    "caret-color:transparent!important;transition:none!important}"
)
_WEAR: Final = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
_AXE: Final = """async (contrast) => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
  rules: { "color-contrast": { enabled: contrast } },
  preload: false,
})).violations.flatMap((violation) => violation.nodes.map((node) => {
  const target = node.target.flat().at(-1);
  const section = document.querySelector(target)?.closest("[data-kind][id]")?.id ?? null;
  return { section, evidence: `${violation.id}: ${target}` };
}))"""


async def ask(page: Page, *names: str) -> dict[str, Any]:
    """The answers by the probes' names."""
    answer: dict[str, Any] = await page.evaluate(_script(), list(names))
    return answer


def findings(answers: dict[str, Any]) -> dict[str, list[Row]]:
    """Answers that are findings already, by check."""
    return {check: rows for found in answers.values() for check, rows in found.items()}


async def settle(page: Page) -> None:
    """Until what was laid out while loading has been shown, and what moved by it was noted."""
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")


async def unfold(page: Page, width: int, least: int) -> int:
    """Open what is folded and make the screen as long as the page: what sticks to its edge covers nothing then."""
    height = int(await page.evaluate(_UNFOLD))
    await page.set_viewport_size({"width": width, "height": max(height, least)})
    return max(int(await page.evaluate(_UNFOLD)), least)


async def thin(page: Page, width: int, least: int, top: int) -> int | None:
    """Take entries of very long lists away that lie below ``top`` and are made like others; the page's height then,
    None when it has none. What is above stays, and rules that count entries still count all of them."""
    if not await page.evaluate(_THIN, [top, MANY, ALIKE]):
        return None
    await page.set_viewport_size({"width": width, "height": least})
    height = max(int(await page.evaluate("document.documentElement.scrollHeight")), least)
    await page.set_viewport_size({"width": width, "height": height})
    return height


async def hide_text(page: Page) -> None:
    await page.evaluate(_WEAR, _TEXTLESS)


async def show_text(page: Page) -> None:
    await page.evaluate(_WEAR, "")


def packaged_axe() -> Path:
    """The axe.min.js that is installed with the service."""
    return Path(str(resources.files(_AXE_PACKAGE).joinpath("axe.min.js")))


async def ask_axe(page: Page, axe: str, *, contrast: bool) -> list[Row]:
    """axe-core's violations; ``axe`` is its code, which the page's policy keeps out of script elements. ``contrast``:
    its guess at it too, which takes four times as long as all the rest."""
    await page.evaluate(axe)
    rows: list[Row] = await page.evaluate(_AXE, contrast)
    return rows


@cache
def _script() -> str:
    """All probes as one function that answers those it is asked for."""
    folder = resources.files(__package__).joinpath("probes")
    code = "\n".join(folder.joinpath(f"{name}.js").read_text("utf-8") for name in _FILES)
    return f"(names) => {{\n{code}\n}}"
