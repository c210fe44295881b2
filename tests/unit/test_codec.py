"""Uploads: accepted in any still form, refused with the right reason. Files out: under their limit, and marked."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from nanococoa_aiserver.errors import InvalidImage, PayloadTooLarge
from nanococoa_aiserver.imaging.codec import decode_upload, encode, normalise
from nanococoa_aiserver.imaging.disclosure import SourceType, source_of, xmp_packet
from nanococoa_aiserver.imaging.encode import read_source


def photo(width: int = 96, height: int = 64) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.dstack([x * 2, y * 3, x + y]).clip(0, 255).astype(np.uint8))


def half_clear() -> Image.Image:
    image = photo()
    image.putalpha(128)
    return image


def saved(image: Image.Image, format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(3).integers(0, 255, (height, width, 3), dtype=np.uint8))


def png_header(width: int, height: int) -> bytes:
    """A PNG that only claims to be large: nothing may be decoded of it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    parts = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (chunk, data, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("image", "format_", "mode"),
    [
        (photo(), "JPEG", "RGB"),
        (photo(), "PNG", "RGB"),
        (photo(), "WEBP", "RGB"),
        (photo(), "BMP", "RGB"),
        (photo(), "TIFF", "RGB"),
        (photo(), "AVIF", "RGB"),
        (photo().convert("P"), "GIF", "RGB"),
        (photo().convert("CMYK"), "JPEG", "RGB"),
        (photo().convert("CMYK"), "TIFF", "RGB"),
        (photo().convert("L"), "PNG", "RGB"),
        (photo().convert("1"), "PNG", "RGB"),
        (photo().convert("P"), "PNG", "RGB"),
        (photo().convert("LA"), "PNG", "RGBA"),
        (photo().convert("RGBA"), "PNG", "RGBA"),
        (half_clear(), "WEBP", "RGBA"),
    ],
)
def test_still_pictures_of_any_kind_are_accepted(image: Image.Image, format_: str, mode: str) -> None:
    upload = decode_upload(saved(image, format_))
    assert upload.mode == mode
    assert upload.size == (96, 64)
    assert not upload.info


def test_heic_is_accepted_where_its_plugin_is() -> None:
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    assert decode_upload(saved(photo(), "HEIF", quality=90)).size == (96, 64)


def test_sixteen_bits_keep_their_range() -> None:
    ramp = np.linspace(0, 65535, 96 * 64).reshape(64, 96).astype(np.uint16)
    upload = decode_upload(saved(Image.fromarray(ramp), "PNG"))
    assert upload.getextrema()[0] == (0, 255)
    assert abs(upload.getpixel((48, 32))[0] - 129) < 3  # type: ignore[index]


def test_transparency_of_a_palette_survives() -> None:
    image = photo().convert("P")
    image.info["transparency"] = image.getpixel((0, 0))
    upload = decode_upload(saved(image, "PNG", transparency=image.getpixel((0, 0))))
    assert upload.mode == "RGBA"
    assert upload.getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_exif_rotation_is_applied_and_location_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (37.0, 30.0, 0.0)
    upload = decode_upload(saved(photo(), "JPEG", exif=exif))
    assert upload.size == (64, 96)
    for data, _ in (normalise(upload),):
        assert not Image.open(io.BytesIO(data)).getexif()


def test_another_colour_space_is_converted() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    data = saved(photo(), "JPEG", icc_profile=lab.tobytes())
    assert decode_upload(data).mode == "RGB"
    broken = saved(photo(), "PNG", icc_profile=b"not a profile")
    assert decode_upload(broken).size == (96, 64)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "image_empty"),
        (b"hello, this is a letter", "image_type"),
        (b"%PDF-1.7 ...", "image_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_type"),
        (saved(noise(200, 200), "JPEG")[:4000], "image_truncated"),
        (saved(noise(200, 200), "PNG")[:4000], "image_truncated"),
        (saved(noise(200, 200), "JPEG")[:12], "image_truncated"),
        (saved(photo(1, 1), "PNG"), "image_too_small"),
        (saved(photo(200, 20), "PNG"), "image_too_small"),
        (saved(photo(), "GIF", save_all=True, append_images=[noise(96, 64)]), "image_animated"),
        (saved(photo(), "PNG", save_all=True, append_images=[noise(96, 64)]), "image_animated"),
        (saved(photo(), "WEBP", save_all=True, append_images=[noise(96, 64)]), "image_animated"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(data: bytes, key: str) -> None:
    with pytest.raises(InvalidImage) as refused:
        decode_upload(data)
    assert refused.value.key == key
    assert refused.value.message("ko") != refused.value.message("en")


@pytest.mark.parametrize(
    ("width", "height", "megapixels"), [(8000, 5000, 40), (12000, 10000, 120), (60000, 60000, 3600)]
)
def test_too_many_pixels_are_refused_by_the_header_alone(width: int, height: int, megapixels: int) -> None:
    with pytest.raises(PayloadTooLarge) as refused:
        decode_upload(png_header(width, height))
    assert refused.value.key == "image_too_many_pixels"
    assert refused.value.details == {"megapixels": megapixels, "limit": 25}


def test_a_compressed_text_bomb_is_refused() -> None:
    bomb = b"zTXt" + b"comment\0\0" + zlib.compress(b"\0" * 80_000_000)
    data = saved(photo(), "PNG")
    chunk = struct.pack(">I", len(bomb) - 4) + bomb + struct.pack(">I", zlib.crc32(bomb))
    with pytest.raises(InvalidImage):
        decode_upload(data[:33] + chunk + data[33:])


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PayloadTooLarge) as refused:
        decode_upload(b"\xff\xd8\xff" + b"\0" * 100, max_bytes=50)
    assert refused.value.key == "payload_too_large"


def test_a_photo_that_claims_another_type_is_read_by_its_content() -> None:
    assert decode_upload(saved(photo(), "WEBP")).size == (96, 64)


def test_storage_is_lossless_with_alpha_and_jpeg_for_large_photos() -> None:
    clear = photo().convert("RGBA")
    data, kind = normalise(clear)
    assert kind == "image/png"
    assert Image.open(io.BytesIO(data)).convert("RGBA").tobytes() == clear.tobytes()
    data, kind = normalise(photo(2000, 1300))
    assert kind == "image/jpeg"
    assert Image.open(io.BytesIO(data)).size == (2000, 1300)


@pytest.mark.parametrize("file_type", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("source", list(SourceType))
def test_every_file_says_how_it_was_made(file_type: str, source: SourceType) -> None:
    file = encode(photo(), file_type, source=source)  # type: ignore[arg-type]
    assert file.media_type == f"image/{file_type}"
    assert read_source(file.data) is source
    assert Image.open(io.BytesIO(file.data)).size == (96, 64)


def test_the_packet_is_well_formed_xml() -> None:
    from xml.etree import ElementTree

    text = xmp_packet(SourceType.COMPOSITE).decode()
    root = ElementTree.fromstring(text.split("?>", 1)[1].rsplit("<?", 1)[0])
    assert root.tag.endswith("xmpmeta")
    assert source_of("<x/>") is None


@pytest.mark.parametrize(("file_type", "limit"), [("jpeg", 60_000), ("webp", 50_000), ("png", 300_000)])
def test_a_byte_limit_is_kept_and_the_price_is_told(file_type: str, limit: int) -> None:
    rough = np.asarray(noise(480, 320), np.float32) * 0.25 + 90
    free = encode(rough.astype(np.uint8), file_type)  # type: ignore[arg-type]
    assert not free.notes
    file = encode(rough.astype(np.uint8), file_type, limit_bytes=limit)  # type: ignore[arg-type]
    assert len(file.data) <= limit < len(free.data)
    assert file.notes
    assert read_source(file.data) is SourceType.COMPOSITE


def test_a_png_stays_true_colour_when_reduced() -> None:
    rough = np.asarray(noise(400, 200), np.float32) * 0.25 + 90
    file = encode(rough.astype(np.uint8), "png", limit_bytes=120_000)
    assert file.notes
    assert Image.open(io.BytesIO(file.data)).mode == "RGB"


def test_an_impossible_limit_is_told() -> None:
    assert encode(noise(300, 300), "jpeg", limit_bytes=500).notes[-1].startswith("over the limit")


def test_jpeg_keeps_full_chroma_at_its_best() -> None:
    file = encode(photo(), "jpeg")
    with Image.open(io.BytesIO(file.data)) as image:
        assert all(layer[1:3] == (1, 1) for layer in image.layer)  # type: ignore[attr-defined]


def test_reading_uploads_needs_no_opencv() -> None:
    code = "import sys, nanococoa_aiserver.imaging.codec; sys.exit('cv2' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
