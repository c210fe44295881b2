"""The prompts of ``prompts.toml``, with foreign text put in between marks that its writer can't have known."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from hashlib import blake2b
from importlib import resources
from typing import Any, Literal, TypeAlias

Locale: TypeAlias = Literal["ko", "en"]

VIEWS = ("spatial", "color_material", "lighting_mood", "overall")
GIVEN_LIMIT = 6000  # characters of a foreign text: three of a request's longest fields together
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def system(locale: Locale) -> str:
    return str(_texts()["system"][locale])


def view(name: str, locale: Locale) -> str:
    return str(_texts()["views"][name][locale])


def title(name: str, locale: Locale) -> str:
    """A view's name for people."""
    return str(_texts()["views"][name]["title"][locale])


def written(name: str, locale: Locale = "en", **given: str) -> str:
    """The prompt ``name`` with each of ``given`` between its own marks; only ``avoid`` is a prompt of ours already."""
    marked = {key: text if key == "avoid" else between_marks(text) for key, text in given.items()}
    return str(_texts()[name][locale]).format(**marked)


def between_marks(text: str) -> str:
    """``text`` between marks that carry its own digest: to close them early, it would have to contain its own hash."""
    shown = text.strip()[:GIVEN_LIMIT]
    digest = blake2b(shown.encode(), digest_size=4).hexdigest()
    return f"<given {digest}>\n{shown}\n</given {digest}>"


def has_hangul(text: str) -> bool:
    return _HANGUL.search(text) is not None


def locale_of(text: str) -> Locale:
    """Korean where there is any Hangul."""
    return "ko" if has_hangul(text) else "en"


@lru_cache(1)
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("prompts.toml").read_text("utf-8"))
