"""What a residency tells ``/metrics`` and the dashboard: plain numbers that become JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from nanococoa_aiserver.gpu.device import Memory
from nanococoa_aiserver.gpu.placed import Place, Placed


@dataclass(frozen=True, slots=True)
class ComponentState:
    """One component. ``bytes`` is exact once it was loaded; seconds are those of its last load, None before one."""

    name: str
    place: Place
    bytes: int
    in_host: bool
    pinned: bool
    disk_seconds: float | None
    upload_seconds: float | None


@dataclass(frozen=True, slots=True)
class ResidencyState:
    """One moment. ``swaps`` counts moves since the start: ``read`` from disk, ``uploaded`` to the device, ``evicted``
    from it, ``spilled`` masters dropped from host memory; ``out_of_memory`` counts attempts by the ladder's rung;
    ``peak_bytes`` are the activations' by activity."""

    device: str
    memory: Memory
    components: tuple[ComponentState, ...]
    swaps: dict[str, int]
    out_of_memory: dict[str, int]
    peak_bytes: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def component_state(placed: Placed) -> ComponentState:
    return ComponentState(
        name=placed.name,
        place=placed.place,
        bytes=placed.bytes,
        in_host=placed.in_host,
        pinned=placed.weights is not None and placed.weights.pinned,
        disk_seconds=placed.disk_seconds,
        upload_seconds=placed.upload_seconds,
    )
