"""Expected failures of the aiserver: one base with a code, a status and a message for people.

The tree is the client package's, so that every service names a failure the same way::

    ServiceError
    ├── InvalidImage, InvalidPrompt, InvalidParameter     400 / 422
    ├── Unauthorized                                      401
    ├── JobNotFound, ArtifactNotFound                     404
    ├── JobNotResumable                                   409
    ├── PayloadTooLarge                                   413
    ├── CutoutUncertain                                   422
    ├── RateLimited                                       429
    ├── GpuOutOfMemory, ModelLoadError, StorageFull ...   500 / 507
    ├── UpstreamUnavailable                               502
    └── QueueFull, ModelUnavailable, DatabaseUnavailable  503

``JobStopped`` is not a failure: it unwinds a step when its job was stopped.
"""

from __future__ import annotations

from nanococoa_client.errors import (
    ArtifactNotFound,
    CutoutUncertain,
    DatabaseUnavailable,
    InternalError,
    InvalidImage,
    InvalidParameter,
    InvalidPrompt,
    JobNotFound,
    JobNotResumable,
    ModelUnavailable,
    PayloadTooLarge,
    QueueFull,
    RenderFailed,
    ServiceError,
    StorageFull,
    Unauthorized,
)

__all__ = [
    "ArtifactNotFound",
    "CutoutUncertain",
    "DatabaseUnavailable",
    "InternalError",
    "InvalidImage",
    "InvalidParameter",
    "InvalidPrompt",
    "JobNotFound",
    "JobNotResumable",
    "JobStopped",
    "ModelUnavailable",
    "PayloadTooLarge",
    "QueueFull",
    "RenderFailed",
    "ServiceError",
    "StorageFull",
    "Unauthorized",
]


class JobStopped(Exception):
    """Raised inside a step when its job was stopped; the step leaves nothing behind."""
