"""Print what the given pyproject.toml files depend on, one a line, without the suite's own packages."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main() -> None:
    for path in sys.argv[1:]:
        project = tomllib.loads(Path(path).read_text("utf-8"))["project"]
        for requirement in project["dependencies"]:
            if not requirement.startswith("nanococoa-"):
                sys.stdout.write(requirement + "\n")


if __name__ == "__main__":
    main()
