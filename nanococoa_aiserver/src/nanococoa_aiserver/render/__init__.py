"""The locked-down Chromium that draws text layers: HTML in, planes of pixels and measured glyphs out."""

from nanococoa_aiserver.render.drawing import Drawing, Glyph
from nanococoa_aiserver.render.renderer import LayerRenderer

__all__ = ["Drawing", "Glyph", "LayerRenderer"]
