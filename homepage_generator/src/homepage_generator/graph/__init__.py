"""The making of a site as a graph of checkpointed steps: planner, designer, developer, reviewer, owner, publisher."""

import os

os.environ.update(LANGSMITH_TRACING="false", LANGCHAIN_TRACING_V2="false", LANGGRAPH_STRICT_MSGPACK="true")
# Read when langgraph is imported: nothing of a shop is sent to a tracing service, and a checkpoint holds plain data.

from homepage_generator.graph.maker import Making

__all__ = ["Making"]
