"""A homepage for the shop: generate_homepage."""

from __future__ import annotations

import json
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from pydantic import BaseModel, ConfigDict, Field

from nanococoa_mcpserver.language import locale
from nanococoa_mcpserver.messages import say
from nanococoa_mcpserver.results import Started
from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools.tool import SuiteTool, tool


class Product(BaseModel):
    """Something the shop sells."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1, max_length=200, description="e.g. 부사 사과 10kg")
    price: str = Field(default="", max_length=100, description="As it is to be read, e.g. 39,900원")
    description: str = Field(default="", max_length=2000, description="A sentence or two")


class BusinessInfo(BaseModel):
    """Facts about the shop, as the owner gave them. Nothing is made up from them: leave out what is not known."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1, max_length=200, description="The shop's name, e.g. 청송댁 과일가게")
    trade: str = Field(default="", max_length=200, description="What it is, e.g. 과일가게, 카페, 미용실")
    description: str = Field(default="", max_length=10_000, description="What makes it special, in the owner's words")
    address: str = Field(default="", max_length=500, description="e.g. 경북 청송군 …")
    phone: str = Field(default="", max_length=100, description="e.g. 054-000-0000")
    opening_hours: str = Field(default="", max_length=1000, description="e.g. 평일 9시-19시, 일요일 휴무")
    products: list[Product] = Field(default=[], max_length=300, description="What it sells")


class HomepageTools:
    """Starts a page; ``check_generation_status`` follows it."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite

    async def generate_homepage(
        self,
        ctx: Context[Any, Any],
        business_info: Annotated[BusinessInfo, Field(description="Only facts from the user; don't invent any")],
        style: Annotated[
            str | None, Field(max_length=200, description="The look in a word or two, e.g. '따뜻한', 'modern'")
        ] = None,
    ) -> Started:
        """Make and publish a homepage for a shop from facts about it. Ask the user for what is missing first.

        Answers at once with a job_id; the page takes 15 seconds to 3 minutes. Then call check_generation_status with
        that job_id until it is done: it answers with homepage_url. Needs the homepage service (get_system_status).
        """
        facts = business_info.model_dump(mode="json", exclude_defaults=True)
        products = [product | {"id": str(number)} for number, product in enumerate(facts.pop("products", []), 1)]
        commission: dict[str, Any] = {"business_info": facts, "products": products, "ads": [], "locale": locale()}
        commission |= {"style": style} if style else {}
        key = self._suite.keys.key(ctx, json.dumps(commission, sort_keys=True).encode())
        page = await self._suite.homepages.generate(commission, key)
        after = say("next", "started", locale(), job_id=page.job_id)
        return Started(job_id=page.job_id, status=page.status, message=say("notes", "accepted", locale()), next=after)


def tools(suite: Suite) -> list[SuiteTool]:
    """This module's tools."""
    return [tool(HomepageTools(suite).generate_homepage, "Make a homepage", "makes")]
