"""What a step of an ad may use and tell: its inputs, the engines, the files, and the way out when it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from nanococoa_aiserver.artifacts.store import ArtifactStore
from nanococoa_aiserver.engines.wiring import Engines
from nanococoa_aiserver.render import LayerRenderer
from nanococoa_aiserver.settings import Settings

Results: TypeAlias = Mapping[str, dict[str, Any]]
"""What the earlier steps returned, by step name: small JSON with artifact ids, never images."""


class StepContext(Protocol):
    """Given to each step by ``jobs/``; the command line has a plain one without a database."""

    @property
    def job_id(self) -> str: ...

    @property
    def request(self) -> dict[str, Any]:
        """The request as kept in the job's row: images replaced by artifact ids."""
        ...

    @property
    def engines(self) -> Engines: ...

    @property
    def artifacts(self) -> ArtifactStore: ...

    @property
    def renderer(self) -> LayerRenderer:
        """The worker's locked-down browser, started on first use."""
        ...

    @property
    def settings(self) -> Settings: ...

    def progress(self, sub_step: str, share: float) -> None:
        """Tell clients what is being done; ``share`` 0..1 of this step. Raises ``JobStopped`` like ``check_stop``."""
        ...

    def preview(self, name: str, artifact: str) -> None:
        """Show a picture before the job is done (``step1_result``)."""
        ...

    def check_stop(self) -> None:
        """Raise ``JobStopped`` when the job was stopped."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """A named, durable step. ``run`` writes its files to the store and returns references only."""

    name: str
    stage: str
    run: Callable[[StepContext, Results], dict[str, Any]]
