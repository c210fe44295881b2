"""Tokenizers made without a download: the real classes with one token per byte, so that any UTF-8 text encodes."""

from __future__ import annotations

from string import ascii_lowercase, digits, punctuation
from typing import Any

from tokenizers import Tokenizer, decoders, models
from tokenizers.pre_tokenizers import ByteLevel
from transformers import BertTokenizer, CLIPTokenizer, PreTrainedTokenizerFast, Qwen2Tokenizer, T5TokenizerFast

CLIP_LIMIT = 77
T5_LIMIT = 512

QWEN_SPECIAL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>", "<think>", "</think>",
]  # fmt: skip
QWEN_MARKS = {"unk_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
MISTRAL_SPECIAL = [
    "<unk>", "<s>", "</s>", "<pad>", "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
    "[IMG]", "[IMG_BREAK]", "[IMG_END]",
]  # fmt: skip
MISTRAL_MARKS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}

# What the hub's template does with text and pictures, without its parts for tools and videos.
QWEN_TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}
{{- message.content }}
{%- else %}
{%- for part in message.content %}
{%- if part.type == 'image' %}
{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- elif part.type == 'text' %}
{{- part.text }}
{%- endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}
{{- '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}
{%- endif %}
"""
MISTRAL_TEMPLATE = """\
{{- bos_token }}
{%- for message in messages %}
{%- set brackets = {'system': ('[SYSTEM_PROMPT]', '[/SYSTEM_PROMPT]'), 'user': ('[INST]', '[/INST]')} %}
{{- brackets[message.role][0] if message.role in brackets else '' }}
{%- if message.content is string %}
{{- message.content }}
{%- else %}
{%- for part in message.content %}
{{- '[IMG]' if part.type == 'image' else part.text }}
{%- endfor %}
{%- endif %}
{{- brackets[message.role][1] if message.role in brackets else eos_token }}
{%- endfor %}
"""


def qwen_tokenizer() -> Any:
    """Byte-level BPE without merges, ChatML."""
    tokenizer = Qwen2Tokenizer(
        vocab=_numbered(QWEN_SPECIAL + _bytes()),
        merges=[],
        additional_special_tokens=QWEN_SPECIAL[1:],
        **QWEN_MARKS,
    )
    tokenizer.chat_template = QWEN_TEMPLATE
    return tokenizer


def mistral_tokenizer() -> Any:
    """Byte-level BPE without merges, as Mistral Small's; padded on the left, as the hub's."""
    backend = Tokenizer(models.BPE(vocab=_numbered(MISTRAL_SPECIAL + _bytes()), merges=[]))
    backend.pre_tokenizer = ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        padding_side="left",
        additional_special_tokens=MISTRAL_SPECIAL[4:],
        **MISTRAL_MARKS,
    )
    tokenizer.chat_template = MISTRAL_TEMPLATE
    return tokenizer


def clip_tokenizer() -> Any:
    """Byte-level BPE without merges: one token per byte, 77 with both ends."""
    letters = _bytes()
    ends = [letter + "</w>" for letter in letters]
    vocabulary = _numbered([*letters, *ends, "<|startoftext|>", "<|endoftext|>"])
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=CLIP_LIMIT)


def t5_tokenizer() -> Any:
    """Unigram over printable ASCII. Hangul becomes <unk>, as it does in T5's own vocabulary."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -2.0)]
    pieces += [(chr(code), -3.0) for code in range(33, 127)]
    return T5TokenizerFast(vocab=pieces, extra_ids=0, model_max_length=T5_LIMIT)


def bert_tokenizer() -> Any:
    """WordPiece over single ASCII characters, uncased."""
    letters = list(ascii_lowercase + digits + punctuation)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    return BertTokenizer(vocab=_numbered(pieces), do_lower_case=True, model_max_length=512)


def _bytes() -> list[str]:
    """The 256 letters that byte-level BPE writes bytes as."""
    return sorted(ByteLevel.alphabet())


def _numbered(tokens: list[str]) -> dict[str, int]:
    return {token: number for number, token in enumerate(tokens)}
