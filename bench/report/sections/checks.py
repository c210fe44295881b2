"""What the ads' own checks said, in the order the ads were made, and some of them beside their photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bench.report.page import Page
from bench.report.style import Theme

Check = Callable[[dict[str, Any]], bool | None]
"""Whether an ad passed; None where nobody looked."""
ROW: Final = 2
"""Ads beside one another in the gallery, each with its photo."""
HEIGHT: Final = 170


def write_trend(page: Page, data: dict[str, Any]) -> None:
    ads = data["ads"]
    page.chart(
        "self-checks",
        "Every ad's own checks in order, and the share of ads so far that passed all of them",
        3.4,
        lambda figure, theme: _draw(figure, theme, ads),
    )
    rows = []
    for title, check in CHECKS.items():
        verdicts = [verdict for ad in ads if (verdict := check(ad)) is not None]
        share = f"{sum(verdicts)} of {len(verdicts)}" if verdicts else "not judged: no vision-language model"
        rows.append((title, share))
    page.table(("check", "passed"), rows)
    page.say("An ad with a cut-out that is not trusted says so and asks for a box.")
    for lost in data.get("failed", []):
        page.say(f"Not made, of {lost['photo']}: {_plain(lost['error'])}")


def write_gallery(page: Page, data: dict[str, Any]) -> None:
    shown = [ad for ad in data["ads"] if "pictures" in ad]
    rows = [shown[start : start + ROW] for start in range(0, len(shown), ROW)]
    page.say("<table>", *(f"<tr>{''.join(_cell(page, ad) for ad in row)}</tr>" for row in rows), "</table>")


def _cell(page: Page, ad: dict[str, Any]) -> str:
    before = page.picture(ad["pictures"]["photo"], "the photo that was sent", HEIGHT)
    after = page.picture(ad["pictures"]["ad"], f"the finished ad: {_plain(ad['text'])}", HEIGHT)
    return f'<td width="50%" valign="top">{before} {after}<br>{"<br>".join(_said(ad))}</td>'


def _said(ad: dict[str, Any]) -> list[str]:
    lines = [f"style {ad['style']}"]
    if legible := ad["checks"]["legibility"]:
        verdict = "legible" if legible["passed"] else "NOT legible"
        lines.append(f"{verdict}: {legible['glyphs']} glyphs, worst contrast {legible['worst_contrast']:.1f}:1")
    if kept := ad["checks"]["fidelity"]:
        lines.append(f"product changed by {kept['core_difference']}; cut-out {kept['cutout_confidence']:.2f}")
    if seen := ad["checks"]["self_check"]:
        lines.append(f"self-check: {seen['verdict']} after {seen['attempts']}")
    return [*lines, *(f"<i>{_plain(warning)}</i>" for warning in ad["warnings"])]


def _plain(text: str) -> str:
    return " ".join(text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").split())


def _untouched(ad: dict[str, Any]) -> bool | None:
    kept = ad["checks"]["fidelity"]
    return None if kept is None else kept["core_difference"] == 0


def _legible(ad: dict[str, Any]) -> bool | None:
    seen = ad["checks"]["legibility"]
    return None if seen is None else bool(seen["passed"])


def _trusted(ad: dict[str, Any]) -> bool | None:
    kept = ad["checks"]["fidelity"]
    return None if kept is None else kept["cutout_verdict"] != "uncertain"


def _as_asked(ad: dict[str, Any]) -> bool | None:
    seen = ad["checks"]["self_check"]
    return None if seen is None or seen["verdict"] == "unknown" else seen["verdict"] == "pass"


CHECKS: Final[dict[str, Check]] = {
    "text legible": _legible,
    "product untouched": _untouched,
    "cut-out trusted": _trusted,
    "shows what was asked": _as_asked,
}


def success(ads: list[dict[str, Any]]) -> list[float]:
    """The share of the ads so far that passed every check that was made on them."""
    passed = [all(check(ad) is not False for check in CHECKS.values()) for ad in ads]
    return [sum(passed[: number + 1]) / (number + 1) for number in range(len(passed))]


def _draw(figure: Any, theme: Theme, ads: list[dict[str, Any]]) -> None:
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    numbers = range(1, len(ads) + 1)
    above.plot(numbers, [100 * share for share in success(ads)], color=theme.hues[0], linewidth=2)
    above.set(ylim=(0, 104), ylabel="per cent", title="ads so far that passed every check")
    above.grid(axis="y")
    for place, check in enumerate(CHECKS.values()):
        for number, ad in zip(numbers, ads, strict=True):
            _dot(below, theme, number, place, check(ad))
    below.set(yticks=range(len(CHECKS)), yticklabels=list(CHECKS), ylim=(len(CHECKS) - 0.5, -0.5), xlabel="ad")
    below.spines[["left", "bottom"]].set_visible(False)
    for verdict, label in ((True, "passed"), (False, "not"), (None, "nobody looked")):
        _dot(above, theme, float("nan"), 0, verdict, label)
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.0, handletextpad=0.2)


def _dot(axes: Any, theme: Theme, x: float, y: float, verdict: bool | None, label: str | None = None) -> None:
    """Shapes differ, not colours alone."""
    colour, sign = {True: (theme.hues[2], "o"), False: (theme.alarm, "X"), None: (theme.muted, "_")}[verdict]
    axes.scatter([x], [y], s=26, color=colour, marker=sign, linewidth=1 if verdict is None else 0, label=label)
