"""Print requirements, one a line: what pyproject.toml files depend on, without the suite's own packages, or what pip
would install by its report of a dry run.

    usage: dependencies.py PYPROJECT…                        their dependencies
           dependencies.py --extra NAME… PYPROJECT…          those of their extras alone
           dependencies.py --report FILE                     pinned, with their addresses' index left to pip
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path


def of_projects(paths: list[Path], extras: list[str]) -> Iterator[str]:
    for path in paths:
        project = tomllib.loads(path.read_text("utf-8"))["project"]
        groups = [project["optional-dependencies"][extra] for extra in extras] or [project["dependencies"]]
        for group in groups:
            yield from (requirement for requirement in group if not requirement.startswith("nanococoa-"))


def of_report(path: Path) -> Iterator[str]:
    for item in json.loads(path.read_text("utf-8"))["install"]:
        yield "{name}=={version}".format(**item["metadata"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--extra", action="append", default=[])
    parser.add_argument("--report", type=Path)
    parser.add_argument("projects", nargs="*", type=Path)
    asked = parser.parse_args()
    found = of_report(asked.report) if asked.report else of_projects(asked.projects, asked.extra)
    sys.stdout.writelines(f"{requirement}\n" for requirement in found)


if __name__ == "__main__":
    main()
