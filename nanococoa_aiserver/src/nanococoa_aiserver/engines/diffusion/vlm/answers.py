"""Reading a language model's answers: cleaned text, and the few fields of a JSON object wherever it stands.

An answer is never trusted: it may be empty, fenced, cut off, in Korean, in prose, or what a text inside the picture
told the model to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from nanococoa_aiserver.engines.ports import Judgement

Verdict: TypeAlias = Literal["pass", "fail", "unknown"]

ANSWER_LIMIT = 2000  # characters
REASON_LIMIT = 300
_THOUGHTS = re.compile(r"<think>.*?(</think>|$)", re.DOTALL)
_MARKS = re.compile(r"<\|[^<>|]*\|>|</?think>|\ufffd|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_VERDICT = re.compile(r"""["'“*]*(?:verdict|판정|결과)["'”*]*\s*[:=]["'“*\s]*([A-Za-z가-힣]+)""", re.IGNORECASE)
_REASON = re.compile(r"""["'“*]*(?:reason|이유|사유)["'”*]*\s*[:=]["'“*\s]*([^"”}\n]+)""", re.IGNORECASE)
_BARE = re.compile(r"^\W*(pass|fail|통과|합격|불합격|실패)(?![\w가-힣])[\s:.,*–—-]*(.*)", re.IGNORECASE | re.DOTALL)
_PASS = frozenset({"pass", "passed", "yes", "true", "통과", "합격", "예", "네"})
_FAIL = frozenset({"fail", "failed", "no", "false", "불통과", "불합격", "실패", "탈락", "아니요", "아니오"})
_NAMES = {"판정": "verdict", "결과": "verdict", "이유": "reason", "사유": "reason"}


def cleaned(text: str, limit: int = ANSWER_LIMIT) -> str:
    """``text`` without thoughts, special tokens and control characters, cut at the end of a sentence."""
    plain = _MARKS.sub("", _THOUGHTS.sub("", text))
    plain = re.sub(r"[^\S\n]+", " ", re.sub(r"\n{3,}", "\n\n", plain)).strip()
    return plain if len(plain) <= limit else _cut(plain, limit)


def judgement(answer: str, given: str = "") -> Judgement:
    """The verdict that ``answer`` states once and for all.

    ``unknown`` where it states none, several that contradict each other, or only repeats an object that stands in
    ``given`` (what the model was shown, which may have been written to be repeated).
    """
    answer = cleaned(answer)
    objects = [found for found in json_objects(answer) if "verdict" in found]
    own = [found for found in objects if not _repeats(found, given)]
    if objects and not own:
        return Judgement("unknown")
    return _agreed([_read(found) for found in own] if own else _spoken(answer, given))


def json_objects(answer: str) -> Iterator[dict[str, Any]]:
    """Every complete JSON object in ``answer`` that isn't inside another, keys in lower case and in English."""
    decoder, place = json.JSONDecoder(strict=False), answer.find("{")
    while place >= 0:
        try:
            found, place = decoder.raw_decode(answer, place)
        except (json.JSONDecodeError, RecursionError):
            found, place = None, place + 1
        if isinstance(found, dict):
            yield {_NAMES.get(key.strip(), key.strip().lower()): value for key, value in found.items()}
        place = answer.find("{", place)


def field(answer: str, name: str, limit: int) -> str:
    """The text of field ``name`` in the first object that has it, also of one that was cut off; empty when none has."""
    for found in json_objects(answer):
        if isinstance(value := found.get(name), str):
            return cleaned(value, limit)
    started = re.search(rf'"{name}"\s*:\s*"((?:[^"\\]|\\.)*)', answer)
    return cleaned(started[1].replace('\\"', '"').replace("\\n", " "), limit) if started else ""


def _read(found: dict[str, Any]) -> Judgement:
    reason = found.get("reason")
    return Judgement(_verdict(found["verdict"]), cleaned(reason, REASON_LIMIT) if isinstance(reason, str) else "")


def _spoken(answer: str, given: str) -> list[Judgement]:
    """From an object that was cut off or isn't quite JSON, else from an answer that begins with its verdict."""
    if stated := [found for found in _VERDICT.finditer(answer) if found[0] not in given]:
        reason = _REASON.search(answer)
        return [Judgement(_verdict(found[1]), cleaned(reason[1], REASON_LIMIT) if reason else "") for found in stated]
    if bare := _BARE.match(answer):
        return [Judgement(_verdict(bare[1]), cleaned(bare[2].partition("\n")[0], REASON_LIMIT))]
    return []


def _agreed(judgements: list[Judgement]) -> Judgement:
    verdicts = {one.verdict for one in judgements}
    return judgements[0] if len(verdicts) == 1 and verdicts != {"unknown"} else Judgement("unknown")


def _verdict(value: Any) -> Verdict:
    word = str(value).strip().strip(".!").lower()
    return "pass" if word in _PASS else "fail" if word in _FAIL else "unknown"


def _repeats(found: dict[str, Any], given: str) -> bool:
    return any(found == shown for shown in json_objects(given))


def _cut(text: str, limit: int) -> str:
    """Up to the last sentence that fits; where there is none, up to the last word."""
    head = text[:limit]
    ends = [found.end() for found in re.finditer(r"[.!?。](?=\s|$)|다\.", head)]
    if ends and ends[-1] > limit // 2:
        return head[: ends[-1]].strip()
    return head.rpartition(" ")[0].strip() or head
