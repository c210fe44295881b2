"""The vision-language model as the product asks it: free questions, judgements, and prompts written or mended.

What it writes is checked before anybody uses it; where it makes no sense, the customer's own words serve.
"""

from __future__ import annotations

import re

from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.ports import EditPrompt, Judgement, StopCheck
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.types import Rgb

from . import answers, prompts
from .chat import Dialogue, QwenChat

# Most tokens of an answer: the time a question may take. Korean needs about twice as many as English.
ASK_TOKENS, JUDGE_TOKENS, DESCRIBE_TOKENS, PROMPT_TOKENS = 320, 120, 180, 320
PROMPT_LIMIT = 1200  # characters of a prompt that the model wrote
LONGER = 3  # times the letters of a Korean text that its English translation may have
DESCRIPTION_LIMIT = 900
TARGET_WORDS = 6
KEEP = "Keep everything else unchanged."
_KEEPS = re.compile(r"\b(keep|keeps|keeping|kept|unchanged|preserv\w*|same|as (?:it|they) (?:is|are))\b", re.IGNORECASE)
_LABEL = re.compile(r"^(?:here(?:'s| is)[^:\n]{0,60}:|(?:new |revised )?prompt\s*:|translation\s*:)\s*", re.IGNORECASE)
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9 '’-]*")
_ARTICLE = re.compile(r"^(?:the|a|an|its|his|her)\s+", re.IGNORECASE)


class QwenVision:
    """``engines.ports.VisionLanguageModel``. Answers are the most likely ones, so the same question repeats itself."""

    def __init__(self, host: ModelHost, model: str, *, lane: Lane = "heavy") -> None:
        self._chat = QwenChat(host, model, lane)

    def ask(self, image: Rgb, question: str, stop: StopCheck) -> str:
        """A free question answered in its own language; empty when the model had nothing to say."""
        locale = prompts.locale_of(question)
        with self._chat.open("ask", stop) as dialogue:
            text = prompts.written("ask", locale, question=question)
            return dialogue.answer(prompts.system(locale), text, image, ASK_TOKENS)

    def judge(self, image: Rgb, wanted: str, unwanted: str, stop: StopCheck) -> Judgement:
        """Whether the picture shows what is ``wanted`` and nothing ``unwanted`` (may be empty)."""
        locale = prompts.locale_of(wanted + unwanted)
        avoid = prompts.written("judge_avoid", locale, unwanted=unwanted) if unwanted.strip() else ""
        with self._chat.open("judge", stop) as dialogue:
            text = prompts.written("judge", locale, wanted=wanted, avoid=avoid)
            answer = dialogue.answer(prompts.system(locale), text, image, JUDGE_TOKENS)
        return answers.judgement(answer, f"{wanted}\n{unwanted}")

    def edit_prompt(self, image: Rgb, instruction: str, stop: StopCheck) -> EditPrompt:
        """What an editing model is told: the picture is described first, and the prompt written from both.

        Where the model's prompt makes no sense, it is the instruction itself with the wish to keep the rest.
        """
        with self._chat.open("edit-prompt", stop) as dialogue:
            described = dialogue.answer(prompts.system("en"), prompts.written("describe"), image, DESCRIBE_TOKENS)
            description = answers.cleaned(described, DESCRIPTION_LIMIT) if _is_english(described) else ""
            text = prompts.written("edit", description=description or "(see the picture)", instruction=instruction)
            answer = dialogue.answer(prompts.system("en"), text, image, PROMPT_TOKENS)
        prompt = _tidied(answers.field(answer, "prompt", PROMPT_LIMIT))
        usable = _is_english(prompt)
        target = _target(answers.field(answer, "target", 80)) if usable else ""
        return EditPrompt(_keeping_the_rest(prompt if usable else instruction), description, target)

    def revised(self, prompt: str, reason: str, stop: StopCheck) -> str:
        """The prompt rewritten so that what failed is asked for more clearly; unchanged where that makes no sense."""
        with self._chat.open("write", stop) as dialogue:
            return _rewritten(dialogue, prompt, prompts.written("revise", prompt=prompt, reason=reason)) or prompt

    def in_english(self, prompt: str, stop: StopCheck) -> str:
        """``prompt`` itself when it has no Hangul, or when its translation makes no sense."""
        if not prompts.has_hangul(prompt):
            return prompt
        with self._chat.open("write", stop) as dialogue:
            translation = _rewritten(dialogue, prompt, prompts.written("translate", prompt=prompt))
        return translation if _is_english(translation) else prompt


def _rewritten(dialogue: Dialogue, prompt: str, question: str) -> str:
    """``prompt`` in other words, empty where the answer isn't one. It may be as long as the prompt needs: a token for
    each of its letters, and none of it is to be lost."""
    answer = dialogue.answer(prompts.system("en"), question, None, PROMPT_TOKENS + len(prompt[: prompts.GIVEN_LIMIT]))
    written = _tidied(answers.cleaned(answer, max(PROMPT_LIMIT, LONGER * len(prompt))))
    return written if _is_prose(written) else ""


def _tidied(prompt: str) -> str:
    """Without the label, quotes and marks that models like to put around a prompt."""
    plain = re.sub(r"</?given[^>\n]*>|```\w*", "", prompt)
    plain = _LABEL.sub("", " ".join(plain.split()))
    return plain.strip().strip("\"'“”").strip()


def _is_prose(text: str) -> bool:
    """Whether people could have written it: words rather than symbols, and no object or mark-up."""
    letters = sum(character.isalpha() or character.isspace() for character in text)
    words, longer = re.findall(r"[^\W\d_]{2,}", text), re.search(r"[^\W\d_]{3}|[가-힣]{2}", text)
    return len(words) >= 2 and bool(longer) and letters >= 0.7 * len(text) and not re.search(r"[{}<>]", text)


def _is_english(text: str) -> bool:
    """Prose in Latin letters; Korean words to be written in the picture may be quoted in it."""
    latin = len(re.findall(r"[A-Za-z]", text))
    return _is_prose(text) and latin >= 0.6 * sum(character.isalpha() for character in text)


def _keeping_the_rest(prompt: str) -> str:
    plain = prompt.strip()
    if _KEEPS.search(plain):
        return plain
    return f"{plain}{'' if plain.endswith(('.', '!', '?', '。')) else '.'} {KEEP}"


def _target(phrase: str) -> str:
    """A few English words for a detector, empty where the answer is anything else."""
    words = _ARTICLE.sub("", phrase.strip().strip(".").lower())
    if words in ("none", "nothing", "n a", "empty") or len(words.split()) > TARGET_WORDS:
        return ""
    return words if _TARGET.fullmatch(words) else ""
