"""Compile what a service uses: import its modules, and the interpreter leaves bytecode of what they import beside it.

All bytecode of all packages would be 90 MB, most of it never loaded; without any, every start compiles anew (the
containers' roots are read-only).

    usage: used.py PACKAGE…
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

MISSING_BY_CHOICE = {
    "torch", "diffusers", "transformers", "tokenizers", "safetensors", "huggingface_hub", "nobg", "mlflow", "wandb",
}  # fmt: skip
"""Of the aiserver's extras: the image has them in a layer of its own, or not at all."""


def main() -> None:
    for package in map(importlib.import_module, sys.argv[1:]):
        for module in pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                try_import(module.name)


def try_import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in MISSING_BY_CHOICE:
            raise


if __name__ == "__main__":
    main()
