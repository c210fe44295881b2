"""How much memory an activity takes beside the weights, measured while it runs."""

from __future__ import annotations

from collections.abc import Callable

from nanococoa_aiserver.gpu.device import Device


class Peaks:
    """The highest activation peak of each activity, e.g. ``flux2-klein-4b/paint-1024x1024``, in bytes."""

    def __init__(self, device: Device, resident_bytes: Callable[[], int]) -> None:
        self.by_activity: dict[str, int] = {}
        self._device = device
        self._resident = resident_bytes
        self._weights = self._other = 0

    def workspace(self, activity: str, declared: int) -> int:
        """What was measured, else what the caller declared.

        In unified memory the peak is that of the whole process, too coarse to plan with.
        """
        return declared if self._device.unified else self.by_activity.get(activity, declared)

    def highest(self) -> int:
        return 0 if self._device.unified else max(self.by_activity.values(), default=0)

    def begin(self) -> None:
        """What is allocated now beside the weights belongs to somebody else."""
        self._weights = self._resident()
        self._other = max(0, self._device.memory().allocated - self._weights)
        self._device.reset_peak()

    def end(self, activity: str) -> None:
        weights = max(self._weights, self._resident())
        peak = max(0, self._device.peak_bytes() - weights - self._other)
        self.by_activity[activity] = max(peak, self.by_activity.get(activity, 0))
