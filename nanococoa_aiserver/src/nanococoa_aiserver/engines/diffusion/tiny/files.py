"""Files of a checkpoint that the libraries can't write without torchvision or write otherwise than the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def write_json(file: Path, content: Mapping[str, object]) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def name_in_index(folder: Path, component: str, class_name: str) -> None:
    """Let ``model_index.json`` name a class of transformers as the hub does, where another was saved."""
    index = folder / "model_index.json"
    write_json(index, json.loads(index.read_text("utf-8")) | {component: ["transformers", class_name]})
