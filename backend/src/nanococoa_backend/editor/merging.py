"""An edit's order and its answer as plain data: what is asked of the aiserver, and a version where formats changed."""

from __future__ import annotations

from nanococoa_backend.editor.schemas import Changes
from nanococoa_client.messages import Locale
from nanococoa_client.schemas import AdLayer, Checks, LegibilityCheck, RenderRequest


def render_request(
    layer: AdLayer, changes: Changes, formats: list[str], *, wait_seconds: float, locale: Locale = "ko"
) -> RenderRequest:
    """Rendered as it was shown while editing: nothing is mended that the person saw and kept, unless asked for."""
    lean = {name: one.model_copy(update={"html": "", "texts": []}) for name, one in layer.formats.items()}
    wanted = changes.model_dump(
        include={"fields", "style", "text_color", "font_family", "text_position"}, exclude_none=True
    )
    return RenderRequest(
        layer=layer.model_copy(update={"formats": lean}),
        formats=formats,
        edits={name: edits for name, edits in changes.edits.items() if name in formats},
        as_shown=not changes.mend,
        wait_seconds=wait_seconds,
        locale=locale,
        **wanted,
    )


def merged_layer(base: AdLayer, made: AdLayer, formats: list[str]) -> AdLayer:
    """``made`` with the untouched formats of ``base``."""
    fresh = {name: made.formats[name] for name in formats if name in made.formats}
    return made.model_copy(update={"formats": {name: fresh.get(name, one) for name, one in base.formats.items()}})


def merged_checks(base: Checks, made: Checks) -> Checks:
    """What was measured on the whole version: the new formats', and the others' from before."""
    by_format = base.legibility_by_format | made.legibility_by_format
    return base.model_copy(
        update={
            "legibility": worst_of(list(by_format.values())) or made.legibility or base.legibility,
            "legibility_by_format": by_format,
        }
    )


def worst_of(every: list[LegibilityCheck]) -> LegibilityCheck | None:
    """One check for all: none passes that has a failing part."""
    if not every:
        return None
    return LegibilityCheck(
        passed=all(check.passed for check in every),
        glyphs=sum(check.glyphs for check in every),
        worst_contrast=min(check.worst_contrast for check in every),
        failing=sum(check.failing for check in every),
        overlap=max(check.overlap for check in every),
        overflow=sum(check.overflow for check in every),
        missing=sum(check.missing for check in every),
    )
