"""A line of copy, or several, read as the fields of an ad: headline, price, call to action and the rest.

Fixed rules over the customer's own characters: each goes into exactly one field, none is added, and only separators
between two fields may be dropped. What no rule knows is headline or sub, so nothing is lost by not being understood.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from nanococoa_aiserver.layout.copy_finds import SEPARATORS, Span, finds_in, trimmed
from nanococoa_aiserver.layout.copy_rules import rules
from nanococoa_client.schemas import ROLES, AdCopy, Role

_SPLIT = re.compile(r"\s*(?:[|｜\n→⇒➔]|(?<=\s)[/·•ㆍ∙]|[/·•ㆍ∙](?=\s)|(?<=\s)[-–—](?=\s))\s*")
_SENTENCE = re.compile(r"(?<=[!?…。])\s+|(?<=[^\d\s]\.)\s+|(?<=[!?])(?=[가-힣A-Za-z])")
_WORDLESS = re.compile(r"[\W_]*", re.UNICODE)
_JOINERS = "\u200d\ufe0f\u20e3"  # what holds an emoji sequence together
_PROMOTED: tuple[Role, ...] = ("unit", "call_to_action", "discount", "shop", "price", "old_price", "small_print")
_SHOP_LONGEST = 16  # letters
_PHRASE_LONGEST = 40  # letters of a call to action


def parse_copy(text: str) -> AdCopy:
    """Read copy into fields. The headline is never empty when the text is not."""
    text = cleaned(text)
    finds = finds_in(text)
    spans = _classified(text, sorted([*finds, *_phrases(text, finds)], key=lambda span: span.start))
    spans = _with_orphans(text, spans)
    fields = _fields(text, _named(text, spans))
    if not fields and text:
        return AdCopy(headline=_one_line(text))
    return AdCopy(**_promoted(fields))


def cleaned(text: str) -> str:
    """The text composed (NFC), without control and formatting characters; line ends as newlines."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(_clean_character(character) for character in text)
    return re.sub(r"[^\S\n]+", " ", kept).strip()


def missing_characters(text: str, copy: AdCopy) -> str:
    """The characters of ``text`` that are in no field, separators and space aside: empty when nothing was lost."""
    have = Counter("".join(getattr(copy, role) for role in ROLES))
    need = Counter(character for character in cleaned(text) if not character.isspace() and character not in SEPARATORS)
    return "".join((need - have).elements())


def _clean_character(character: str) -> str:
    if character == "\n" or character in _JOINERS:
        return character
    if character == "\t" or character == "\v":
        return " "
    if character == "\u2028" or character == "\u2029":
        return "\n"
    nothing = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"} or ord(character) & 0xFFFE == 0xFFFE
    return "" if nothing else character


def _phrases(text: str, finds: list[Span]) -> Iterator[Span]:
    """What lies between the finds, cut at separators and ends of sentences."""
    at = 0
    for span in [*sorted(finds, key=lambda span: span.start), Span(len(text), len(text))]:
        yield from _cut(text, at, span.start)
        at = span.end


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    at = start
    for stop, restart in [*_cuts(text, start, end), (end, end)]:
        first, last = trimmed(text, at, stop)
        if first < last:
            yield Span(first, last)
        at = restart


def _cuts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    places = [match.span() for match in _SPLIT.finditer(text, start, end)]
    sentences = [match.span() for match in _SENTENCE.finditer(text, start, end)]
    return sorted(places + [cut for cut in sentences if not any(a < cut[1] and cut[0] < b for a, b in places)])


def _classified(text: str, spans: list[Span]) -> list[Span]:
    """Roles for the phrases that are small print, a call to action or a unit; units are cut off before a price."""
    result: list[Span] = []
    for index, span in enumerate(spans):
        if span.role is not None:
            result.append(span)
            continue
        before_price = index + 1 < len(spans) and spans[index + 1].role in ("price", "old_price")
        first = not any(other.role is None for other in result)
        result += _read(text, span, first and _has_more_text(spans, index), first, before_price)
    return result


def _has_more_text(spans: list[Span], index: int) -> bool:
    return any(span.role is None for span in spans[index + 1 :])


def _read(text: str, span: Span, others_follow: bool, first: bool, before_price: bool) -> list[Span]:
    phrase = text[span.start : span.end]
    if rules().small_print.search(phrase) and (not first or others_follow):
        return [replace(span, role="small_print")]
    if rules().unit.search(phrase) and (not first or others_follow or before_price):
        return [replace(span, role="unit")]
    may_call = not first or (others_follow and not phrase.endswith("!"))
    if may_call and len(phrase) <= _PHRASE_LONGEST and rules().call_to_action.search(phrase):
        return [replace(span, role="call_to_action")]
    return _without_unit(text, span) if before_price else [span]


def _without_unit(text: str, span: Span) -> list[Span]:
    """``햇사과 10kg`` before a price: the amount goes to the unit. ``사과 한 박스`` stays together."""
    phrase = text[span.start : span.end]
    match = rules().unit_at_end.search(phrase)
    if not match or not match.start():
        return [span]
    rest = phrase[: match.start()].rstrip()
    if not re.search(r"\d", match.group()) and len(rest.split()) < 2:
        return [span]
    start, end = trimmed(text, span.start, span.start + len(rest))
    return [Span(start, end), Span(span.start + match.start(), span.end, "unit")]


def _with_orphans(text: str, spans: list[Span]) -> list[Span]:
    """Emoji and marks that stand alone go with the phrase before them, or the one behind."""
    result: list[Span] = []
    carried: int | None = None
    for span in spans:
        if _WORDLESS.fullmatch(text[span.start : span.end]) and (result or len(spans) > 1):
            if result:
                result[-1] = replace(result[-1], end=span.end)
            else:
                carried = span.start if carried is None else carried
            continue
        result.append(span if carried is None else replace(span, start=carried))
        carried = None
    return result or ([Span(carried, spans[-1].end)] if carried is not None else [])


def _named(text: str, spans: list[Span]) -> list[Span]:
    """Roles for the rest: the shop's name, then the first phrase as headline, the others as sub."""
    shop = _shop(text, spans)
    loose = [span for span in spans if span.role is None and span != shop]
    headline = next((span for span in loose if not _says_amount(text, span)), loose[0] if loose else None)
    roles: dict[Span, Role] = dict.fromkeys(loose, "sub")
    if headline:
        roles[headline] = "headline"
    if shop:
        roles[shop] = "shop"
    return [replace(span, role=span.role or roles[span]) for span in spans]


def _says_amount(text: str, span: Span) -> bool:
    return bool(rules().bare_price.search(text[span.start : span.end]))


def _shop(text: str, spans: list[Span]) -> Span | None:
    """The phrase that is a shop's name, looked for from the end, when another can be the headline."""
    loose = [span for span in spans if span.role is None][::-1]
    labelled = (span for span in loose if rules().shop_label.search(text[span.start : span.end]))
    named = (span for span in loose if _is_name(text[span.start : span.end]) and _stands_apart(text, span))
    bare = (span for span in loose[:1] if len(loose) > 1 and len(spans) > 2 and _is_bare_name(text, span))
    found = next(labelled, None) or next(named, None) or next(bare, None)
    leaves_headline = any(span != found and (span.role or not _says_amount(text, span)) for span in spans)
    return found if leaves_headline else None


def _is_name(phrase: str) -> bool:
    short = len(phrase) <= _SHOP_LONGEST or (phrase.isascii() and len(phrase) <= 2 * _SHOP_LONGEST)
    return short and bool(rules().shop.search(phrase)) and not rules().not_shop.search(phrase)


def _stands_apart(text: str, span: Span) -> bool:
    """Between separators, or at an end of the text: not the rest of somebody's sentence."""
    before, behind = text[: span.start].rstrip(" "), text[span.end :].lstrip(" ")
    return (not before or before[-1] in SEPARATORS) and (not behind or behind[0] in SEPARATORS)


def _is_bare_name(text: str, span: Span) -> bool:
    """A short last phrase behind a bar (``… | 오늘의피부``) is a name even when no word says so."""
    before, phrase = text[: span.start].rstrip(" "), text[span.start : span.end]
    plain = not rules().not_shop.search(phrase) and not rules().not_bare_name.search(phrase)
    fits = 3 <= len(phrase) <= 10 and len(phrase.split()) <= 2 and plain
    return span.end == len(text) and bool(before) and before[-1] in "|｜" and fits and not re.search(r"\d", phrase)


def _fields(text: str, spans: list[Span]) -> dict[Role, str]:
    """Neighbours of one role keep what stood between them; others of one role follow on a new line."""
    runs: list[Span] = []
    for span in spans:
        if runs and runs[-1].role == span.role:
            runs[-1] = replace(runs[-1], end=span.end)
        else:
            runs.append(span)
    fields: dict[Role, str] = {}
    for run in runs:
        if run.role is None:
            continue
        piece = _one_line(text[run.start : run.end]) if run.role != "sub" else _lines(text[run.start : run.end])
        joiner = "\n" if run.role == "sub" else " "
        fields[run.role] = joiner.join(filter(None, (fields.get(run.role), piece)))
    return fields


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    """Line ends and bars both part lines: a bar is how a field is written on one line, not what an ad should show."""
    return "\n".join(line for part in re.split(r"[\n|｜]", text) if (line := _one_line(part)))


def _promoted(fields: dict[Role, str]) -> dict[str, str]:
    """Something must be the headline: when no words are left over, the field that reads best alone."""
    result: dict[str, str] = {str(role): text for role, text in fields.items()}
    if not result.get("headline"):
        role = next((role for role in _PROMOTED if result.get(role)), None)
        if role:
            result["headline"] = _one_line(result.pop(role))
    return result
