"""Every way in which a model can't be loaded, made for real on tiny folders and a hub of our own, and what is said."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from nanococoa_aiserver.engines.diffusion import hub
from nanococoa_aiserver.engines.diffusion.catalogue import ModelSpec, find_model
from nanococoa_aiserver.engines.diffusion.files import ModelFiles
from nanococoa_aiserver.engines.diffusion.loading import Source, load
from nanococoa_aiserver.engines.diffusion.weights import check_model
from nanococoa_aiserver.settings import Settings
from nanococoa_client.errors import ModelLoadError, ModelUnavailable

pytestmark = pytest.mark.diffusion
KLEIN = find_model("flux2-klein-4b")


@pytest.fixture
def klein(tiny_models: Path, tmp_path: Path) -> Path:
    """A copy of the tiny klein to damage."""
    return shutil.copytree(tiny_models / KLEIN.name, tmp_path / KLEIN.name)


def refused(folder: Path, component: str = "transformer", spec: ModelSpec = KLEIN) -> ModelLoadError:
    """What loading says, also in Korean; the check without loading says the same."""
    with pytest.raises(ModelLoadError) as loading:
        load(Source(spec, component, folder, "full", on_cpu=True))
    assert spec.name in loading.value.message("ko")
    return loading.value


def shards(part: Path, stem: str) -> None:
    """Cut a component's one file into two, with the index that says which tensor is where."""
    from safetensors.torch import load_file, save_file

    whole = part / f"{stem}.safetensors"
    tensors = load_file(whole)
    names = sorted(tensors)
    halves = {f"{stem}-00001-of-00002.safetensors": names[::2], f"{stem}-00002-of-00002.safetensors": names[1::2]}
    for file, inside in halves.items():
        save_file({name: tensors[name] for name in inside}, part / file, metadata={"format": "pt"})
    placed = {name: file for file, inside in halves.items() for name in inside}
    (part / f"{whole.name}.index.json").write_text(json.dumps({"metadata": {}, "weight_map": placed}))
    whole.unlink()


@pytest.mark.parametrize("keep", [0, 4, 8, 200, -1])
def test_a_file_cut_off_anywhere_is_found_before_loading(klein: Path, keep: int) -> None:
    path = klein / "transformer" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    error = refused(klein)
    assert error.key == "model_truncated"
    assert str(path) in error.message("en")


def test_a_file_with_bytes_too_many_is_found(klein: Path) -> None:
    with (klein / "vae" / "diffusion_pytorch_model.safetensors").open("ab") as file:
        file.write(b"more")
    assert refused(klein, "vae").key == "model_truncated"


def test_a_file_whose_header_is_not_one_is_damaged(klein: Path) -> None:
    path = klein / "transformer" / "diffusion_pytorch_model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:8] + b"}" + whole[9:])
    assert refused(klein).key == "model_files_damaged"


def test_shards_load_whole_and_a_missing_one_is_named(klein: Path) -> None:
    shards(klein / "transformer", "diffusion_pytorch_model")
    load(Source(KLEIN, "transformer", klein, "full", on_cpu=True))
    gone = klein / "transformer" / "diffusion_pytorch_model-00002-of-00002.safetensors"
    gone.unlink()
    error = refused(klein)
    assert error.key == "model_files_missing"
    assert gone.name in error.message("en")


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("transformer/config.json", "model_files_missing"),
        ("text_encoder/model.safetensors", "model_files_missing"),
        ("scheduler/scheduler_config.json", "model_files_missing"),
    ],
)
def test_a_missing_file_is_named_by_the_check(klein: Path, file: str, key: str) -> None:
    check_model(KLEIN, klein)
    (klein / file).unlink()
    with pytest.raises(ModelLoadError) as found:
        check_model(KLEIN, klein)
    assert found.value.key == key
    assert file in found.value.message("en")


def test_a_missing_tokenizer_is_named_by_the_check(klein: Path) -> None:
    shutil.rmtree(klein / "tokenizer")
    with pytest.raises(ModelLoadError, match="tokenizer"):
        check_model(KLEIN, klein)


def test_a_config_that_is_not_json_is_damaged(klein: Path) -> None:
    (klein / "vae" / "config.json").write_text("{")
    assert refused(klein, "vae").key == "model_files_damaged"


def test_another_models_folder_is_told_by_its_config(klein: Path, tiny_models: Path) -> None:
    shutil.rmtree(klein / "transformer")
    shutil.copytree(tiny_models / "flux1-schnell" / "transformer", klein / "transformer")
    error = refused(klein)
    assert error.key == "model_other_architecture"
    assert "FluxTransformer2DModel" in error.message("en")
    assert "Flux2Transformer2DModel" in error.message("en")


def test_weights_that_lack_a_tensor_are_never_left_at_random_values(klein: Path) -> None:
    from safetensors.torch import load_file, save_file

    for component, file in (("transformer", "diffusion_pytorch_model"), ("text_encoder", "model")):
        path = klein / component / f"{file}.safetensors"
        tensors = load_file(path)
        tensors.pop(max(tensors, key=lambda name: tensors[name].numel()))
        save_file(tensors, path, metadata={"format": "pt"})
        assert refused(klein, component).key in ("model_other_layout", "model_load_reason")


def test_weights_of_another_size_are_refused(klein: Path) -> None:
    config = json.loads((klein / "transformer" / "config.json").read_text())
    config["joint_attention_dim"] += 16
    (klein / "transformer" / "config.json").write_text(json.dumps(config))
    assert refused(klein).key in ("model_other_layout", "model_load_reason")


def test_too_little_ram_is_told_before_loading(klein: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nanococoa_aiserver.gpu.memory import Ram

    monkeypatch.setattr("nanococoa_aiserver.engines.diffusion.loading.ram", lambda: Ram(2**30, 1000))
    error = refused(klein)
    assert error.key == "model_host_memory"
    assert "transformer" in error.message("en")


def test_memory_that_runs_out_while_loading_is_told_as_such(klein: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import diffusers

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(diffusers.Flux2Transformer2DModel, "from_pretrained", full)
    assert refused(klein).key == "model_host_memory"


class Hub(BaseHTTPRequestHandler):
    """Poses as the hub: says ``status`` to everything, with the real one's headers."""

    status: ClassVar[int] = 200
    code: ClassVar[str] = ""
    said: ClassVar[str] = ""
    tokens: ClassVar[list[str | None]] = []
    silent: ClassVar[threading.Event | None] = None

    def do_GET(self) -> None:
        type(self).tokens.append(self.headers.get("Authorization"))
        if self.silent is not None:
            self.silent.wait(10)
            return
        self.send_response(self.status)
        for name, value in (("X-Error-Code", self.code), ("X-Error-Message", self.said), ("Content-Length", "0")):
            if value:
                self.send_header(name, value)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 the base class's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class's name
        pass


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., type[Hub]]]:
    """Starts a hub that answers as told; the library is online, asks it alone, and does not wait between tries."""
    from huggingface_hub import close_session, constants

    servers: list[ThreadingHTTPServer] = []

    def start(status: int, code: str = "", said: str = "", base: type[Hub] = Hub, **more: object) -> type[Hub]:
        told = {"status": status, "code": code, "said": said, "tokens": [], **more}
        handler: type[Hub] = type("ToldHub", (base,), told)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        point_to(f"http://127.0.0.1:{server.server_port}")
        return handler

    def point_to(endpoint: str) -> None:
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        template = f"{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)

    point_to("http://127.0.0.1:9")  # nobody is there until a hub is started
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    close_session()
    yield start
    close_session()
    for server in servers:
        server.shutdown()
        server.server_close()


def fetched(**settings: object) -> ModelLoadError:
    """What fetching BiRefNet says."""
    with pytest.raises(ModelLoadError) as error:
        ModelFiles(Settings.model_validate(settings)).folder(find_model("birefnet"))
    assert error.value.message("ko")
    return error.value


@pytest.mark.parametrize(
    ("status", "code", "said", "key"),
    [
        (401, "GatedRepo", "", "model_gated"),
        (403, "GatedRepo", "", "model_gated"),
        (403, "", "token lacks the permission", "model_token_refused"),
        (401, "", "", "model_not_on_hub"),
        (404, "RepoNotFound", "", "model_not_on_hub"),
        (404, "RevisionNotFound", "", "model_revision_unknown"),
        (503, "", "", "model_hub_unreachable"),
    ],
)
def test_what_the_hub_refuses_is_told_with_its_cause(
    online: Callable[..., type[Hub]], status: int, code: str, said: str, key: str
) -> None:
    online(status, code, said)
    error = fetched()
    assert error.key == key
    assert "ZhengPeng7/BiRefNet" in error.message("en")


def test_the_token_is_sent_to_the_hub_and_never_shown(online: Callable[..., type[Hub]]) -> None:
    handler = online(401, "", "Invalid credentials in Authorization header")
    error = fetched(hf_token="hf_secret")
    assert error.key == "model_token_refused"
    assert set(handler.tokens) == {"Bearer hf_secret"}
    assert "hf_secret" not in error.message("en") + json.dumps(error.details)


@pytest.mark.alone
def test_a_silent_hub_is_given_up(online: Callable[..., type[Hub]]) -> None:
    done, started = threading.Event(), time.monotonic()
    online(200, silent=done)
    try:
        assert fetched().key == "model_hub_unreachable"
    finally:
        done.set()
    assert time.monotonic() - started < 9, "the hub gave up before we did"


@pytest.mark.usefixtures("online")
def test_no_hub_at_all_is_told() -> None:
    assert fetched().key == "model_hub_unreachable"


class ServingHub(Hub):
    """Gives out a folder's files as the hub's repository ``ZhengPeng7/BiRefNet``."""

    folder: ClassVar[Path]
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        type(self).asked.append(f"{self.command} {path}")
        if "/tree/" in path:
            return self._send(json.dumps([self._entry(file) for file in sorted(self.folder.rglob("*.*"))]).encode())
        file = self.folder / path.partition("/resolve/")[2].partition("/")[2]
        return self._send(file.read_bytes(), etag=f'"{file.name}"')

    do_HEAD = do_GET  # noqa: N815 the base class's name

    def _entry(self, file: Path) -> dict[str, object]:
        name = str(file.relative_to(self.folder))
        return {"type": "file", "path": name, "size": file.stat().st_size, "oid": file.name}

    def _send(self, body: bytes, **headers: str) -> None:
        self.send_response(200)
        told = {"Content-Length": str(len(body)), "X-Repo-Commit": find_model("birefnet").revision, **headers}
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


def test_a_model_is_fetched_whole_once_and_what_is_not_read_is_left_there(
    online: Callable[..., type[Hub]], tiny_models: Path, tmp_path: Path
) -> None:
    shelf = shutil.copytree(tiny_models / "birefnet", tmp_path / "shelf")
    (shelf / "birefnet.onnx").write_bytes(b"not read")
    handler = online(200, base=ServingHub, folder=shelf, asked=[])
    assert issubclass(handler, ServingHub)
    files, spec = ModelFiles(Settings()), find_model("birefnet")
    folder = files.folder(spec)
    assert files.available(spec)
    assert (folder / "model.safetensors").read_bytes() == (shelf / "model.safetensors").read_bytes()
    assert not any("onnx" in asked for asked in handler.asked)
    before = list(handler.asked)
    assert files.folder(spec) == folder
    assert handler.asked == before


def test_offline_says_which_variable_forbids_it() -> None:
    error = fetched()
    assert error.key == "model_offline"
    assert "HF_HUB_OFFLINE" in error.message("ko")


def test_a_full_disk_is_told_before_anything_is_fetched(
    online: Callable[..., type[Hub]], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = online(200)
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert fetched().key == "model_disk_full"
    assert handler.tokens == []


def test_a_licence_that_was_not_accepted_asks_the_hub_nothing(online: Callable[..., type[Hub]]) -> None:
    handler = online(200)
    with pytest.raises(ModelUnavailable, match="ACCEPT_NONCOMMERCIAL_MODELS"):
        ModelFiles(Settings()).folder(find_model("flux1-dev"))
    assert handler.tokens == []


def test_models_dir_needs_no_hub_and_the_hubs_cache_is_used_when_whole(
    tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    spec = find_model("birefnet")
    assert ModelFiles(Settings(models_dir=tiny_models)).folder(spec) == tiny_models / "birefnet"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--ZhengPeng7--BiRefNet" / "snapshots" / spec.revision
    files = ModelFiles(Settings(models_dir=tmp_path / "elsewhere"))
    assert not files.available(spec)
    shutil.copytree(tiny_models / "birefnet", snapshot)
    assert files.available(spec)
    assert files.folder(spec) == snapshot
    (snapshot / "model.safetensors").write_bytes(b"")
    assert not files.available(spec)
    with pytest.raises(ModelLoadError) as error:
        files.folder(spec)
    assert error.value.key == "model_truncated"


def test_only_what_the_engine_reads_is_fetched() -> None:
    from huggingface_hub.utils import filter_repo_objects

    held = [
        "flux-2-klein-4b.safetensors",
        "README.md",
        "model_index.json",
        "scheduler/scheduler_config.json",
        "text_encoder/config.json",
        "text_encoder/model-00001-of-00002.safetensors",
        "text_encoder/model.fp16.safetensors",
        "tokenizer/tokenizer.json",
        "transformer/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.bin",
    ]
    read = filter_repo_objects(held, allow_patterns=hub.allow_patterns(KLEIN), ignore_patterns=["*.fp16.*"])
    assert list(read) == [held[index] for index in (2, 3, 4, 5, 7, 8)]
    flat = filter_repo_objects(
        ["model.safetensors", "pytorch_model.bin", "tf_model.h5", "config.json", "sam2.pt"],
        allow_patterns=hub.allow_patterns(find_model("clip-vit-l14")),
    )
    assert list(flat) == ["model.safetensors", "config.json"]
