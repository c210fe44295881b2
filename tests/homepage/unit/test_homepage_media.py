"""Pictures on their way in: checked by content, without metadata, kept once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from homepage_generator.errors import InvalidPicture, NotFound
from homepage_generator.media import MediaStore


def picture(size: tuple[int, int] = (640, 480), mode: str = "RGB", format_: str = "JPEG", **more: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, (200, 40, 40, 120)[: len(mode)]).save(file, format_, **more)
    return file.getvalue()


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def test_the_same_upload_is_kept_once_and_scaled_to_each_width_once(media: MediaStore, tmp_path: Path) -> None:
    first, kept = media.add(picture(), "photo")
    again, _ = media.add(picture(), "photo")
    assert (first, kept.width, kept.height, kept.kind) == (again, 640, 480, "photo")
    assert media.file(first, 320) == media.file(first, 320)
    assert len(list((tmp_path / "media").rglob("*.webp"))) == 2
    with Image.open(media.file(first, 320)) as small:
        assert (small.size, small.format) == ((320, 240), "WEBP")


def test_a_picture_is_never_made_wider_than_it_is(media: MediaStore) -> None:
    found, _ = media.add(picture((100, 50)), "photo")
    assert media.file(found, 1600) == media.file(found)


def test_a_large_photo_is_brought_down_and_a_cutout_keeps_its_transparency(media: MediaStore) -> None:
    found, kept = media.add(picture((3000, 1500), "RGBA", "PNG"), "cutout")
    assert (kept.width, kept.height) == (2000, 1000)
    with Image.open(media.file(found, 300)) as small:
        assert small.mode == "RGBA"
        assert small.getchannel("A").tobytes() < b"\xff"


def test_a_cutout_loses_its_empty_margins_and_a_photo_nothing(media: MediaStore) -> None:
    image = Image.new("RGBA", (800, 600))
    image.paste((200, 40, 40, 255), (300, 200, 500, 450))
    file = io.BytesIO()
    image.save(file, "PNG")
    assert (media.add(file.getvalue(), "cutout")[1].width, media.add(file.getvalue(), "cutout")[1].height) == (200, 250)
    assert media.add(file.getvalue(), "photo")[1].width == 800


def test_a_cutout_of_nothing_stays_as_it_came(media: MediaStore) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (300, 200)).save(file, "PNG")
    assert media.add(file.getvalue(), "cutout")[1].width == 300


def test_where_a_photo_was_taken_is_not_kept_and_it_stands_upright(media: MediaStore) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (37.0, 33.0, 0.0)}
    found, kept = media.add(picture((640, 480), exif=exif), "photo")
    assert (kept.width, kept.height) == (480, 640)
    with Image.open(media.file(found)) as image:
        assert not image.getexif()
        assert "exif" not in image.info


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "image_empty"),
        (b"<script>alert(1)</script>", "image_type"),
        (picture()[:400], "image_broken"),
        (b"\x89PNG\r\n\x1a\nnothing", "image_broken"),
        (picture((20, 20)), "image_small"),
        (b"x" * 20_000_001, "image_bytes"),
        (picture((6000, 5000)), "image_pixels"),
    ],
)
def test_what_is_no_usable_picture_is_refused_by_a_reason(media: MediaStore, data: bytes, key: str) -> None:
    with pytest.raises(InvalidPicture) as refused:
        media.add(data, "photo")
    assert refused.value.key == key
    assert refused.value.message("ko") != refused.value.message("en")


def test_a_moving_picture_is_refused(media: MediaStore) -> None:
    file = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidPicture, match="still"):
        media.add(file.getvalue(), "photo")


@pytest.mark.parametrize("picture_id", ["../../etc/passwd", "0" * 32, ""])
def test_an_id_that_is_no_picture_is_not_found(media: MediaStore, picture_id: str) -> None:
    with pytest.raises(NotFound):
        media.file(picture_id, 100)
