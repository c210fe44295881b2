"""Where a model's files are: ``MODELS_DIR/<name>`` first, then the hub's cache, then the hub itself."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_aiserver.engines.diffusion.licences import check_licence
from nanococoa_aiserver.engines.diffusion.weights import check_model
from nanococoa_aiserver.settings import Settings
from nanococoa_client.errors import ModelLoadError, ModelUnavailable


class ModelFiles:
    """The model folders of one server. The hub's library is imported only when a folder is not in ``MODELS_DIR``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def find(self, spec: ModelSpec) -> Path | None:
        """The folder that is at hand, whole or not; asks no network."""
        local = self.local_folder(spec)
        if local is not None and local.is_dir():
            return local
        if not _has_hub_library():
            return None
        from nanococoa_aiserver.engines.diffusion import hub

        return hub.cached(spec)

    def local_folder(self, spec: ModelSpec) -> Path | None:
        """Where ``MODELS_DIR`` would have the model, whether it is there or not."""
        return self._settings.models_dir / spec.name if self._settings.models_dir else None

    def available(self, spec: ModelSpec) -> bool:
        """Whether the model is at hand and whole; asks no network and loads nothing."""
        return self.problem(spec) is None

    def problem(self, spec: ModelSpec) -> ModelLoadError | None:
        """What keeps the model from being at hand, None when it is."""
        folder = self.find(spec)
        if folder is None:
            return ModelLoadError("model_not_here", model=spec.name)
        try:
            check_model(spec, folder)
        except ModelLoadError as error:
            return error
        return None

    def folder(self, spec: ModelSpec) -> Path:
        """The model's folder, downloaded at the pinned revision when it is not at hand.

        Raises ModelUnavailable for a licence that was not accepted, ModelLoadError where the hub gives nothing.
        """
        check_licence(spec, accept_noncommercial=self._settings.accept_noncommercial_models)
        found = self.find(spec)
        if found is not None and (found == self.local_folder(spec) or self.available(spec)):
            return found
        return self.download(spec)

    def download(self, spec: ModelSpec) -> Path:
        """Fetch the model from the hub; what is there already is not fetched again, and all of it is checked.

        Raises as ``folder`` does.
        """
        check_licence(spec, accept_noncommercial=self._settings.accept_noncommercial_models)
        if not _has_hub_library():
            raise ModelUnavailable("diffusion_not_installed")
        from nanococoa_aiserver.engines.diffusion import hub

        token = self._settings.hf_token
        folder = hub.download(spec, token.get_secret_value() if token else None)
        check_model(spec, folder)
        return folder


def _has_hub_library() -> bool:
    return find_spec("huggingface_hub") is not None
