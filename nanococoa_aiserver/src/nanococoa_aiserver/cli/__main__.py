"""``python -m nanococoa_aiserver.cli``: the console script where none is installed."""

from __future__ import annotations

from nanococoa_aiserver.cli import main

if __name__ == "__main__":
    main()
