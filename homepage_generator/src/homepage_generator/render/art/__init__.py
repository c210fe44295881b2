"""Drawings for shops without photos: one SVG per thing, found by the words of what is sold, painted by the theme.

A drawing names the parts it is made of (``ab`` body, ``as`` second, ``at`` detail, ``aw`` paper, ``ak`` ink, ``ah``
shade, ``al`` line, ``ax`` line on the ground, ``an`` light line, ``ao`` bar); art.css and the theme say how they
look. A page holds each drawing once, in its sprite.
"""

from __future__ import annotations

from homepage_generator.render.art.catalogue import ArtId, art_for, find_art, is_art
from homepage_generator.render.art.sprite import art_css, drawing, sprite

__all__ = ["ArtId", "art_css", "art_for", "drawing", "find_art", "is_art", "sprite"]
