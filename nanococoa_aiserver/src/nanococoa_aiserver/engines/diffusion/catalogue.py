"""The models this engine knows, read from ``models.toml``: where each comes from, what it may do, what it needs.

Imports no torch, so that the command line and the planners can speak of models on a machine that has none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nanococoa_aiserver.settings import SettingsError

Role: TypeAlias = Literal["cutout", "generator", "vlm", "clip", "koclip", "detector", "sam", "fill"]
Family: TypeAlias = Literal[
    "birefnet",
    "flux1",
    "flux2-klein",
    "flux2",
    "zimage",
    "qwen3-vl",
    "qwen2-vl",
    "clip",
    "grounding-dino",
    "sam2",
    "sd3",
]
Library: TypeAlias = Literal["diffusers", "transformers", "nobg"]
Dtype: TypeAlias = Literal["bfloat16", "float16", "float32"]
Storage: TypeAlias = Literal["full", "bf16", "fp8", "fp8-weight", "int8", "nf4"]
"""How a component's weights are kept: ``full`` is float32 (the CPU), ``bf16`` the component's own 16 or 32 bit dtype,
``fp8`` is float8 weights with activations quantized on the fly, ``fp8-weight`` float8 weights alone."""

HALVES: Mapping[Dtype, int] = {"bfloat16": 2, "float16": 2, "float32": 4}
LINEAR_BYTES: Mapping[Storage, float] = {"fp8": 1, "fp8-weight": 1, "int8": 1, "nf4": 0.5625}
"""Bytes of a linear weight: NF4 is 4 bits and a float32 scale per block of 64 (Dettmers et al., 2023, QLoRA)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ComponentSpec(_Strict):
    """One ``nn.Module`` of a model. ``also`` are further class names that its ``config.json`` may state."""

    class_name: str
    library: Library
    subfolder: str = ""
    also: tuple[str, ...] = ()
    parameters: float = Field(gt=0, description="Billions, all weights")
    linear: float = Field(default=0.0, ge=0, description="Billions in the layers that a quantization makes smaller")
    quantizable: bool = False
    dtype: Dtype = "bfloat16"

    @model_validator(mode="after")
    def _linear_weights_are_a_part(self) -> Self:
        if self.linear > self.parameters or (self.quantizable and not self.linear):
            raise ValueError("linear is the part of parameters that can be quantized")
        return self

    def bytes(self, storage: Storage) -> int:
        """Bytes of the weights as stored; what cannot be quantized keeps its own dtype."""
        if storage == "full":
            return round(self.parameters * 4e9)
        if storage == "bf16" or not self.quantizable:
            return round(self.parameters * HALVES[self.dtype] * 1e9)
        kept = (self.parameters - self.linear) * HALVES[self.dtype]
        return round((self.linear * LINEAR_BYTES[storage] + kept) * 1e9)


class ModelSpec(_Strict):
    """One model. Generators state how they are asked: ``distilled`` ones have their guidance built in, ``negative``
    ones take negative prompts, ``text_limit`` counts the tokens after which a prompt is cut."""

    name: str
    role: Role
    family: Family
    hub_id: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: str
    pinned: bool = True
    pickled: bool = Field(default=False, description="Its weights may come as pytorch_model.bin")
    licence: str
    commercial: bool
    alternative: str | None = Field(default=None, description="What does the same work under a commercial licence")
    components: dict[str, ComponentSpec] = Field(min_length=1)
    steps: int = Field(default=0, ge=0)
    guidance: float = Field(default=0.0, ge=0)
    distilled: bool = False
    negative: bool = False
    languages: tuple[str, ...] = ()
    text_limit: int = Field(default=0, ge=0)
    size_multiple: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _pinned_to_a_commit(self) -> Self:
        commit = len(self.revision) == 40 and set(self.revision) <= set("0123456789abcdef")
        if commit != self.pinned:
            raise ValueError("pinned means that revision is a commit of 40 hexadecimal digits")
        return self

    @model_validator(mode="after")
    def _generators_say_how_they_are_asked(self) -> Self:
        if self.role in ("generator", "fill") and not (self.steps and self.text_limit and self.languages):
            raise ValueError("a generator needs steps, text_limit and languages")
        return self

    @property
    def flat(self) -> bool:
        """Whether the weights lie in the folder itself (transformers), not in folders per component (diffusers)."""
        return all(not component.subfolder for component in self.components.values())

    def component(self, name: str) -> ComponentSpec:
        """Raises ``KeyError`` naming the known ones."""
        if name not in self.components:
            raise KeyError(f"{self.name} has no component {name}; known: {', '.join(self.components)}")
        return self.components[name]

    def bytes(self, storage: Storage) -> int:
        return sum(component.bytes(storage) for component in self.components.values())


@lru_cache(1)
def load_catalogue() -> dict[str, ModelSpec]:
    """Every model by name, in the file's order. Raises ``ValueError`` where the file contradicts itself."""
    return read_catalogue(resources.files(__package__).joinpath("models.toml").read_text("utf-8"))


def read_catalogue(text: str) -> dict[str, ModelSpec]:
    """The models of a TOML text. Raises ``ValueError`` where it contradicts itself."""
    models = {name: ModelSpec.model_validate({"name": name, **entry}) for name, entry in tomllib.loads(text).items()}
    for model in models.values():
        _check_alternative(model, models)
    return models


def _check_alternative(model: ModelSpec, models: Mapping[str, ModelSpec]) -> None:
    if model.commercial == (model.alternative is not None):
        raise ValueError(f"{model.name}: a non-commercial model, and only such a one, names an alternative")
    if model.alternative is not None and not models[model.alternative].commercial:
        raise ValueError(f"{model.name}: its alternative {model.alternative} is not commercial either")


def find_model(name: str, roles: Sequence[Role] = (), variable: str = "") -> ModelSpec:
    """The model of that name; ``variable`` is the setting it was named in.

    Raises ``SettingsError`` naming the known ones (of ``roles``, where given).
    """
    known = {key: spec for key, spec in load_catalogue().items() if not roles or spec.role in roles}
    if name not in known:
        asked = f"{variable}: " if variable else ""
        raise SettingsError(f"{asked}there is no model {name!r} for this; known: {', '.join(known)}")
    return known[name]
