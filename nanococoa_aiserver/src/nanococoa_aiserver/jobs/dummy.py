"""``test_mode``: the whole job machinery with steps that do next to nothing, for trying out a client."""

from __future__ import annotations

import struct
import zlib
from typing import Any

from nanococoa_aiserver.ads.context import Results, StepContext

_SIDE = 64
_BROWN, _CREAM = b"\x6f\x4e\x37", b"\xf3\xe9\xdc"


def dummy_step(name: str, ctx: StepContext, _results: Results) -> dict[str, Any]:
    """What ``name`` would return, as far as clients see it: a small picture where there is one."""
    ctx.progress(f"{name} (test_mode)", 0.5)
    if name in ("composite", "edit"):
        picture = ctx.artifacts.put(checker(), "image/png")
        ctx.preview("step1_result", picture)
        return {"image": picture}
    if name == "export":
        picture = ctx.artifacts.put(checker(), "image/png")
        return {"outputs": dict.fromkeys(ctx.request.get("formats") or ["square"], picture), "checks": {}}
    if name == "finish":
        return {"outputs": {"edited": ctx.artifacts.put(checker(), "image/png")}, "checks": {}}
    return {}


def checker() -> bytes:
    """A PNG of 64 x 64 px in two colours."""
    rows = b"".join(b"\0" + b"".join(_colour(x, y) for x in range(_SIDE)) for y in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _colour(x: int, y: int) -> bytes:
    return _BROWN if (x // 8 + y // 8) % 2 else _CREAM


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
