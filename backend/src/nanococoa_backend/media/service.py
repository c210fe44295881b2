"""Keeping pictures and giving them back."""

from __future__ import annotations

import io
import uuid
from typing import Literal, TypeAlias

from PIL import Image
from sqlalchemy.orm import Session

from nanococoa_backend.media.models import Asset
from nanococoa_backend.platform import pictures
from nanococoa_backend.platform.scope import Repository
from nanococoa_backend.platform.store import SUFFIXES, AssetStore

Kind: TypeAlias = Literal["photo", "cutout", "logo", "ad"]
Variant: TypeAlias = Literal["original", "view", "thumb"]
_TYPES = {suffix: media_type for media_type, suffix in SUFFIXES.items()}


class Assets(Repository[Asset]):
    table = Asset


class MediaService:
    """Pictures of the session's business."""

    def __init__(self, session: Session, store: AssetStore) -> None:
        self._assets = Assets(session)
        self._store = store

    def keep(self, business_id: uuid.UUID, image: Image.Image, kind: Kind) -> Asset:
        """Files first, then the row: a row never names what is not there."""
        image = pictures.kept(image)
        return self._assets.add(_stored(self._store, business_id, image, pictures.original(image), kind))

    def add(self, asset: Asset) -> Asset:
        """A row for files that are stored (``finished_file``)."""
        return self._assets.add(asset)

    def get(self, asset_id: uuid.UUID) -> Asset:
        """Raises NotFound."""
        return self._assets.get(asset_id)

    def file(self, asset: Asset, variant: Variant) -> tuple[bytes, str]:
        """(bytes, media type). Raises NotFound."""
        key: str = getattr(asset, variant)
        return self._store.get(key), _TYPES[key.rsplit(".", 1)[1]]

    def image(self, asset: Asset) -> Image.Image:
        """The original, decoded."""
        return pictures.decode(self._store.get(asset.original))


def finished_file(store: AssetStore, business_id: uuid.UUID, data: bytes, kind: Kind) -> Asset:
    """Store a finished file byte for byte, its marks of origin with it, and a row for it that is yet to be added."""
    media_type = "image/jpeg" if data.startswith(b"\xff\xd8") else "image/png"
    return _stored(store, business_id, pictures.ours(data), pictures.Encoded(data, media_type), kind)


def _stored(
    store: AssetStore, business_id: uuid.UUID, image: Image.Image, original: pictures.Encoded, kind: Kind
) -> Asset:
    thumb, view = pictures.thumbnail(image), pictures.view(image)
    width, height = Image.open(io.BytesIO(thumb.data)).size
    return Asset(
        business_id=business_id,
        kind=kind,
        width=image.width,
        height=image.height,
        original=store.put(business_id, original.data, original.media_type),
        view=store.put(business_id, view.data, view.media_type),
        thumb=store.put(business_id, thumb.data, thumb.media_type),
        thumb_width=width,
        thumb_height=height,
        bytes=len(original.data) + len(view.data) + len(thumb.data),
    )
