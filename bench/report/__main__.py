"""``python -m bench.report``: build ``docs/report``; with ``--track``, send the figures to an experiment tracker."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.report.build import build
from bench.report.track import TRACKERS, MissingTracker, track


def main() -> int:
    parser = argparse.ArgumentParser(prog="make report", description="Build the report from the measurements.")
    parser.add_argument("--inputs", type=Path, default=Path("docs/benchmarks"), help="where the measurements lie")
    parser.add_argument("--out", type=Path, default=Path("docs/report"), help="where the report goes")
    parser.add_argument("--track", choices=list(TRACKERS), help="send the figures there, too")
    options = parser.parse_args()
    try:
        page = build(options.inputs, options.out)
        sys.stdout.write(f"{page}\n")
        if options.track:
            sys.stdout.write(f"{track(options.track, options.inputs, page.parent)} figures sent to {options.track}\n")
    except (MissingTracker, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
