"""A site from its spec: plain HTML, one stylesheet, subset fonts, scaled pictures. No browser, no scripts.

Sections are audited templates that a theme may replace one by one; nothing a spec says becomes markup.
"""

from homepage_generator.render.cards import draw_cards
from homepage_generator.render.site import Rendered, render
from homepage_generator.render.theme import Theme, themes

__all__ = ["Rendered", "Theme", "draw_cards", "render", "themes"]
