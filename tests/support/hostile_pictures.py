"""Pictures that open and must not be taken."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def animation() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("L", (40, 40), shade) for shade in (0, 255)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def bomb() -> bytes:
    """A small PNG whose header claims 900 megapixels."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "#999").save(file, "PNG")
    data = bytearray(file.getvalue())
    data[16:24] = struct.pack(">II", 30_000, 30_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)
