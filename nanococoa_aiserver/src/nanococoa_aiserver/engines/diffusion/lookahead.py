"""What the next steps will need on the device, told to the residency while the present one computes.

The order of an ad's leases is known before it begins (the idea is SGLang's declared component use): what comes next is
brought nearer in the background, and what comes soon is dear to evict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_aiserver.engines.diffusion.host import ModelHost
from nanococoa_aiserver.engines.diffusion.selection import Selection
from nanococoa_aiserver.gpu.residency import Residency

FAR = 8
"""Leases looked ahead: an ad has six, and beyond the next job nobody knows."""


class Lookahead:
    """Translates steps of jobs into components. Steps without models are passed over."""

    def __init__(self, host: ModelHost, residency: Residency, selection: Selection) -> None:
        self._host, self._residency = host, residency
        self._needs = _needs(selection)
        self._names: dict[str, tuple[str, ...]] = {}

    def __call__(self, steps: Sequence[str]) -> None:
        """``steps``: names of the present step and those after it, the next job's included."""
        leases = [
            names for step in steps for spec, parts in self._needs.get(step, ()) if (names := self._of(spec, parts))
        ]
        self._residency.expect(leases[:FAR])
        later = [name for names in leases[1:FAR] for name in names if name not in leases[0]] if leases else []
        self._residency.prefetch(list(dict.fromkeys(later)))

    def _of(self, spec: ModelSpec, parts: Sequence[str]) -> tuple[str, ...]:
        """The residency's names; empty for weights that are not here: what must be downloaded is not for the wings."""
        key = f"{spec.name}:{','.join(parts)}"
        if key not in self._names and self._host.available(spec.name):
            self._names[key] = self._host.known(spec.name, parts)
        return self._names.get(key, ())


def _needs(selection: Selection) -> Mapping[str, Sequence[tuple[ModelSpec, Sequence[str]]]]:
    """The leases of each step, in order. Where nothing is left of a job, the next one's cut-out comes."""
    painting = [(selection.generator, _encoders(selection.generator)), (selection.generator, ("transformer", "vae"))]
    filling = [(selection.fill, _encoders(selection.fill)), (selection.fill, ("transformer", "vae"))]
    looking, scoring = [(selection.vlm, ("model",))], [(selection.koclip, ("model",))]
    return {
        "segment": [(selection.cutout, ("model",))],
        "background": painting,
        "refine": painting,
        "self_check": [*looking, *scoring],
        "analyse": looking,
        "look": looking,
        "locate": [(selection.detector, ("model",)), (selection.sam, ("model",))],
        "edit": painting if selection.fill.name == selection.generator.name else [*painting, *filling],
        "check": [*looking, *scoring],
    }


def _encoders(spec: ModelSpec) -> tuple[str, ...]:
    return tuple(name for name in spec.components if name.startswith("text_encoder"))
