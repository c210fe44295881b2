"""One component and where its weights are: on the device, in host memory, or on disk alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from torch import nn

from nanococoa_aiserver.gpu.device import Device
from nanococoa_aiserver.gpu.host import Weights
from nanococoa_aiserver.gpu.memory import GIB, ram
from nanococoa_aiserver.gpu.oom import is_out_of_memory
from nanococoa_aiserver.gpu.plan import Item
from nanococoa_client.errors import ModelLoadError, ServiceError

Place: TypeAlias = Literal["vram", "host", "disk"]

_DISK_BYTES_PER_SECOND = 1.5e9
_UPLOAD_BYTES_PER_SECOND = 12e9
"""First guesses (a cloud's NVMe; PCIe 4 with half its lanes' worth), until a load was measured."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Component:
    """One module of a model, e.g. ``flux2-klein-4b/transformer``.

    ``load`` brings it from disk to host memory and raises ModelLoadError; ``expected_bytes`` is the catalogue's
    footprint, used until the exact one is known.
    """

    name: str
    load: Callable[[], nn.Module]
    expected_bytes: int


@dataclass(eq=False, slots=True)
class Placed:
    """A component's present state. ``busy`` is held by the thread that loads or uploads it."""

    component: Component
    weights: Weights | None = None
    disk_seconds: float | None = None
    upload_seconds: float | None = None
    last_used: float = 0.0
    busy: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        return self.component.name

    @property
    def place(self) -> Place:
        if self.weights is None:
            return "disk"
        return "vram" if self.weights.on_device else "host" if self.weights.in_host else "disk"

    @property
    def in_host(self) -> bool:
        return self.weights is not None and self.weights.in_host

    @property
    def bytes(self) -> int:
        return self.component.expected_bytes if self.weights is None else self.weights.bytes

    @property
    def from_disk_seconds(self) -> float:
        return self.bytes / _DISK_BYTES_PER_SECOND if self.disk_seconds is None else self.disk_seconds

    @property
    def reload_seconds(self) -> float:
        """What bringing it back to the device would take from where its master is."""
        upload = self.bytes / _UPLOAD_BYTES_PER_SECOND if self.upload_seconds is None else self.upload_seconds
        return upload if self.in_host else upload + self.from_disk_seconds

    def item(self, reload_seconds: float | None = None) -> Item:
        seconds = self.reload_seconds if reload_seconds is None else reload_seconds
        return Item(self.name, self.bytes, seconds, self.last_used)

    def load(self, clock: Callable[[], float]) -> None:
        """From disk to host memory. Raises ModelLoadError for whatever the loader meets."""
        started = clock()
        module = self._loaded()
        if self.weights is None:
            self.weights = Weights(module)
        else:
            self.weights.adopt(module)
        self.disk_seconds = clock() - started
        logger.info("%s: %.2f GiB read in %.1f s", self.name, self.bytes / GIB, self.disk_seconds)

    def upload(self, device: Device, clock: Callable[[], float]) -> None:
        """From host memory to the device."""
        assert self.weights is not None
        started = clock()
        self.weights.upload(device)
        self.upload_seconds = clock() - started

    def _loaded(self) -> nn.Module:
        try:
            return self.component.load()
        except ServiceError:
            raise
        except Exception as error:
            if isinstance(error, MemoryError) or is_out_of_memory(error):
                needed, free = round(self.bytes / GIB, 1), round(ram().available / GIB, 1)
                raise ModelLoadError("model_load_ram", model=self.name, needed=needed, free=free) from None
            logger.exception("%s could not be loaded", self.name)
            raise ModelLoadError("model_load", model=self.name) from error
