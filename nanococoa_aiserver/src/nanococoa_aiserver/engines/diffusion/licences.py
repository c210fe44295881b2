"""Which weights may be used: those under a non-commercial licence only when the operator says that they have one."""

from __future__ import annotations

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_client.errors import ModelUnavailable


def check_licence(spec: ModelSpec, *, accept_noncommercial: bool) -> None:
    """Raises ModelUnavailable (``model_noncommercial``) naming the licence and what may be used instead."""
    if spec.commercial or accept_noncommercial:
        return
    raise ModelUnavailable("model_noncommercial", model=spec.name, licence=spec.licence, alternative=spec.alternative)
