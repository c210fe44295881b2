"""Thumbnails of the studio engine's scenes for the maker: ``python tools/dashboard/scene_thumbnails.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image

from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes, paint_scene

FOLDER: Final = Path(__file__).resolve().parents[2] / "backend/src/nanococoa_backend/platform/static/img/scene"
PAINTED, SIDE = 1080, 320


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in load_scenes():
        picture = Image.fromarray(paint_scene(name, (PAINTED, PAINTED), seed=7).image)
        picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(FOLDER / f"{name}.webp", quality=72, method=6)


if __name__ == "__main__":
    main()
