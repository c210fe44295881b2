"""Settings of the aiserver: environment variables read once, wrong ones refused at start by their name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LogFormat: TypeAlias = Literal["text", "json"]
Precision: TypeAlias = Literal["auto", "bf16", "fp8", "int8", "nf4"]
_ARTIFACT_SCHEMES = ("file://", "s3://", "gs://", "az://", "memory://")


class SettingsError(ValueError):
    """A setting that cannot be used; the text names the variable and says what it may be."""


class Settings(BaseSettings):
    """The environment, typed. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, populate_by_name=True, frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 inside a container")
    port: int = Field(8000, ge=1, le=65535)
    data_dir: Path = Field(Path("data"), description="Where the default database and files live")
    jobs_url: str = Field("", description="sqlite:///… or postgresql://…; empty: jobs.db in DATA_DIR")
    artifacts_url: str = Field("", description="file://… or s3://…; empty: artifacts in DATA_DIR")
    engine: Literal["auto", "studio", "diffusion"] = "auto"
    workers: int = Field(1, ge=0, le=64, description="Worker processes kept by `nanococoa serve`")
    aiserver_token: SecretStr | None = Field(None, description="When set, everything but /health asks for it")
    queue_limit: int = Field(100, ge=1, description="Waiting heavy jobs before 503 QUEUE_FULL")
    keep_jobs_days: float = Field(30, gt=0, description="Finished jobs and their files are deleted after this")
    log: LogFormat = Field("text", description="Log format")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    openai_api_key: SecretStr | None = Field(None, description="With it (or a base URL) copy is laid out by an LLM")
    openai_base_url: str | None = Field(None, description="Any OpenAI-compatible endpoint")
    openai_model: str = "gpt-5-mini"

    models_dir: Path | None = Field(None, description="Folders of weights by model name; else the hub's cache")
    generator_model: str = Field("flux2-klein-4b", description="Paints, refines and edits: a name in models.toml")
    vlm_model: str = Field("qwen3-vl-4b", description="Looks at pictures and answers questions")
    fill_model: str = Field("", description="Fills a region in local edits; empty: the generator, or sd3-medium")
    precision: Precision = Field("auto", description="auto chooses from the card")
    compile: bool = Field(False, description="torch.compile of the repeated blocks: slow start, faster pictures")
    warm_up: bool = Field(True, description="Load the models and run each once before the first job")
    self_check: bool = Field(True, description="Ask the vision-language model whether each picture is what was asked")
    accept_noncommercial_models: bool = Field(False, description="1: you have a licence for non-commercial weights")
    gpu_memory_gb: float | None = Field(None, gt=0, description="Use at most this much of the card")
    host_memory_gb: float | None = Field(None, gt=0, description="Keep at most this much of the weights in RAM")
    hf_token: SecretStr | None = Field(None, description="For models that the hub gates")

    chromium_path: Path | None = Field(None, description="Empty: looked for on PATH, then Playwright's own")

    @field_validator("jobs_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url.replace("postgres://", "postgresql://", 1)

    @field_validator("artifacts_url")
    @classmethod
    def _known_store(cls, url: str) -> str:
        if url and not url.startswith(_ARTIFACT_SCHEMES):
            raise ValueError(f"must begin with one of {', '.join(_ARTIFACT_SCHEMES)}")
        return url

    @property
    def database_url(self) -> str:
        """``JOBS_URL``, or the SQLite file in ``DATA_DIR``."""
        return self.jobs_url or f"sqlite:///{self.data_dir.absolute() / 'jobs.db'}"

    @property
    def store_url(self) -> str:
        """``ARTIFACTS_URL``, or the folder in ``DATA_DIR``."""
        return self.artifacts_url or (self.data_dir.absolute() / "artifacts").as_uri()

    def environment(self) -> dict[str, str]:
        """The variables that give a child process these same settings."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name.upper(): _revealed(value) for name, value in values.items() if value is not None}


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, flags (``overrides`` that are not None) winning.

    Raises SettingsError naming every variable that is wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())


def _revealed(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
