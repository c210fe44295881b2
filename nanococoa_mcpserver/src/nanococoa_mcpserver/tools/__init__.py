"""The tools, one module for each topic."""

from __future__ import annotations

from nanococoa_mcpserver.suite import Suite
from nanococoa_mcpserver.tools import ads, catalogue, homepage, jobs, pictures, system
from nanococoa_mcpserver.tools.tool import SuiteTool

TOPICS = (ads, jobs, pictures, catalogue, homepage, system)


def all_tools(suite: Suite) -> list[SuiteTool]:
    """Every tool, in the order an LLM reads them."""
    return [made for topic in TOPICS for made in topic.tools(suite)]
