"""What the doctor says of models: which will be loaded on this card, how small, what stays there, how long it takes."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from nanococoa_aiserver.cli.terminal import terminal_locale
from nanococoa_aiserver.errors import ServiceError
from nanococoa_aiserver.settings import Settings, SettingsError

if TYPE_CHECKING:
    from nanococoa_aiserver.cli.checks import Finding
    from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
    from nanococoa_aiserver.engines.diffusion.outlook import Outlook
    from nanococoa_aiserver.engines.diffusion.precision import PrecisionChoice
    from nanococoa_aiserver.engines.diffusion.selection import Selection

GIB: Final = 2**30
INSTALL: Final = "scripts/setup --diffusion"


class SeenCard(NamedTuple):
    """The first card as its driver shows it; bytes."""

    name: str
    capability: tuple[int, int]
    total: int
    free: int


class ModelRow(NamedTuple):
    """One line of ``nanococoa models list``. ``on_card``: the precision in which it runs by itself, or why not."""

    name: str
    role: str
    licence: str
    commercial: bool
    here: bool
    gib: float
    on_card: str


def has_torch() -> bool:
    """Whether the diffusion engine's packages are installed; imports none of them."""
    return all(importlib.util.find_spec(name) for name in ("torch", "diffusers", "transformers"))


def seen_card() -> SeenCard | None:
    """Asks NVIDIA's management library; None without a driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
        major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
        return SeenCard(str(pynvml.nvmlDeviceGetName(handle)), (major, minor), int(memory.total), int(memory.free))
    except pynvml.NVMLError:
        return None


def model_rows(settings: Settings) -> list[ModelRow]:
    """Every model of the catalogue, held against this machine."""
    from nanococoa_aiserver.engines.diffusion.catalogue import load_catalogue
    from nanococoa_aiserver.engines.diffusion.files import ModelFiles

    files, card = ModelFiles(settings), seen_card()
    return [
        ModelRow(
            spec.name,
            spec.role,
            spec.licence,
            spec.commercial,
            files.available(spec),
            round(spec.bytes("bf16") / GIB, 2),
            _on_card(spec, settings, card),
        )
        for spec in load_catalogue().values()
    ]


def weights(settings: Settings) -> Finding:
    """Whether the chosen models' files are here and whole."""
    from nanococoa_aiserver.cli.checks import Finding
    from nanococoa_aiserver.engines.diffusion.files import ModelFiles
    from nanococoa_aiserver.engines.diffusion.selection import select_models

    try:
        selection = select_models(settings)
    except (ServiceError, SettingsError) as error:
        said = error.message(terminal_locale()) if isinstance(error, ServiceError) else str(error)
        return Finding("bad", "Models", said, "see docs/models.md")
    if not has_torch():
        return _diffusion_only(settings, "Models", "PyTorch is not installed", INSTALL)
    files = ModelFiles(settings)
    missing = [spec.name for spec in selection.all() if not files.available(spec)]
    if any(spec.name in missing for spec in selection.needed):
        return _diffusion_only(settings, "Models", f"not here: {', '.join(missing)}", "nanococoa models download")
    if missing:
        advice = f"for scores and local edits: nanococoa models download {' '.join(missing)}"
        return Finding("warn", "Models", f"not here: {', '.join(missing)}", advice)
    return Finding("ok", "Models", ", ".join(spec.name for spec in selection.all()))


def placement(settings: Settings) -> Finding:
    """What will be loaded on this card, in which precision, what is swapped, and how long that takes."""
    from nanococoa_aiserver.cli.checks import Finding
    from nanococoa_aiserver.engines.diffusion.outlook import card_named, outlook
    from nanococoa_aiserver.engines.diffusion.precision import choose
    from nanococoa_aiserver.engines.diffusion.selection import select_models

    card = seen_card()
    if card is None:
        return _no_card(settings)
    budget = _budget(card, settings)
    try:
        selection = select_models(settings)
        choice = choose(settings.precision, card.capability, budget, selection.needed, card.name)
    except (ServiceError, SettingsError) as error:
        said = error.message(terminal_locale()) if isinstance(error, ServiceError) else str(error)
        return _diffusion_only(settings, "Card", said, "see docs/models.md")
    seen = outlook(selection, choice, budget, card_named(card.name))
    return Finding("ok", "Card", _placed(card, budget, selection, choice, seen), _swaps(seen))


def _no_card(settings: Settings) -> Finding:
    """Diffusion runs on a processor, too: right for tiny checkpoints, hardly for pictures."""
    from nanococoa_aiserver.cli.checks import Finding

    verdict: Literal["warn", "ok"] = "warn" if settings.engine == "diffusion" else "ok"
    advice = "ENGINE=studio needs no card; diffusion on a processor takes many minutes a picture"
    return Finding(verdict, "Card", "no CUDA card answers: models would run on the processor", advice)


def _on_card(spec: ModelSpec, settings: Settings, card: SeenCard | None) -> str:
    from nanococoa_aiserver.engines.diffusion.precision import choose

    if card is None:
        return "no card"
    try:
        choice = choose(settings.precision, card.capability, _budget(card, settings), [spec], card.name)
    except ServiceError as error:
        return "nf4, needs bitsandbytes" if error.key == "model_nf4_missing" else "too large"
    return choice.transformer if "transformer" in spec.components else choice.others


def _budget(card: SeenCard, settings: Settings) -> int:
    limit = card.free if settings.gpu_memory_gb is None else int(settings.gpu_memory_gb * GIB)
    return min(card.free, limit)


def _placed(card: SeenCard, budget: int, selection: Selection, choice: PrecisionChoice, seen: Outlook) -> str:
    stored = ", ".join(f"{spec.name} {choice.bytes(spec) / GIB:.1f}" for spec in selection.needed)
    room = f"{seen.bytes / GIB:.1f} of {budget / GIB:.1f} GiB free on {card.name}"
    how = f"transformer {choice.transformer}, encoders {choice.others}"
    return f"{room} ({stored}); {how}{_times(seen)}"


def _times(seen: Outlook) -> str:
    if seen.disk_seconds is None or seen.host_seconds is None or seen.first_ad_seconds is None:
        return "; this kind of card has not been measured"
    return (
        f"; estimated: {seen.disk_seconds:.0f} s to load from disk, {seen.host_seconds:.1f} s from memory, "
        f"first picture after {seen.first_ad_seconds:.0f} s"
    )


def _swaps(seen: Outlook) -> str:
    if not seen.swapped:
        return "all stay on the card: no swapping"
    seconds = "" if seen.swap_seconds is None else f", estimated {seen.swap_seconds:.1f} s an ad"
    return f"swapped once an ad: {', '.join(seen.swapped)}{seconds}; a smaller model or PRECISION=fp8 avoids it"


def _diffusion_only(settings: Settings, name: str, found: str, advice: str) -> Finding:
    """Bad when the diffusion engine was asked for by name; else the studio engine does without."""
    from nanococoa_aiserver.cli.checks import Finding

    if settings.engine == "diffusion":
        return Finding("bad", name, found, advice)
    return Finding("ok", name, f"{found}; the studio engine needs none", advice)


MODEL_CHECKS: Final[tuple[Callable[[Settings], Finding], ...]] = (weights, placement)
