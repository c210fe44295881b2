"""A CUDA error that is not a lack of memory ends the process, at once and with one line of log."""

from __future__ import annotations

import subprocess
import sys
from typing import NoReturn

import pytest
import torch

from nanococoa_aiserver.gpu.poison import EXIT_CODE, is_poison
from nanococoa_aiserver.gpu.residency import Residency
from support.components import component, never
from support.fake_device import FakeDevice

pytestmark = pytest.mark.diffusion

LOST = torch.AcceleratorError("CUDA error: an illegal memory access was encountered")


class Ended(BaseException):
    """Stands for the end of the process, which no code sees."""


def end(error: BaseException) -> NoReturn:
    raise Ended from error


@pytest.fixture
def residency() -> Residency:
    residency = Residency(FakeDevice(10**6), host_bytes=10**6, on_poison=end)
    residency.add(component("a"))
    return residency


@pytest.mark.parametrize(
    "error",
    [
        LOST,
        RuntimeError("CUDA error: device-side assert triggered"),
        RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ],
)
def test_a_lost_context_ends_the_process(residency: Residency, error: RuntimeError) -> None:
    def call(_: object) -> None:
        raise error

    with (
        pytest.raises(Ended) as ended,
        residency.lease(["a"], activity="paint", workspace=0, lane="heavy", stop=never) as lease,
    ):
        lease.run(call)
    assert ended.value.__cause__ is error


def test_a_lost_context_is_noticed_outside_a_guarded_call_too(residency: Residency) -> None:
    with pytest.raises(Ended), residency.lease(["a"], activity="paint", workspace=0, lane="heavy", stop=never):
        raise LOST


def test_a_lost_context_is_noticed_while_weights_are_copied(
    residency: Residency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_: torch.Tensor) -> torch.Tensor:
        raise LOST

    monkeypatch.setattr(residency.device, "upload", lost)
    with pytest.raises(Ended), residency.lease(["a"], activity="paint", workspace=0, lane="heavy", stop=never):
        raise AssertionError("leased")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        ValueError("CUDA error"),
    ],
)
def test_other_errors_leave_the_process_alone(error: BaseException) -> None:
    assert not is_poison(error)


WORKER = """
import logging, sys
import torch
from nanococoa_aiserver.gpu.residency import Residency
from support.components import component, never
from support.fake_device import FakeDevice

logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
residency = Residency(FakeDevice(10**6), host_bytes=10**6)
residency.add(component("a"))

def call(effort):
    raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered\\nCompile with ...")

try:
    with residency.lease(["a"], activity="paint", workspace=0, lane="heavy", stop=never) as lease:
        lease.run(call)
finally:
    print("cleaned up")
"""


def test_a_poisoned_worker_process_exits_at_once_with_one_line_of_log() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WORKER], capture_output=True, text=True, timeout=60, cwd=_tests(), check=False
    )
    assert ended.returncode == EXIT_CODE == 70
    assert "cleaned up" not in ended.stdout
    lines = [line for line in ended.stderr.splitlines() if line.startswith("CRITICAL")]
    assert len(lines) == 1
    assert "an illegal memory access" in lines[0]


def _tests() -> str:
    return next(path for path in sys.path if path.endswith("/tests"))
