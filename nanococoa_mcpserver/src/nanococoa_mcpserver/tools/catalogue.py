"""What can be chosen: list_fonts, list_formats."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import Context

from nanococoa_mcpserver.results import Fonts, Formats
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools.tool import SuiteTool, tool


class CatalogueTools:
    """Lists, as the aiserver has them now."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def list_fonts(self, ctx: Context[Any, Any]) -> Fonts:
        """List the font families for ad texts, with weights and Hangul coverage, for font_family of edit_ad_text.

        Call it only when the user asks for a certain look; every style brings a font that suits. Takes no time.
        """
        return Fonts(fonts=[font for font in await self._suite.aiserver.fonts() if font.available])

    async def list_formats(self, ctx: Context[Any, Any]) -> Formats:
        """List the placements an ad can be made for, with exact pixels, e.g. 인스타그램 정사각형, 네이버, 카카오.

        Call it when the user names a place to advertise, to find the names for `formats`. Takes no time.
        """
        return Formats(formats=await self._suite.aiserver.formats())


def tools(suite: Suite) -> list[SuiteTool]:
    """This module's tools."""
    made = CatalogueTools(suite)
    return [
        tool(made.list_fonts, "List fonts", "reads"),
        tool(made.list_formats, "List ad formats", "reads"),
    ]
