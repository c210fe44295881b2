"""How small the weights must be on this card: 16 bits while everything fits at once, else 8, at last 4.

Text encoders and the vision-language model go first: they read a prompt once, while the transformer's errors add up
over the denoising steps. Decoders, CLIP and the cut-out model are never made smaller: they are small already.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nanococoa_aiserver.engines.diffusion.catalogue import ComponentSpec, ModelSpec, Storage
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.settings import Precision
from nanococoa_client.errors import ModelLoadError

FP8_MATMUL: Final = (8, 9)
"""The least compute capability whose tensor cores multiply float8 (Ada: L4, RTX 6000 Ada; Hopper)."""

WORKSPACE: Final = 4 * GIB
"""Kept free for activations when choosing: an assumption. Leases go by the peaks that were measured."""

Capability = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class PrecisionChoice:
    """How components are stored: transformers, other quantizable ones, and the rest. ``fits`` says whether all the
    models wanted stay on the device together."""

    transformer: Storage
    others: Storage
    fixed: Storage
    fits: bool

    def storage(self, name: str, component: ComponentSpec) -> Storage:
        if not component.quantizable:
            return self.fixed
        return self.transformer if name == "transformer" else self.others

    def bytes(self, spec: ModelSpec) -> int:
        """Bytes of a model's weights as they are stored under this choice."""
        return sum(part.bytes(self.storage(name, part)) for name, part in spec.components.items())


def choose(
    precision: Precision, capability: Capability, free: int, wanted: Sequence[ModelSpec], device: str = ""
) -> PrecisionChoice:
    """``free`` bytes of a card of ``capability`` (None: the CPU) hold ``wanted``, as large as they may be.

    Raises ModelLoadError when not even one model fits by itself, or the package for 4 bits is missing.
    """
    if capability is None and precision == "auto":
        return _sized(("full", "full"), "full", free, wanted)
    if precision != "auto":
        choice = _sized(_asked(precision, capability), "bf16", free, wanted)
        return _checked(choice, free if capability else None, wanted, device)
    eight: Storage = "int8" if capability is not None and capability < FP8_MATMUL else "fp8"
    ladder = [_sized(pair, "bf16", free, wanted) for pair in (("bf16", "bf16"), ("bf16", eight), (eight, eight))]
    choice = next((step for step in ladder if step.fits), ladder[-1])
    if _largest(choice, wanted) > free:
        choice = _sized(("nf4", "nf4"), "bf16", free, wanted)
    return _checked(choice, free, wanted, device)


def _asked(precision: Precision, capability: Capability) -> tuple[Storage, Storage]:
    """The same for all; float8 without float8 tensor cores is a way to store weights alone."""
    stored: dict[Precision, Storage] = {"bf16": "bf16", "int8": "int8", "nf4": "nf4", "fp8": "fp8"}
    chosen = stored[precision]
    if chosen == "fp8" and (capability is None or capability < FP8_MATMUL):
        chosen = "fp8-weight"
    return chosen, chosen


def _sized(pair: tuple[Storage, Storage], fixed: Storage, free: int, wanted: Sequence[ModelSpec]) -> PrecisionChoice:
    choice = PrecisionChoice(*pair, fixed, fits=False)
    together = sum(choice.bytes(spec) for spec in wanted) + WORKSPACE
    return PrecisionChoice(*pair, fixed, fits=together <= free)


def _checked(choice: PrecisionChoice, free: int | None, wanted: Sequence[ModelSpec], device: str) -> PrecisionChoice:
    """``free`` is None for RAM, which the loader checks by the files themselves."""
    needed = _largest(choice, wanted)
    if free is not None and needed > free:
        raise ModelLoadError(
            "model_card_too_small",
            model=max(wanted, key=lambda spec: largest_lease(choice, spec)).name,
            card=device,
            needed_gb=round(needed / GIB, 1),
            free_gb=round(free / GIB, 1),
        )
    if "nf4" in (choice.transformer, choice.others) and importlib.util.find_spec("bitsandbytes") is None:
        raise ModelLoadError("model_nf4_missing", model=", ".join(spec.name for spec in wanted))
    return choice


def _largest(choice: PrecisionChoice, wanted: Sequence[ModelSpec]) -> int:
    return max((largest_lease(choice, spec) for spec in wanted), default=0)


def largest_lease(choice: PrecisionChoice, spec: ModelSpec) -> int:
    """Bytes that one piece of work with a model needs at once: its encoders, or everything else (with activations)."""
    parts = {name: part.bytes(choice.storage(name, part)) for name, part in spec.components.items()}
    encoders = sum(size for name, size in parts.items() if name.startswith("text_encoder"))
    return max(encoders, sum(parts.values()) - encoders) + (0 if choice.fixed == "full" else WORKSPACE // 2)
