"""How every chart looks: one calm style in two themes, colours that colour-blind people tell apart, phone-sized.

A chart is drawn 4.5 inches wide with letters of 9 points and more, so that they are still 10 pixels high on a screen
of 360; on a wide one the page shows it twice as large, which vectors bear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

WIDTH: Final = 4.5
"""Inches."""
FONTS: Final = ("NanumGothic", "Noto Sans CJK KR", "DejaVu Sans")
"""Korean ones first, as the product's own setup installs them; the last has the signs that they lack."""


@dataclass(frozen=True, slots=True)
class Theme:
    """``hues`` are Okabe and Ito's (2008), the darker three lightened where the paper is dark."""

    suffix: str
    paper: str
    ink: str
    muted: str
    grid: str
    hues: tuple[str, ...]
    alarm: str


LIGHT = Theme(
    "", "#ffffff", "#1f2925", "#5b6660", "#e1e5e2", ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9"), "#d55e00"
)
DARK = Theme(
    "-dark",
    "#0d1117",
    "#e6edf3",
    "#9aa5b1",
    "#2b333d",
    ("#4aa8e8", "#f0b429", "#2bc196", "#e29ac2", "#9bd3f5"),
    "#ff7a33",
)
Draw = Callable[[Any, Theme], None]
"""Draws on a figure in a theme's colours."""


def save_chart(draw: Draw, height: float, folder: Path, name: str, note: str = "") -> None:
    """``name.svg`` and ``name-dark.svg``, the same bytes for the same data. ``note`` stands on the chart."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme in (LIGHT, DARK):
        with _figure(theme, height) as figure:
            draw(figure, theme)
            if note:
                figure.supxlabel(note, x=0.99, ha="right", fontsize=8.5, style="italic", color=theme.alarm)
            figure.savefig(folder / f"{name}{theme.suffix}.svg", metadata={"Date": None})


@contextmanager
def _figure(theme: Theme, height: float) -> Iterator[Any]:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(_settings(theme)):
        figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
        try:
            yield figure
        finally:
            plt.close(figure)


def _settings(theme: Theme) -> Any:
    """Matplotlib's own, by name."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return {
        "font.family": [name for name in FONTS if name in installed],
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlecolor": theme.ink,
        "axes.labelcolor": theme.muted,
        "axes.edgecolor": theme.grid,
        "axes.facecolor": theme.paper,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "axes.axisbelow": True,
        "grid.color": theme.grid,
        "grid.linewidth": 0.8,
        "figure.facecolor": theme.paper,
        "legend.frameon": False,
        "legend.labelcolor": theme.ink,
        "legend.fontsize": 9,
        "text.color": theme.ink,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "xtick.major.pad": 7,
        "svg.hashsalt": "nanococoa",
    }
