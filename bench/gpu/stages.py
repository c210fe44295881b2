"""Seconds and memory of each stage of an ad, by the classes that do it in the product, beside the arithmetic floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count, pairwise
from time import perf_counter
from typing import Any

from bench.gpu.arithmetic import against_floor, count_flops
from bench.gpu.rig import CUTOUT, Rig, never_stopped, photo
from bench.measure import median
from nanococoa_aiserver.engines.diffusion.clip import ClipScorer
from nanococoa_aiserver.engines.diffusion.generators.embeddings import EmbeddingCache
from nanococoa_aiserver.engines.diffusion.generators.families import open_generator
from nanococoa_aiserver.engines.diffusion.generators.request import Brief, Watch
from nanococoa_aiserver.engines.diffusion.segmenter import BiRefNetSegmenter
from nanococoa_aiserver.engines.diffusion.vlm.chat import QwenChat
from nanococoa_aiserver.gpu.memory import GIB
from nanococoa_aiserver.gpu.turn import Lane
from nanococoa_aiserver.imaging.types import Rgb

PROMPT = "아침 햇살이 드는 나무 탁자, a wooden table in the morning sun, soft shadows, room for text on the left"
QUESTION = "이 제품은 무엇이고 어떤 분위기인가요? Describe the product and the light."

_number = count()


@dataclass(slots=True)
class StepClock:
    """``Progress`` that notes when each denoising step was really over."""

    rig: Rig
    moments: list[float] = field(default_factory=list)

    def __call__(self, step: str, share: float) -> None:
        self.rig.wait()
        self.moments.append(perf_counter())


def measure_encoding(rig: Rig, rate: float) -> dict[str, Any]:
    """A prompt that no cache has met, through the text encoders."""
    return _measured(rig, lambda: encode(rig), rate)


def measure_painting(rig: Rig, size: tuple[int, int], rate: float) -> dict[str, Any]:
    """Denoising and decoding one picture of ``size``; ``rate`` is the matmul rate in FLOP/s."""
    seconds = repeated_painting(rig, size)
    memory = _memory(rig)
    step, decode = _painting_flops(rig, size)
    return {
        "size": list(size),
        "steps": rig.plan.steps or rig.generator.spec.steps,
        "denoise": {"seconds": seconds["denoise"]},
        "step": {"seconds": seconds["step"], **against_floor(step, rate, seconds["step"])},
        "decode": {"seconds": seconds["decode"], **against_floor(decode, rate, seconds["decode"])},
        "total_seconds": seconds["total"],
        **memory,
    }


def repeated_painting(rig: Rig, size: tuple[int, int]) -> dict[str, float]:
    """The medians of several pictures after one that warms up."""
    paint(rig, size)
    runs = [paint(rig, size) for _ in range(rig.plan.repeats)]
    return {name: median([run[name] for run in runs]) for name in runs[0]}


def paint(rig: Rig, size: tuple[int, int], steps: int | None = None) -> dict[str, float]:
    """Seconds of one picture whose prompt is encoded already: each step, all of them, decoding, and together."""
    clock, brief = StepClock(rig), Brief(PROMPT, steps=steps or rig.plan.steps)
    watch = Watch("paint", clock, never_stopped)
    rig.generator.embeddings(PROMPT, "", watch)
    rig.wait()
    started = perf_counter()
    _, total = rig.timed(lambda: rig.generator.paint(brief, size, watch))
    between = [later - earlier for earlier, later in pairwise(clock.moments)]
    denoise = clock.moments[-1] - started
    return {
        "step": median(between) if between else denoise,
        "denoise": denoise,
        "decode": total - denoise,
        "total": total,
    }


def encode(rig: Rig) -> None:
    generator = open_generator(rig.host, rig.plan.generator, EmbeddingCache(), rig.plan.canvas)
    text = f"{PROMPT} {next(_number)}"
    generator.embeddings(text, "", Watch("encode", lambda step, share: None, never_stopped))


def measure_looking(rig: Rig, rate: float) -> dict[str, Any]:
    """Cut-out, a CLIP score, and an answer of the vision-language model about one picture."""
    tokens: list[int] = []
    return {
        "cutout": _measured(rig, lambda: cut_out(rig), rate),
        "score": _measured(rig, lambda: score(rig), rate),
        "answer": _measured(rig, lambda: tokens.append(answer(rig)), rate) | {"tokens": tokens[-1]},
    }


def cut_out(rig: Rig, lane: Lane = "heavy") -> None:
    BiRefNetSegmenter(rig.host, lane=lane, model=CUTOUT).cut(_picture(rig), None, never_stopped)


def score(rig: Rig, lane: Lane = "heavy") -> None:
    ClipScorer(rig.host, lane=lane).score(_picture(rig), PROMPT, "openai", never_stopped)


def answer(rig: Rig, lane: Lane = "heavy") -> int:
    """How many tokens were written: the lease asks before the run and after each token whether to stop."""
    asked: list[None] = []
    with QwenChat(rig.host, rig.plan.vlm, lane).open("ask", lambda: asked.append(None)) as dialogue:
        before = len(asked)
        dialogue.answer("Answer briefly.", QUESTION, _picture(rig), rig.plan.answer_tokens)
        return len(asked) - before - 1


def _picture(rig: Rig) -> Rgb:
    return photo(*rig.plan.sizes[0])


def _measured(rig: Rig, task: Callable[[], object], rate: float) -> dict[str, Any]:
    task()
    seconds = median([rig.timed(task)[1] for _ in range(rig.plan.repeats)])
    memory = _memory(rig)
    return {"seconds": seconds, **against_floor(count_flops(task), rate, seconds), **memory}


def _painting_flops(rig: Rig, size: tuple[int, int]) -> tuple[int, int]:
    """Of one step and of decoding, from pictures of one and two steps."""
    one, two = (count_flops(partial(paint, rig, size, steps)) for steps in (1, 2))
    return two - one, one - (two - one)


def _memory(rig: Rig) -> dict[str, float]:
    """Of the last lease, weights included; in unified memory that of the whole process."""
    return {"peak_gib": rig.device.peak_bytes() / GIB}
