"""The Hugging Face hub: what a model needs of its repository, fetched at the pinned revision, refusals explained.

``HF_ENDPOINT``, ``HF_HOME`` and ``HF_HUB_OFFLINE`` are the hub library's own and are honoured by it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, errors, set_client_factory, snapshot_download
from huggingface_hub.utils._http import default_client_factory

from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec
from nanococoa_client.errors import ModelLoadError, ServiceError

_SMALL_FILES = ("*.json", "*.txt", "*.model", "*.jinja")
_REFUSALS = (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, httpx2.HTTPError, OSError)
_OTHER_PRECISIONS = ("*.fp16.*", "*.fp16-*", "*.non_ema.*")


def cached(spec: ModelSpec) -> Path | None:
    """The revision's folder in the hub's cache, perhaps not whole; asks no network."""
    try:
        return Path(_snapshot(spec, token=None, local_files_only=True))
    except errors.LocalEntryNotFoundError:
        return None


def download(spec: ModelSpec, token: str | None) -> Path:
    """Fetch what the engine reads of a model and nothing else. Raises ModelLoadError saying what to do."""
    _check_disk(spec)
    _bound_waiting()
    try:
        return Path(_snapshot(spec, token=token, local_files_only=False))
    except _REFUSALS as error:
        raise explained(error, spec.name, spec.hub_id, spec.revision) from error


def allow_patterns(spec: ModelSpec) -> list[str]:
    """Files of the repository that are read: many repositories hold the same weights several times over."""
    if spec.flat:
        return [*_SMALL_FILES, "model*.safetensors", *(["pytorch_model.bin"] if spec.pickled else [])]
    parts = [component.subfolder for component in spec.components.values()]
    tokenizers = [part.replace("text_encoder", "tokenizer") for part in parts if part.startswith("text_encoder")]
    weights = [f"{part}/*.{ending}" for part in parts for ending in ("json", "safetensors")]
    return ["model_index.json", "scheduler/*", *(f"{folder}/*" for folder in tokenizers), *weights]


def fetch_adapter(hub_id: str, token: str | None, limit: int) -> Path:
    """The one safetensors file of an adapter's repository, at most ``limit`` bytes, at its newest revision.

    Raises ModelLoadError as ``download`` does, also when the repository holds no such file.
    """
    offline = constants.HF_HUB_OFFLINE
    _bound_waiting()
    try:
        name = _adapter_name(hub_id, token, limit) if not offline else None
        folder = snapshot_download(
            hub_id,
            allow_patterns=name or "*.safetensors",
            token=token,
            local_files_only=offline,
        )
    except _REFUSALS as error:
        raise explained(error, hub_id, hub_id, "main") from error
    return Path(folder)


def _adapter_name(hub_id: str, token: str | None, limit: int) -> str:
    """The smallest file that may be one: repositories of adapters also hold whole models merged with them."""
    files: Iterable[Any] = HfApi(token=token).list_repo_tree(hub_id)
    sizes: dict[str, int] = {file.path: file.size for file in files if file.path.endswith(".safetensors")}
    small = [path for path, size in sizes.items() if size <= limit]
    if not small:
        raise errors.LocalEntryNotFoundError(f"{hub_id} holds no adapter of at most {limit / 1e9:.1f} GB")
    return min(small, key=lambda path: sizes[path])


def explained(error: Exception, model: str, hub_id: str, revision: str) -> ServiceError:
    """A failure of the hub library in our words: the key says the cause, the sentence what to do."""
    cause = error.__cause__ if isinstance(error, errors.LocalEntryNotFoundError) and error.__cause__ else error
    return ModelLoadError(_key(cause), model=model, hub_id=hub_id, revision=revision, reason=_reason(cause))


def _key(error: BaseException) -> str:
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else None
    if isinstance(error, errors.GatedRepoError):
        return "model_gated"
    if isinstance(error, errors.RevisionNotFoundError):
        return "model_revision_unknown"
    if isinstance(error, errors.RepositoryNotFoundError) or (status == 401 and not _sent_token(error)):
        return "model_not_on_hub"
    if status in (401, 403):
        return "model_token_refused"
    if constants.HF_HUB_OFFLINE or isinstance(error, errors.OfflineModeIsEnabled):
        return "model_offline"
    return "model_hub_unreachable"


def _sent_token(error: BaseException) -> bool:
    return isinstance(error, errors.HfHubHTTPError) and "authorization" in error.response.request.headers


def _reason(error: BaseException) -> str:
    """One line: the kind of failure and the first line of what the library said."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:160]}" if said else type(error).__name__


class _BoundedClient(httpx2.Client):
    """The library asks without any limit of time: a hub that takes a connection and is silent would hang a job."""

    def build_request(self, method: str, url: Any, **options: Any) -> httpx2.Request:
        options["timeout"] = options.get("timeout") or constants.HF_HUB_ETAG_TIMEOUT
        return super().build_request(method, url, **options)


@lru_cache(1)
def _bound_waiting() -> None:
    set_client_factory(_client)


def _client() -> httpx2.Client:
    """As the library makes its own, but for the limit."""
    plain = default_client_factory()
    return _BoundedClient(event_hooks=plain.event_hooks, follow_redirects=plain.follow_redirects)


def _snapshot(spec: ModelSpec, *, token: str | None, local_files_only: bool) -> str:
    folder: str = snapshot_download(
        spec.hub_id,
        revision=spec.revision,
        allow_patterns=allow_patterns(spec),
        ignore_patterns=list(_OTHER_PRECISIONS),
        token=token,
        local_files_only=local_files_only,
    )
    return folder


def _check_disk(spec: ModelSpec) -> None:
    """Half-precision files are what repositories hold; a part that is here already makes this a careful guess."""
    cache = Path(constants.HF_HUB_CACHE)
    existing = next(path for path in (cache, *cache.parents) if path.exists())
    needed, free = spec.bytes("bf16"), shutil.disk_usage(existing).free
    if needed > free:
        raise ModelLoadError(
            "model_disk_full",
            model=spec.name,
            needed_gb=round(needed / 1e9, 1),
            free_gb=round(free / 1e9, 1),
            folder=str(cache),
        )
