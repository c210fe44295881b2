"""What to expect of a card before anything is loaded: precision, what stays on it, what is swapped, how long it takes.

Pure: sizes from the catalogue, speeds from ``gpu/cards.toml``, evictions by ``gpu/plan.py``. Imports no torch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_aiserver.engines.diffusion.precision import WORKSPACE, PrecisionChoice
from nanococoa_aiserver.engines.diffusion.selection import Selection
from nanococoa_aiserver.gpu.cards import Card, load_cards
from nanococoa_aiserver.gpu.plan import Item, plan

SQUARE = 1024
"""Pixels on a side of the picture whose painting is estimated."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """``swapped`` components leave the card once per ad; ``swap_seconds`` is what bringing them back takes. Seconds are
    estimates, None where the kind of card is not known."""

    bytes: int
    swapped: tuple[str, ...]
    disk_seconds: float | None
    host_seconds: float | None
    paint_seconds: float | None
    swap_seconds: float | None

    @property
    def first_ad_seconds(self) -> float | None:
        """Loading the models from disk and painting once."""
        if self.disk_seconds is None or self.paint_seconds is None:
            return None
        return self.disk_seconds + self.paint_seconds


def outlook(selection: Selection, choice: PrecisionChoice, budget: int, card: Card | None) -> Outlook:
    """What one ad after another does on a card with ``budget`` bytes for weights and activations."""
    items = dict(_items(selection.needed, choice, card))
    size = sum(item.bytes for item in items.values())
    swapped = _swapped(items, _leases(selection), budget)
    return Outlook(
        bytes=size,
        swapped=swapped,
        disk_seconds=card.seconds_from_disk(size) if card else None,
        host_seconds=card.seconds_from_host(size) if card else None,
        paint_seconds=_paint_seconds(selection.generator, choice, card) if card else None,
        swap_seconds=sum(items[name].reload_seconds for name in swapped) if card else None,
    )


def card_named(name: str) -> Card | None:
    """The card that the driver calls ``name``, e.g. ``NVIDIA L4``; None when its speeds are not known."""
    words = set(name.lower().replace("-", " ").split())
    fitting = [card for card in load_cards().values() if set(_title_words(card)) <= words]
    return max(fitting, key=lambda card: len(_title_words(card)), default=None)


def _title_words(card: Card) -> list[str]:
    return re.sub(r"\d+ GB.*", "", card.title).lower().replace("-", " ").split()


def _items(models: Sequence[ModelSpec], choice: PrecisionChoice, card: Card | None) -> Iterator[tuple[str, Item]]:
    for spec in models:
        for name, part in spec.components.items():
            size = part.bytes(choice.storage(name, part))
            full = f"{spec.name}/{name}"
            yield full, Item(full, size, card.seconds_from_host(size) if card else float(size), 0.0)


def _leases(selection: Selection) -> list[list[str]]:
    """What an ad leases, in its order: matte, prompt, picture, then the look at it."""
    generator = selection.generator
    encoders = [f"{generator.name}/{name}" for name in generator.components if name.startswith("text_encoder")]
    painters = [f"{generator.name}/{name}" for name in generator.components if not name.startswith("text_encoder")]
    return [[f"{selection.cutout.name}/model"], encoders, painters, [f"{selection.vlm.name}/model"]]


def _swapped(items: dict[str, Item], leases: Sequence[list[str]], budget: int) -> tuple[str, ...]:
    """Components evicted during the second ad, when everything has been on the card once."""
    resident: set[str] = set()
    evicted: list[str] = []
    for turn, needed in enumerate([*leases, *leases]):
        made = plan(items=items, resident=resident, needed=needed, budget=budget, workspace=WORKSPACE // 2)
        resident = (resident - set(made.evict)) | set(needed)
        items = {name: _used(item, turn) if name in needed else item for name, item in items.items()}
        evicted += made.evict if turn >= len(leases) else ()
    return tuple(dict.fromkeys(evicted))


def _used(item: Item, turn: int) -> Item:
    return Item(item.name, item.bytes, item.reload_seconds, float(turn + 1))


def _paint_seconds(spec: ModelSpec, choice: PrecisionChoice, card: Card) -> float:
    """Two operations per weight and token (Kaplan et al., 2020), a token per 16×16 pixels and per prompt token."""
    transformer = spec.component("transformer")
    tokens = (SQUARE // 16) ** 2 + spec.text_limit
    tflop = 2 * transformer.parameters * 1e9 * tokens * spec.steps / 1e12
    return card.compute_seconds(tflop, eight_bit=choice.transformer == "fp8")
