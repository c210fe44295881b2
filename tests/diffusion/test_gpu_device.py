"""What a device says of its memory, and how a start without enough of it, or with an old driver, is refused."""

from __future__ import annotations

import gc
import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pynvml
import pytest
import torch

from nanococoa_aiserver.gpu import card_check, prepare_allocator
from nanococoa_aiserver.gpu.card_check import check_driver, check_free
from nanococoa_aiserver.gpu.device import CpuDevice, Device, Memory, open_device
from nanococoa_aiserver.gpu.memory import GIB, host_budget, ram
from nanococoa_client.errors import ModelLoadError

pytestmark = pytest.mark.diffusion


def test_without_a_card_the_processor_is_opened() -> None:
    device: Device = open_device()
    assert device.torch_device == torch.device("cpu")
    assert device.capability is None


def test_the_processor_may_use_what_its_container_leaves_within_the_limit() -> None:
    assert CpuDevice().memory().total == ram().total
    assert CpuDevice(limit_gb=0.5).memory().total == GIB // 2
    assert 0 <= CpuDevice(limit_gb=0.5).memory().room <= GIB // 2


def test_the_processors_peak_falls_back_once_it_is_reset() -> None:
    device, size = CpuDevice(), 256 * 2**20
    gc.collect()  # what earlier tests left must not be given back meanwhile
    device.reset_peak()
    before = device.peak_bytes()
    torch.ones(size, dtype=torch.uint8)
    assert device.peak_bytes() - before > size // 2
    device.reset_peak()
    assert device.peak_bytes() - before < size // 2


def test_an_upload_to_the_processor_copies_nothing() -> None:
    tensor = torch.ones(3)
    assert CpuDevice().upload(tensor) is tensor


def test_room_counts_what_is_reserved_and_not_handed_out() -> None:
    assert Memory(total=24, free=4, allocated=12, reserved=20).room == 12


def test_the_allocator_is_told_to_expand_segments_unless_somebody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTORCH_ALLOC_CONF", "")
    monkeypatch.delenv("PYTORCH_ALLOC_CONF")
    prepare_allocator()
    assert os.environ["PYTORCH_ALLOC_CONF"] == "expandable_segments:True"
    monkeypatch.setenv("PYTORCH_ALLOC_CONF", "backend:native")
    prepare_allocator()
    assert os.environ["PYTORCH_ALLOC_CONF"] == "backend:native"


# -- containers -----------------------------------------------------------------------------------------------------


def machine(root: Path, groups: str, files: dict[str, str]) -> Path:
    """A file system with these control groups."""
    for name, text in {"proc/self/cgroup": groups, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def group(folder: str, limit: str, used: int, cache: int, version: int = 2) -> dict[str, str]:
    names = ("memory.max", "memory.current", "inactive_file")
    if version == 1:
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    return {
        f"{folder}/{names[0]}": f"{limit}\n",
        f"{folder}/{names[1]}": f"{used}\n",
        f"{folder}/memory.stat": f"anon 1\n{names[2]} {cache}\n",
    }


V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"


def test_a_container_of_version_2_limits_ram_and_its_cache_can_be_had(tmp_path: Path) -> None:
    root = machine(tmp_path, "0::/\n", group(V2, str(GIB // 4), used=GIB // 8, cache=GIB // 16))
    assert ram(root).total == GIB // 4
    assert ram(root).available == GIB // 4 - GIB // 8 + GIB // 16


def test_a_container_of_version_1_limits_ram(tmp_path: Path) -> None:
    files = group(f"{V1}/docker/1", str(GIB // 4), used=GIB // 8, cache=0, version=1)
    root = machine(tmp_path, "5:cpu:/x\n4:memory:/docker/1\n", files)
    assert ram(root).total == GIB // 4
    assert ram(root).available == GIB // 8


def test_the_tightest_group_above_counts(tmp_path: Path) -> None:
    files = {
        **group(f"{V2}/a/b", "max", used=0, cache=0),
        **group(f"{V2}/a", str(GIB // 4), used=GIB // 5, cache=0),
        **group(V2, str(GIB // 2), used=GIB // 2, cache=0),
    }
    found = ram(machine(tmp_path, "0::/a/b\n", files))
    assert found.total == GIB // 4
    assert found.available == 0


@pytest.mark.parametrize("limit", ["max", str(2**63 - 4096), "nonsense"])
def test_a_group_without_a_limit_leaves_the_machines_memory(tmp_path: Path, limit: str) -> None:
    root = machine(tmp_path, "0::/\n", group(V2, limit, used=0, cache=0))
    assert ram(root).total == psutil.virtual_memory().total


def test_without_control_groups_the_machines_memory_counts(tmp_path: Path) -> None:
    assert ram(tmp_path).total == psutil.virtual_memory().total


def test_the_host_budget_leaves_ram_for_the_rest_and_obeys_its_limit() -> None:
    assert 0 < host_budget() < ram().available
    assert host_budget(0.25) == GIB // 4
    assert host_budget(10**6) <= psutil.virtual_memory().total


# -- cards ----------------------------------------------------------------------------------------------------------


class Nvml(SimpleNamespace):
    """NVIDIA's management library with one card and an old or a new driver."""

    def __init__(self, cuda_driver: int = 13000, used_gib: float = 0, cards: int = 1, **processes: Any) -> None:
        super().__init__()
        self.NVMLError = pynvml.NVMLError
        self.nvmlInit = self.nvmlShutdown = lambda: None
        self.nvmlDeviceGetCount = lambda: cards
        self.nvmlDeviceGetHandleByIndex = self.nvmlDeviceGetHandleByUUID = lambda _: "card"
        self.nvmlDeviceGetName = lambda _: "NVIDIA L4"
        self.nvmlSystemGetDriverVersion = lambda: "535.54.03"
        self.nvmlSystemGetCudaDriverVersion = lambda: cuda_driver
        self.nvmlDeviceGetMemoryInfo = lambda _: SimpleNamespace(total=24 * GIB, used=int(used_gib * GIB))
        running = [SimpleNamespace(pid=int(pid[1:]), usedGpuMemory=int(gib * GIB)) for pid, gib in processes.items()]
        self.nvmlDeviceGetComputeRunningProcesses = lambda _: running


class Card(CpuDevice):
    """A card of 22.5 GiB of which ``free`` are left."""

    def __init__(self, free: float) -> None:
        super().__init__()
        self.name = "NVIDIA L4"
        self._memory = Memory(int(22.5 * GIB), int(free * GIB), 0, 0)

    def memory(self) -> Memory:
        return self._memory


@pytest.fixture(autouse=True)
def _card_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_check, "_uuid", lambda _: "GPU-1")


def _with(monkeypatch: pytest.MonkeyPatch, nvml: Nvml, cuda: str | None = "13.0") -> None:
    monkeypatch.setattr(card_check, "pynvml", nvml)
    monkeypatch.setattr(torch.version, "cuda", cuda)


def test_a_driver_too_old_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, Nvml(cuda_driver=12020))
    with pytest.raises(ModelLoadError) as caught:
        check_driver()
    for locale in ("ko", "en"):
        said = caught.value.message(locale)
        assert all(part in said for part in ("NVIDIA L4", "535.54.03", "12.2", "13.0"))


def test_a_card_that_torch_cannot_use_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, Nvml(cuda_driver=13000))
    with pytest.raises(ModelLoadError) as caught:
        check_driver()
    assert caught.value.key == "gpu_unusable"
    assert caught.value.details["reason"]


def test_a_torch_for_the_processor_on_a_machine_with_a_card_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _with(monkeypatch, Nvml(), cuda=None)
    check_driver()
    assert "NVIDIA L4" in caplog.text


def test_no_card_and_no_driver_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, Nvml(cards=0))
    check_driver()
    monkeypatch.undo()
    check_driver()


def test_too_little_free_memory_is_refused_with_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    _with(monkeypatch, Nvml(used_gib=21.5))
    with pytest.raises(ModelLoadError) as caught:
        check_free(Card(free=1.0))  # type: ignore[arg-type]
    assert caught.value.details == {"card": "NVIDIA L4", "free": 1.0, "total": 22.5, "needed": 2.0}


def test_much_taken_by_others_is_a_warning_that_names_them(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _with(monkeypatch, Nvml(used_gib=9.5, _1=9.5))
    check_free(Card(free=13.0))  # type: ignore[arg-type]
    assert "13.0 GiB of 22.5 GiB free" in caplog.text
    assert "(pid 1, 9.5 GiB)" in caplog.text


def test_a_free_card_is_no_warning(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    _with(monkeypatch, Nvml(used_gib=0.4))
    with caplog.at_level(logging.WARNING):
        check_free(Card(free=22.0))  # type: ignore[arg-type]
    assert caplog.text == ""
