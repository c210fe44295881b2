"""What a report of pip-audit says, for people: ``python tools/audit.py REPORT``. Ends with 1 for known vulnerabilities,
with 3 when a package could not be looked up, for then nobody knows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

CLEAN, VULNERABLE, UNKNOWN = 0, 1, 3


def main(report: Path) -> int:
    code, lines = verdict(json.loads(report.read_text("utf-8")))
    print(*lines, sep="\n")
    return code


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit code and lines."""
    packages = report["dependencies"]
    lines = [_vulnerable(package) for package in packages if package.get("vulns")]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        lines.append(f"audit: not looked up: {', '.join(skipped)}")
    known = sum(len(package.get("vulns", [])) for package in packages)
    lines.append(f"audit: {len(packages) - len(skipped)} of {len(packages)} packages checked, {known} vulnerabilities")
    if known:
        return VULNERABLE, lines
    return (UNKNOWN if skipped or not packages else CLEAN), lines


def _vulnerable(package: dict[str, Any]) -> str:
    found = [f"{one['id']} (mended in {', '.join(one['fix_versions']) or 'none yet'})" for one in package["vulns"]]
    return f"{package['name']} {package['version']}: {'; '.join(found)}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
