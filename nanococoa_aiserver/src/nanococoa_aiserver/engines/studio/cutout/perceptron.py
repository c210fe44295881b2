"""Small multi-layer perceptrons and boosted trees over fitted coefficients, evaluated in NumPy."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Perceptron:
    """Layers of (inputs, outputs) weights with ReLU between them; inputs are standardised and capped first."""

    mean: Floats
    scale: Floats
    layers: tuple[tuple[Floats, Floats], ...]

    def __call__(self, features: Floats) -> Floats:
        """(..., inputs) -> (...,) probabilities."""
        values = np.clip((features.reshape(-1, features.shape[-1]) - self.mean) * self.scale, -5, 5)
        for weights, bias in self.layers[:-1]:
            values = np.maximum(values @ weights + bias, np.float32(0))
        weights, bias = self.layers[-1]
        logit = (values @ weights + bias)[:, 0].clip(-15, 15)
        return np.asarray(1 / (1 + np.exp(-logit)), np.float32).reshape(features.shape[:-1])


def perceptron(table: Mapping[str, Floats], name: str) -> Perceptron:
    """The perceptron stored under ``name/mean``, ``name/scale``, ``name/w0``, ``name/b0`` and so on."""
    depth = sum(key.startswith(f"{name}/w") for key in table)
    layers = tuple((table[f"{name}/w{i}"], table[f"{name}/b{i}"]) for i in range(depth))
    return Perceptron(table[f"{name}/mean"], table[f"{name}/scale"], layers)


def coefficients() -> dict[str, Floats]:
    """The fitted numbers beside this module (``tools/fit_cutout`` writes them)."""
    data = files(__package__).joinpath("coefficients.npz").read_bytes()
    with np.load(io.BytesIO(data)) as stored:
        layout, values = json.loads(stored["layout"].tobytes()), stored["values"].astype(np.float32)
    ends = np.cumsum([math.prod(shape) for _, shape in layout])
    pieces = np.split(values, ends[:-1])
    return {name: piece.reshape(shape) for (name, shape), piece in zip(layout, pieces, strict=True)}
