"""How long a prompt is for its encoder, counted by the tokenizer that will cut it."""

from __future__ import annotations

from typing import Any

CLIP_LIMIT = 77
"""Positions of every CLIP text encoder (Radford et al. 2021), begin and end included."""


def tokens(tokenizer: Any, text: str) -> int:
    """Tokens of ``text`` with the tokenizer's own begin and end."""
    return len(tokenizer(text, verbose=False).input_ids)


def chat_tokens(tokenizer: Any, text: str, *, thinking: bool) -> int:
    """Tokens of ``text`` as a chat model's user message, with all that its template adds."""
    messages = [{"role": "user", "content": text}]
    template = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, enable_thinking=thinking
    )
    return tokens(tokenizer, template)
