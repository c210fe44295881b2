"""Graphics cards as data: how much they hold, how fast weights reach them, how fast they compute (``cards.toml``)."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from nanococoa_aiserver.gpu.memory import GIB

CONTEXT_GIB = 0.75
"""Not for weights or activations: the CUDA context with cuBLAS and cuDNN, and kernels loaded when first called."""
MASTERS_SHARE = 0.6
"""Of the host's RAM at most this much holds masters, as ``gpu/memory.py`` has it."""


class Card(BaseModel):
    """One kind of card in the machine it usually comes with. GB/s and TFLOP/s are decimal, GiB binary."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    memory_gib: float = Field(gt=0)
    capability: tuple[int, int]
    copy_gbps: float = Field(gt=0)
    disk_gbps: float = Field(gt=0)
    host_gib: float = Field(gt=0)
    bf16_tflops: float = Field(gt=0)
    fp8_tflops: float = Field(ge=0)
    sustained: float = Field(gt=0, le=1)
    memory_gbps: float = Field(gt=0)

    @property
    def budget(self) -> int:
        """Bytes for weights and activations."""
        return int((self.memory_gib - CONTEXT_GIB) * GIB)

    @property
    def host_budget(self) -> int:
        """Bytes of page-locked masters."""
        return int(self.host_gib * MASTERS_SHARE * GIB)

    def seconds_from_host(self, size: int) -> float:
        """To copy ``size`` bytes from their page-locked master."""
        return size / (self.copy_gbps * 1e9)

    def seconds_from_disk(self, size: int) -> float:
        """To read ``size`` bytes from the disk into host memory and then copy them."""
        return size / (self.disk_gbps * 1e9) + self.seconds_from_host(size)

    def compute_seconds(self, tflop: float, *, eight_bit: bool = False) -> float:
        """For ``tflop`` of matrix work, on the 8 bit tensor cores where it is quantized and the card has them."""
        peak = self.fp8_tflops if eight_bit and self.fp8_tflops else self.bf16_tflops
        return tflop / (peak * self.sustained)


@lru_cache(1)
def load_cards() -> dict[str, Card]:
    """Every card by name, in the file's order."""
    entries = tomllib.loads(resources.files(__package__).joinpath("cards.toml").read_text("utf-8"))
    return {name: Card.model_validate({"name": name, **entry}) for name, entry in entries.items()}
