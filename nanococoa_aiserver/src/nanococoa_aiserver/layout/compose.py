"""One format of an ad, end to end: scene moved under the product, words behind, shadow and product, words in front.

The finished pixels are measured; what fails is tried again with a remedy (a stronger veil, smaller words, a smaller
product, at last a style with a plain panel), three times at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from nanococoa_aiserver.imaging.composite import Composite, stand
from nanococoa_aiserver.imaging.fidelity import core_difference
from nanococoa_aiserver.imaging.types import Backdrop, Box, Rgb, Rgba, Sprite, Stage
from nanococoa_aiserver.layout.design import Design
from nanococoa_aiserver.layout.legibility import Legibility, measure
from nanococoa_aiserver.layout.page import Page, PageRequest, lay_out, scene_zones
from nanococoa_aiserver.layout.placement import Placement, place
from nanococoa_aiserver.layout.planes import (
    aligned,
    data_uri,
    hidden_shares,
    opaque,
    over,
    preview,
    product_alone,
    shadow_on_scene,
    shrunk,
    stage_on_canvas,
    studio_floor,
)
from nanococoa_aiserver.layout.styles.model import Style, load_style
from nanococoa_aiserver.layout.veil import SceneText, as_boxes, look_at, solve
from nanococoa_aiserver.render.drawing import Drawing
from nanococoa_aiserver.render.renderer import LayerRenderer
from nanococoa_client.schemas import AdCopy, FormatLayer, FormatSpec, LayoutAttempt, PixelBox, Role, TextEdit

ATTEMPTS, SMALL_ATTEMPTS = 3, 6
"""Tries per format; a small one is drawn in a fifth of the time, and each try may leave out one field more."""
IMPORTANCE: tuple[Role, ...] = (
    "headline", "price", "discount", "call_to_action", "shop", "old_price", "unit", "sub", "small_print",
)  # fmt: skip
"""What a placement too small for everything keeps first."""
ALWAYS = 3
"""The first so many are never left out by estimate, only when the browser finds no room."""
SMALL_SIDE = 420
"""Shorter side in px below which a placement may leave fields out."""


@dataclass(frozen=True)
class ComposedAd:
    """A finished format. ``warnings`` are keys of the client's messages with their values.

    ``plate`` is the picture under the front words, without those of the back plane; where there are such, ``cover`` is
    the part of the product that is on the canvas.
    """

    image: Rgb
    layer: FormatLayer
    legibility: Legibility
    core_difference: int
    plate: Rgb
    cover: Rgba | None = None
    warnings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Remedy:
    """What the next attempt does differently."""

    style: str
    veil: float = 0.0
    smaller: float = 1.0
    shrink: float = 1.0
    firm: bool = False
    left_out: tuple[Role, ...] = ()


@dataclass(frozen=True)
class _Trial:
    """One attempt with all that a remedy and the answer need."""

    remedy: _Remedy
    placement: Placement
    page: Page
    drawing: Drawing
    composite: Composite
    image: Rgb
    scene: Rgb
    legibility: Legibility
    shown: dict[Role, str]

    @property
    def passed(self) -> bool:
        return not self.legibility.violations


def compose_format(
    design: Design,
    spec: FormatSpec,
    sprite: Sprite,
    backdrop: Backdrop,
    renderer: LayerRenderer,
    *,
    edits: Mapping[Role, TextEdit] | None = None,
    as_shown: bool = False,
    kept: LayoutAttempt | None = None,
) -> ComposedAd:
    """Compose one format and measure it; the best of ``ATTEMPTS`` tries is returned, with warnings where it fails.

    ``as_shown`` mends nothing that a person's edits break: the layout is the ``kept`` one, or the one that the texts
    would have got unmoved and in their own colours.
    Raises ``RenderFailed`` when the browser gives up, ``fidelity.CoreChanged`` if the product were altered.
    """
    work = _Work(design, spec, sprite, backdrop, renderer, dict(edits or {}))
    if not as_shown:
        return work.finished(_best(work, work.first_remedy()))
    if kept is None:
        plain = _Work(design, spec, sprite, backdrop, renderer, _wordings(work.edits))
        remedy = _best(plain, plain.first_remedy()).remedy
    else:
        remedy = _Remedy(**kept.model_dump(exclude={"left_out"}), left_out=tuple(kept.left_out))
    return work.finished(work.attempt(remedy))


def _best(work: _Work, first: _Remedy) -> _Trial:
    """The first trial that passes, or the least bad of all."""
    remedy: _Remedy | None = first
    best: _Trial | None = None
    for _ in range(SMALL_ATTEMPTS if work.small else ATTEMPTS):
        if remedy is None:
            break
        trial = work.attempt(remedy)
        best = trial if best is None or _badness(trial) <= _badness(best) else best
        if trial.passed:
            break
        remedy = next_remedy(trial)
    assert best is not None
    return best


def _wordings(edits: Mapping[Role, TextEdit]) -> dict[Role, TextEdit]:
    """The edits that change what is said, without those that change how it looks."""
    return {role: TextEdit(text=edit.text, hidden=edit.hidden) for role, edit in edits.items()}


def next_remedy(trial: _Trial) -> _Remedy | None:
    """What could mend the violations, most local first."""
    kinds = {violation.kind for violation in trial.legibility.violations}
    remedy = trial.remedy
    if kinds & {"unfit", "overflow", "missing"}:
        if remedy.smaller == 1.0 and not _is_small(trial):
            return replace(remedy, smaller=0.8, veil=remedy.veil + 0.15 * ("contrast" in kinds))
        return _dropped(remedy, trial) or _plain(remedy)
    if kinds & {"overlap", "occluded"} and remedy.shrink > 0.8:
        return replace(remedy, shrink=remedy.shrink * 0.86, smaller=remedy.smaller * 0.94)
    if "contrast" in kinds and not remedy.firm:
        return replace(remedy, veil=remedy.veil + 0.25, firm=True)
    if "contrast" in kinds and _is_small(trial):
        return _dropped(remedy, trial)
    return _plain(remedy)


class _Work:
    """The inputs of one format, and the steps from a remedy to a finished ad."""

    def __init__(
        self,
        design: Design,
        spec: FormatSpec,
        sprite: Sprite,
        backdrop: Backdrop,
        renderer: LayerRenderer,
        edits: dict[Role, TextEdit],
    ) -> None:
        self.design, self.spec, self.sprite, self.backdrop = design, spec, sprite, backdrop
        self.renderer, self.edits = renderer, edits
        self._sketches: dict[_Remedy, _Sketch] = {}

    def first_remedy(self) -> _Remedy:
        """The design's own style, less the fields a small placement can't hold."""
        remedy = _Remedy(self.design.style)
        while crowded := self._lay_out(remedy).page.tight:
            least = next((role for role in reversed(IMPORTANCE[ALWAYS:]) if role in crowded), None)
            if least is None:
                break
            if not self.small and remedy.style != "split":
                remedy = _Remedy("split")
            else:
                remedy = replace(remedy, left_out=(*remedy.left_out, least))
        return remedy

    def attempt(self, remedy: _Remedy) -> _Trial:
        """Lay out, draw, stand the product, put the words over it and measure."""
        sketch = self._lay_out(remedy)
        drawing = self.renderer.draw(sketch.page.html(data_uri(sketch.scene.image, 92)), self._size)
        back = opaque(drawing.back)
        at = self._unhidden(sketch.style, sketch.placement, drawing)
        composite = stand(back, self.sprite, at, sketch.stage)
        if sketch.placement.layout.paints:
            composite = shadow_on_scene(composite, back, sketch.scene.image, sketch.placement.scene)
        image = over(drawing.front, composite.image)
        legibility = measure(drawing, composite.image, composite.matte, _as_copy(sketch.shown), sketch.shown)
        return _Trial(
            remedy,
            sketch.placement,
            sketch.page,
            drawing,
            composite,
            image,
            sketch.scene.image,
            legibility,
            sketch.shown,
        )

    def finished(self, trial: _Trial) -> ComposedAd:
        """The answer: picture, editable layer, checks and warnings."""
        at = trial.composite.at
        layer = FormatLayer(
            format=self.spec.name,
            width=self.spec.width,
            height=self.spec.height,
            style=trial.remedy.style,
            product=PixelBox(x=at.x, y=at.y, width=at.width, height=at.height),
            html=trial.page.html(data_uri(preview(trial.scene), 72)),
            texts=list(trial.drawing.texts),
            edits=self.edits,
            left_out=list(trial.remedy.left_out),
            attempt=LayoutAttempt.model_validate(asdict(trial.remedy)),
        )
        difference = core_difference(trial.composite.image, trial.composite.sprite, at)
        plate, cover = self._for_editing(trial)
        return ComposedAd(trial.image, layer, trial.legibility, difference, plate, cover, self._warned(trial))

    def _for_editing(self, trial: _Trial) -> tuple[Rgb, Rgba | None]:
        """The picture without words, and the product to lay over words that stand behind it."""
        drawing, composite = trial.drawing, trial.composite
        if drawing.back_textless is drawing.back:
            return composite.image, None
        sketch = self._lay_out(trial.remedy)
        bare = opaque(drawing.back_textless)
        plate = stand(bare, self.sprite, composite.at, sketch.stage)
        if sketch.placement.layout.paints:
            plate = shadow_on_scene(plate, bare, sketch.scene.image, sketch.placement.scene)
        return plate.image, product_alone(plate)

    @property
    def _size(self) -> tuple[int, int]:
        return self.spec.width, self.spec.height

    @property
    def small(self) -> bool:
        return min(self._size) < SMALL_SIDE

    def _words(self, left_out: Sequence[Role]) -> dict[Role, str]:
        words = self.design.fields.given()
        words |= {role: edit.text for role, edit in self.edits.items() if edit.text is not None}
        hidden = {role for role, edit in self.edits.items() if edit.hidden}
        shown = {
            role: text for role, text in words.items() if text.strip() and role not in hidden and role not in left_out
        }
        if "price" not in shown and "price" in left_out:
            shown.pop("old_price", None)
        return shown

    def _lay_out(self, remedy: _Remedy) -> _Sketch:
        """The sketch of a remedy, made once: the first attempt uses what the estimate was made on."""
        if remedy not in self._sketches:
            self._sketches[remedy] = self._sketched(remedy)
        return self._sketches[remedy]

    def _sketched(self, remedy: _Remedy) -> _Sketch:
        style = load_style(remedy.style)
        shown = self._words(remedy.left_out)
        placement = place(
            style,
            self.spec,
            self.sprite.aspect,
            plain=not (shown.get("price") or shown.get("discount")),
            letters=len(shown.get("headline", "")),
            position=self.design.text_position,
            shrink=remedy.shrink,
        )
        scene = self._scene(placement)
        text = self._scene_text(style, placement, scene, shown, remedy.veil)
        request = PageRequest(
            design=self.design,
            style=style,
            placement=placement,
            shown=shown,
            scene_text=text,
            edits=self.edits,
            smaller=remedy.smaller,
            firm=remedy.firm,
        )
        return _Sketch(style, placement, scene, stage_on_canvas(scene.stage, placement), lay_out(request), shown)

    def _scene(self, placement: Placement) -> Backdrop:
        box = placement.scene
        if not placement.layout.paints:
            return Backdrop(np.full((2, 2, 3), 255, np.uint8), studio_floor(placement), "none", "")
        at = placement.product
        return aligned(self.backdrop, (box.width, box.height), Box(at.x - box.x, at.y - box.y, at.width, at.height))

    def _scene_text(
        self, style: Style, placement: Placement, scene: Backdrop, shown: Mapping[Role, str], more: float
    ) -> SceneText | None:
        zones = scene_zones(placement.layout, shown)
        if not zones or not placement.layout.paints:
            return None
        boxes = as_boxes({zone.name: placement.zone_box(zone) for zone in zones})
        regions = {name: look_at(scene.image, box) for name, box in boxes.items()}
        base = self.design.palette["base"]
        return solve(regions, self.design.cast, base, style.need, more=more, wished=self.design.text_color)

    def _unhidden(self, style: Style, placement: Placement, drawing: Drawing) -> Box:
        """The product's box, smaller where it would hide too much of the words behind it."""
        behind = [glyph for glyph in drawing.glyphs if glyph.plane == "back"]
        if not style.behind or not behind:
            return placement.product
        ink = np.abs(drawing.back.astype(np.int16) - drawing.back_textless).max(2) > 25
        at = placement.product
        for share in np.arange(1.0, 0.44, -0.04):
            at = shrunk(placement.product, float(share))
            shares, limits = hidden_shares(behind, ink, self.sprite, at, style.hides)
            if (shares <= limits[:, 0]).all() and shares.sum() <= limits[:, 1].sum():
                break
        return at

    def _warned(self, trial: _Trial) -> list[tuple[str, dict[str, Any]]]:
        warnings: list[tuple[str, dict[str, Any]]] = []
        name = self.spec.name
        if trial.remedy.left_out:
            warnings.append(("fields_left_out", {"format": name, "fields": ", ".join(trial.remedy.left_out)}))
        if trial.remedy.style != self.design.style:
            warnings.append(
                ("style_replaced", {"format": name, "style": self.design.style, "used": trial.remedy.style})
            )
        if self.design.text_position != "auto" and not trial.placement.turned:
            warnings.append(("text_position_ignored", {"format": name, "position": self.design.text_position}))
        if not trial.passed:
            warnings.append(("legibility_failed", {"format": name, "count": len(trial.legibility.violations)}))
        return warnings


@dataclass(frozen=True)
class _Sketch:
    """A layout before it is drawn."""

    style: Style
    placement: Placement
    scene: Backdrop
    stage: Stage
    page: Page
    shown: dict[Role, str]


def _badness(trial: _Trial) -> tuple[int, int]:
    return len(trial.legibility.violations), len(trial.remedy.left_out)


def _is_small(trial: _Trial) -> bool:
    return min(trial.placement.frame.width, trial.placement.frame.height) < SMALL_SIDE


def _dropped(remedy: _Remedy, trial: _Trial) -> _Remedy | None:
    """Without the least important of the fields at fault; a small placement may give up another one for them."""
    faulty = {violation.role for violation in trial.legibility.violations}
    optional = [role for role in reversed(IMPORTANCE[1:]) if role in trial.shown]
    at_fault = [role for role in optional if role in faulty and role != "price"]
    chosen = at_fault or (optional if _is_small(trial) else [])
    return replace(remedy, left_out=(*remedy.left_out, chosen[0])) if chosen else None


def _plain(remedy: _Remedy) -> _Remedy | None:
    """The safest style: words on a panel of their own."""
    return None if remedy.style == "split" else _Remedy("split", left_out=remedy.left_out)


def _as_copy(shown: Mapping[Role, str]) -> AdCopy:
    return AdCopy.model_validate(dict(shown))
