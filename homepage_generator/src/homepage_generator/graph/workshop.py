"""Spec to folder to report, with the renderer, the browser and the gate."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import structlog

from homepage_generator.chromium import Chromium
from homepage_generator.errors import BrowserGone, HomepageError, RenderFailed
from homepage_generator.gate import Report, inspect
from homepage_generator.media import MediaStore
from homepage_generator.render import render
from homepage_generator.render.cards import draw_cards
from homepage_generator.spec.site import SiteSpec


class BrowserWorkshop:
    """``axe``: axe.min.js; None leaves its checks out."""

    def __init__(self, media: MediaStore, chromium: Chromium, axe: Path | None) -> None:
        self._media, self._chromium, self._axe = media, chromium, axe

    async def build(self, spec: SiteSpec, folder: Path, url: str) -> None:
        await asyncio.to_thread(self._render, spec, folder, url)
        try:
            await draw_cards(self._chromium, folder)
        except BrowserGone:  # it was killed; the next page starts another
            await asyncio.to_thread(self._render, spec, folder, url)
            await draw_cards(self._chromium, folder)

    async def inspect(self, folder: Path, url: str, shots: Path) -> Report:
        await asyncio.to_thread(shots.mkdir, parents=True, exist_ok=True)
        return await inspect(folder, self._chromium, url=url, axe=self._axe, shots=shots)

    def _render(self, spec: SiteSpec, folder: Path, url: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        try:
            render(spec, self._media, folder, url=url)
        except HomepageError:
            raise
        except Exception as error:
            structlog.get_logger().exception("a page could not be drawn", theme=spec.look.theme)
            raise RenderFailed from error
