"""What the aiserver can make, written down for the dashboard's first minutes without it:
``python tools/dashboard/catalogue_snapshot.py``. A test holds the file to the aiserver's own lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from nanococoa_aiserver.ads.formats import load_formats
from nanococoa_aiserver.engines.studio.scenes.paint import load_scenes
from nanococoa_aiserver.layout.styles.model import STYLES

FILE: Final = Path(__file__).resolve().parents[2] / "backend/src/nanococoa_backend/ads/catalogue.json"


def snapshot() -> dict[str, Any]:
    formats = [spec.model_dump(mode="json", exclude_defaults=True) for spec in load_formats().values()]
    return {"formats": formats, "styles": list(STYLES), "scenes": list(load_scenes())}


if __name__ == "__main__":
    FILE.write_text(json.dumps(snapshot(), ensure_ascii=False, indent=1) + "\n", "utf-8")
