"""A version of an ad: its files and its text layer stored first, then the rows that name them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, AdImage, AdVersion
from nanococoa_backend.ads.repository import AdImages, AdVersions
from nanococoa_backend.media.models import Asset
from nanococoa_backend.media.service import finished_file
from nanococoa_backend.platform.store import AssetStore
from nanococoa_client.schemas import AdLayer, Checks


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished file in the store; ``asset`` is not yet in the database."""

    format: str
    asset: Asset
    bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a version consists of."""

    job_id: str
    files: Sequence[StoredFile]
    layer: AdLayer | None
    layer_key: str | None
    checks: Checks
    warnings: Sequence[str]


def stored_file(store: AssetStore, business_id: uuid.UUID, format_name: str, data: bytes) -> StoredFile:
    """Raises StoreFull, InvalidPicture."""
    return StoredFile(format_name, finished_file(store, business_id, data, "ad"), len(data))


def stored_layer(store: AssetStore, business_id: uuid.UUID, layer: AdLayer | None) -> str | None:
    """The layer's key. Raises StoreFull."""
    if layer is None:
        return None
    return store.put(business_id, layer.model_dump_json().encode(), "application/json")


def layer_of(store: AssetStore, version: AdVersion) -> AdLayer | None:
    """The text layer of a version; None for a picture without one."""
    return AdLayer.model_validate_json(store.get(version.layer)) if version.layer else None


def add_version(
    session: Session, ad: Ad, outcome: Outcome, *, source: str = "made", user_id: uuid.UUID | None = None
) -> AdVersion:
    """The ad's next version, which becomes the one it shows."""
    versions = AdVersions(session)
    fields = outcome.layer.fields.model_dump() if outcome.layer else {}
    version = versions.add(
        AdVersion(
            business_id=ad.business_id,
            ad_id=ad.id,
            user_id=user_id,
            number=versions.last_number(ad.id) + 1,
            source=source,
            job_id=outcome.job_id,
            layer=outcome.layer_key,
            style=outcome.layer.style if outcome.layer else "",
            fields=fields,
            checks=outcome.checks.model_dump(mode="json"),
            warnings=list(outcome.warnings),
        )
    )
    _add_files(session, ad, version, outcome.files)
    show(session, ad, version)
    return version


def show(session: Session, ad: Ad, version: AdVersion) -> None:
    """Let the ad show one of its versions."""
    files = AdImages(session).of(version.id)
    ad.version_id, ad.cover_id = version.id, files[0][1].id if files else None
    ad.needs_look = needs_look(Checks.model_validate(version.checks))


def needs_look(checks: Checks) -> bool:
    """Whether a person should look: hard to read, a doubtful cut-out, or not what was asked for."""
    return (
        (checks.legibility is not None and not checks.legibility.passed)
        or (checks.fidelity is not None and checks.fidelity.cutout_verdict == "uncertain")
        or (checks.self_check is not None and checks.self_check.verdict == "fail")
    )


def _add_files(session: Session, ad: Ad, version: AdVersion, files: Sequence[StoredFile]) -> None:
    session.add_all([file.asset for file in files])
    session.flush()
    session.add_all(
        AdImage(
            business_id=ad.business_id,
            version_id=version.id,
            asset_id=file.asset.id,
            format=file.format,
            position=position,
            width=file.asset.width,
            height=file.asset.height,
            bytes=file.bytes,
        )
        for position, file in enumerate(files)
    )
    session.flush()
