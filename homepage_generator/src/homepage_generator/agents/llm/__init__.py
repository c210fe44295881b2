"""Agents that ask any OpenAI-compatible LLM. It chooses and words; the facts are laid out by the built-in agents."""

from homepage_generator.agents.llm.agents import LlmAgents
from homepage_generator.agents.llm.asking import Asker, asker_of

__all__ = ["Asker", "LlmAgents", "asker_of"]
