"""How long an ad takes, by step, and every figure beside its limit."""

from __future__ import annotations

from typing import Any, Final

from bench.report.page import Page
from bench.report.style import Theme

PARTS: Final = {
    "cut-out": ("segment",),
    "scene, composite": ("background", "composite", "refine", "self_check"),
    "text and gate": ("analyse", "design", "render"),
    "files": ("export",),
}
ADS: Final = {"square_ad": "one square ad", "social_ads": "four formats"}


def write_speed(page: Page, data: dict[str, Any]) -> None:
    measures = {one["name"]: one for one in data["measures"]}
    ads = {title: measures[name] for name, title in ADS.items() if "step_medians" in measures.get(name, {})["detail"]}
    if ads:
        page.chart("speed", "Seconds of an ad by step, beside its limit", 2.4, lambda fig, to: _draw(fig, to, ads))
    broken = [one["title"] for one in data["measures"] if not one["holds"]]
    page.say(
        f"{len(measures) - len(broken)} of {len(measures)} figures are within their limit."
        + (f" Not within it: {'; '.join(broken)}." if broken else "")
    )
    rows = [(_mark(one), one["title"], _value(one), _limit(one)) for one in data["measures"]]
    page.table(("", "", "measured", "limit"), rows)


def _draw(figure: Any, theme: Theme, ads: dict[str, dict[str, Any]]) -> None:
    axes = figure.add_subplot()
    for place, measure in enumerate(ads.values()):
        steps, start = measure["detail"]["step_medians"], 0.0
        for (label, names), hue in zip(PARTS.items(), theme.hues, strict=False):
            width = sum(steps.get(name, 0.0) for name in names)
            axes.barh(place, width, 0.5, left=start, color=hue, label=label if place == 0 else None)
            start += width
        rest = max(0.0, measure["value"] - start)
        axes.barh(place, rest, 0.5, left=start, color=theme.grid, label="queue, HTTP" if place == 0 else None)
        axes.text(measure["limit"], place, f" {measure['value']:.2f} of\n {measure['limit']:g} s", va="center")
        axes.plot([measure["limit"]] * 2, [place - 0.36, place + 0.36], color=theme.alarm, linewidth=2)
    axes.plot([], [], color=theme.alarm, linewidth=2, label="limit")
    axes.set(yticks=range(len(ads)), yticklabels=list(ads), xlabel="seconds", ylim=(len(ads) - 0.5, -0.6))
    axes.set_xlim(0, 1.2 * max(measure["limit"] for measure in ads.values()))
    axes.spines["left"].set_visible(False)
    figure.legend(loc="outside upper left", ncols=3, columnspacing=1.0, handlelength=1.0)


def _mark(measure: dict[str, Any]) -> str:
    return "✓" if measure["holds"] else "✗"


def _value(measure: dict[str, Any]) -> str:
    return f"{measure['value']:.3g} {measure['unit']}".strip()


def _limit(measure: dict[str, Any]) -> str:
    if measure["limit"] is None:
        return ""
    return f"{'≥' if measure['at_least'] else '≤'} {measure['limit']:g}"
