"""What makes the pages, wired in one place: the browser, the agents and the graph."""

from __future__ import annotations

from contextlib import AsyncExitStack

from homepage_generator.media import MediaStore
from homepage_generator.settings import Settings
from homepage_generator.spec.work import Maker


async def open_maker(settings: Settings, media: MediaStore, stack: AsyncExitStack) -> Maker:
    """Open for as long as the service runs."""
    from homepage_generator.chromium import Chromium
    from homepage_generator.graph import Making

    chromium = Chromium(settings.chromium_path)
    making = Making(settings, media, chromium)
    await stack.enter_async_context(making)
    return making
