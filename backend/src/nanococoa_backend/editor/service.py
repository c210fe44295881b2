"""What people do in the editor: open a version, order the next one. Rendering is done beside it (``rendering``)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from nanococoa_backend.ads.models import Ad, AdVersion
from nanococoa_backend.ads.repository import AdImages
from nanococoa_backend.ads.service import AdService
from nanococoa_backend.ads.versions import layer_of
from nanococoa_backend.editor.models import AdEdit
from nanococoa_backend.editor.repository import AdEdits
from nanococoa_backend.editor.schemas import VersionOrder
from nanococoa_backend.errors import InvalidField, NotEditable, NotFound, Outdated
from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform.audit import record
from nanococoa_backend.platform.store import AssetStore
from nanococoa_backend.platform.tables import now
from nanococoa_backend.platform.watch import Bell, ring_after_commit
from nanococoa_client.schemas import AdLayer, FormatLayer, TextEdit


@dataclass(frozen=True, slots=True)
class Opened:
    """A version of an ad with its text layer."""

    ad: Ad
    version: AdVersion
    layer: AdLayer

    def format(self, name: str) -> FormatLayer:
        """Raises NotFound."""
        if name not in self.layer.formats:
            raise NotFound
        return self.layer.formats[name]


class EditorService:
    """``bell`` wakes the rendering."""

    def __init__(self, session: Session, ads: AdService, store: AssetStore, business_id: uuid.UUID, bell: Bell) -> None:
        self._session, self._ads, self._store = session, ads, store
        self._business_id, self._bell = business_id, bell
        self.edits = AdEdits(session)

    def opened(self, ad_id: uuid.UUID, version_id: uuid.UUID | None = None) -> Opened:
        """The version an ad shows, or one of its others. Raises NotFound, NotEditable."""
        ad = self._ads.ads.live(ad_id)
        wanted = version_id or ad.version_id
        if wanted is None:
            raise NotEditable
        version = self._ads.versions.get(wanted)
        if version.ad_id != ad.id:
            raise NotFound
        layer = layer_of(self._store, version)
        if layer is None or not layer.formats:
            raise NotEditable
        return Opened(ad, version, layer)

    def order(self, ad_id: uuid.UUID, order: VersionOrder, *, user_id: uuid.UUID, key: str | None = None) -> AdEdit:
        """An edit that waits to be rendered; the same ``key`` gives the same edit.

        Raises NotFound, NotEditable, InvalidField when nothing changes, and Outdated when the ad shows another version
        by now or is being rendered already.
        """
        request = order.model_dump(mode="json")
        if key is not None and (known := self.edits.by_key(key)) is not None:
            if known.request != request or known.ad_id != ad_id:
                raise Outdated
            return known
        opened = self.opened(ad_id)
        if opened.version.id != order.base_version:
            raise Outdated("edit_outdated", current_version=str(opened.version.id), number=opened.version.number)
        if self.edits.waiting_of(ad_id) is not None:
            raise Outdated("edit_under_way")
        if not affected(opened.layer, order):
            raise InvalidField(edits="edit_nothing")
        return self._kept(opened, request, user_id, key)

    def images(self, opened: Opened) -> dict[str, Asset]:
        """The finished files of a version, by format."""
        return {image.format: asset for image, asset in AdImages(self._session).of(opened.version.id)}

    def versions(self, ad_id: uuid.UUID) -> Sequence[AdVersion]:
        """All of an ad's versions, the latest first."""
        return self._ads.versions.of(ad_id)

    def edit(self, ad_id: uuid.UUID, edit_id: uuid.UUID) -> AdEdit:
        """Raises NotFound."""
        found = self.edits.get(edit_id)
        if found.ad_id != ad_id:
            raise NotFound
        return found

    def cancel(self, edit: AdEdit) -> None:
        """Give up what still waits; a version that is there stays."""
        if edit.status == "waiting":
            edit.status, edit.finished_at, edit.problem = "failed", now(), {"code": "CANCELLED", "message": ""}

    def use_version(self, ad_id: uuid.UUID, version_id: uuid.UUID) -> AdVersion:
        """Show an earlier version again. Raises NotFound."""
        return self._ads.use_version(self._ads.ads.live(ad_id), version_id)

    def _kept(self, opened: Opened, request: dict[str, object], user_id: uuid.UUID, key: str | None) -> AdEdit:
        edit = self.edits.add(
            AdEdit(
                business_id=self._business_id,
                ad_id=opened.ad.id,
                user_id=user_id,
                base_id=opened.version.id,
                request_key=key,
                request=request,
            )
        )
        record(self._session, "ad.edited", user_id=user_id, business_id=self._business_id, subject=opened.ad.id)
        ring_after_commit(self._session, self._bell)
        return edit


def affected(layer: AdLayer, order: VersionOrder) -> list[str]:
    """The formats that must be rendered again. Raises InvalidField for one the ad does not have."""
    if unknown := {*order.edits, *(order.formats or ())} - layer.formats.keys():
        raise InvalidField(**{f"formats.{min(unknown)}": "format_unknown"})
    if order.formats is not None:
        return order.formats
    if order.touches_all():
        return list(layer.formats)
    return [name for name, one in layer.formats.items() if _differs(one, order)]


def _differs(layer: FormatLayer, order: VersionOrder) -> bool:
    wanted = order.edits.get(layer.format, {})
    return any(edit != layer.edits.get(role, TextEdit()) for role, edit in wanted.items())
