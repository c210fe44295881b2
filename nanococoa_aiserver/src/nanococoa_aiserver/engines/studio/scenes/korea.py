"""Scenes of Korea: light through a hanok's paper door, a festive moon with lanterns, an evening market."""

from __future__ import annotations

import numpy as np

from nanococoa_aiserver.engines.studio.scenes.bokeh import Lights, draw_lights
from nanococoa_aiserver.engines.studio.scenes.canvas import Canvas, between, closed, curve
from nanococoa_aiserver.engines.studio.scenes.night import darkened
from nanococoa_aiserver.engines.studio.scenes.palettes import BLACK, WHITE, Palette, akin, luma, mix, saturated
from nanococoa_aiserver.engines.studio.scenes.registry import scene
from nanococoa_aiserver.engines.studio.scenes.surfaces import floor, pool_of_light
from nanococoa_aiserver.engines.studio.scenes.tabletop import flat
from nanococoa_aiserver.engines.studio.scenes.textures import mottled, wood
from nanococoa_aiserver.imaging.filters import F32, smoothstep, soften
from nanococoa_aiserver.imaging.types import Stage

MOONLIGHT = np.array([1.0, 0.95, 0.80], np.float32)
GOLD = np.array([1.0, 0.85, 0.55], np.float32)
PANEL = 0.46  # width of one door leaf, units


@scene("hanok", "hanji", themed=True, vignette=0.24)
def hanok(canvas: Canvas, palette: Palette) -> Stage:
    """A lattice door with glowing paper, and its light on the maru's boards."""
    paper = mix(palette.light, np.array([0.97, 0.92, 0.80], np.float32), 0.25)
    light = 0.50 + 0.60 * canvas.glow(0.30 * canvas.light, canvas.horizon - 0.45, 0.62, 0.6)
    canvas.fill_lit(paper, light)
    canvas.image *= (0.955 + 0.07 * flat(canvas, mottled(5, 0.9), 0.9))[..., None]
    timber = darkened(palette.deep, 0.22)
    _doors(canvas, timber, paper)
    canvas.image = soften(canvas.image, 0.0022 * canvas.unit)
    boards = (mix(timber, BLACK, 0.15), mix(palette.mid, palette.deep, 0.18))
    floor(canvas, wood(0, 4), boards, scale=0.7, light=pool_of_light(canvas, 0.62, 0.7), mirror=0.24)
    _light_on_the_boards(canvas)
    return canvas.stage(gloss=0.16, shadow=0.6, tint=(1.04, 1.0, 0.93))


def _doors(canvas: Canvas, timber: F32, paper: F32) -> None:
    count = int(canvas.half / PANEL) + 1
    base = canvas.horizon - 0.13
    shade = np.asarray(paper * 0.45, np.float32)
    bands = [canvas.horizon - y for y in (0.22, 0.30, 0.38, 0.62, 0.70, 0.78, 1.02, 1.10, 1.18, 1.42, 1.50, 1.58)]
    for panel in range(-count, count + 1):
        x = panel * PANEL - PANEL / 2
        for bar in range(1, 5):
            at = x + bar * PANEL / 5
            _bar(canvas, at - 0.0035, canvas.top, at + 0.0035, base, timber, shade)
        for y in bands:
            _bar(canvas, x, y - 0.0035, x + PANEL, y + 0.0035, timber, shade)
        _bar(canvas, x - 0.016, canvas.top, x + 0.016, canvas.horizon, timber * 0.92, shade)
    _sill(canvas, timber, base)


def _bar(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, timber: F32, shade: F32) -> None:
    shift = 0.006 * canvas.side
    canvas.rectangle(x0 + shift, y0 + 0.008, x1 + shift, y1 + 0.008, shade, 0.22, 0.004)
    canvas.rectangle(x0, y0, x1, y1, timber)


def _sill(canvas: Canvas, timber: F32, base: float) -> None:
    half = canvas.half + 0.1
    canvas.rectangle(-half, base, half, canvas.horizon, timber * 1.15)
    canvas.rectangle(-half, base + 0.014, half, base + 0.018, timber * 0.5, 0.8, 0.002)
    canvas.rectangle(-half, canvas.horizon - 0.016, half, canvas.horizon, timber * 0.8)


def _light_on_the_boards(canvas: Canvas) -> None:
    """The lattice's bright cells, stretched along the floor away from the door."""
    down = (canvas.y - canvas.horizon) / 0.4
    x = (canvas.x + 0.35 * -canvas.side * down) / (1 + 0.5 * down)
    cell_x = np.abs((x / 0.14) % 1 - 0.5) < 0.40
    cell_y = np.abs((3.2 * np.log1p(3 * np.maximum(down, 0))) % 1 - 0.5) < 0.40
    near = smoothstep(0, 0.05, down) * smoothstep(0.75, 0.2, np.abs(canvas.x))
    cells = np.asarray((cell_x & cell_y) * near, np.float32)
    canvas.gain(1 + 0.30 * soften(cells, 0.008 * canvas.unit / 4 + 0.5))


@scene("lantern", "lacquer", themed=True, vignette=0.20)
def lantern(canvas: Canvas, palette: Palette) -> Stage:
    """Full moon over hills, paper lanterns, a lacquered table: for Chuseok and Seollal."""
    night, dusk = darkened(palette.deep, 0.16), darkened(palette.mid, 0.27)
    high = smoothstep(-1.1, 0, canvas.y - canvas.horizon) + 0 * canvas.x
    canvas.fill(between(night, dusk, np.asarray(high, np.float32)))
    gold = mix(palette.light, GOLD, 0.35) if akin(palette.light, GOLD) else mix(palette.light, palette.mid, 0.15)
    middle = max(canvas.horizon - 0.40, canvas.top + 0.36)
    _stars(canvas, gold)
    _moon(canvas, palette, gold, middle)
    _hills(canvas, night, dusk)
    for x, y, size in ((-0.32, middle + 0.13, 0.9), (0.33, middle - 0.11, 0.8)):
        _cloud(canvas, x, y, size, mix(palette.light, WHITE, 0.5))
    _lanterns(canvas, palette, gold)
    gloss = palette.accent if akin(palette.accent, palette.mid) else palette.mid
    lacquer = (darkened(mix(gloss, palette.deep, 0.75), 0.09), darkened(mix(gloss, palette.mid, 0.4), 0.26))
    light = pool_of_light(canvas, 0.6, 0.85)
    floor(canvas, wood(1, 3), lacquer, scale=0.6, light=light, mirror=0.34, mirror_blur=0.02)
    return canvas.stage(gloss=0.24, shadow=0.62, tint=(1.04, 0.99, 0.92))


def _stars(canvas: Canvas, gold: F32) -> None:
    for _ in range(int(70 * canvas.long)):
        x = canvas.random.uniform(-canvas.half, canvas.half)
        y = canvas.random.uniform(canvas.top, canvas.horizon - 0.1)
        size = canvas.random.uniform(0.0008, 0.0022)
        canvas.ellipse(x, y, size, size, gold, canvas.random.uniform(0.3, 0.9))


def _moon(canvas: Canvas, palette: Palette, gold: F32, middle: float) -> None:
    """A moon that shines even in a dark palette."""
    radius = min(0.30, 0.66 * canvas.half)
    pale = mix(palette.light, MOONLIGHT, min(0.75, max(0.0, 2.2 * (0.86 - luma(palette.light)))))
    canvas.screen(canvas.glow(0, middle, 0.5)[..., None] * gold * 0.42)
    canvas.ellipse(0, middle, radius, radius, mix(pale, WHITE, 0.12))
    seas = smoothstep(0.48, 0.68, canvas.clouds(0.35, 1.8, 4))
    inside = smoothstep(radius, radius - 0.015, np.hypot(canvas.x, canvas.y - middle))
    canvas.cover(mix(pale, gold, 0.6) * 0.88, 0.5 * seas * inside)


def _hills(canvas: Canvas, night: F32, dusk: F32) -> None:
    half = canvas.half + 0.1
    x = np.linspace(-half, half, 160)
    for number, (y, height, tone, opacity) in enumerate(((-0.12, 0.05, 0.75, 0.96), (-0.05, 0.04, 0.25, 1.0))):
        ridge = (
            canvas.horizon
            + y
            + height * np.sin(x * (3.1 + number) + 2 * number)
            + 0.3 * height * np.sin(9 * x + number)
        )
        canvas.polygon(closed(curve(x, ridge), bottom=0.3, half=half), mix(night, dusk, tone) * 0.82, opacity, 0.003)


def _cloud(canvas: Canvas, x: float, y: float, size: float, colour: F32) -> None:
    """A cloud as old paintings draw it: round heads on a flat foot with round ends."""
    for dx, dy, radius in ((-0.12, 0.012, 0.035), (-0.06, -0.012, 0.05), (0.01, -0.004, 0.044), (0.08, 0.012, 0.034)):
        canvas.ellipse(x + dx * size, y + dy * size, radius * size * 1.2, radius * size, colour)
    foot, left, right = y + 0.0295 * size, x - 0.18 * size, x + 0.14 * size
    canvas.rectangle(left, foot - 0.0175 * size, right, foot + 0.0175 * size, colour)
    for end in (left, right):
        canvas.ellipse(end, foot, 0.0175 * size, 0.0175 * size, colour)


def _lanterns(canvas: Canvas, palette: Palette, gold: F32) -> None:
    """청사초롱: two colours, one above the other, hung from the picture's top at the sides."""
    upper = saturated(palette.accent, 1.05)
    lower = saturated(mix(np.array([0.18, 0.37, 0.69], np.float32), palette.deep, 0.25), 1.05)
    spots = [(-0.40, -0.52, 0.075), (-0.56, -0.40, 0.055), (0.41, -0.44, 0.07), (0.58, -0.56, 0.055)]
    for number in range(int(max(0.0, canvas.half - 0.7) / 0.28)):
        for side in (-1, 1):
            spots.append((side * (0.74 + 0.28 * number), -0.44 - 0.16 * ((number + (side > 0)) % 2), 0.058))
    squeeze = min(1.0, (canvas.half - 0.08) / 0.42)
    for x, y, radius in spots:
        at = max(canvas.horizon + y, canvas.top + 1.9 * radius)
        _lantern(canvas, x * squeeze, at, radius, (upper, lower, gold))


def _lantern(canvas: Canvas, x: float, y: float, radius: float, colours: tuple[F32, F32, F32]) -> None:
    upper, lower, gold = colours
    canvas.rectangle(x - 0.001, canvas.top, x + 0.001, y - radius, gold, 0.6)
    canvas.ellipse(x, y, radius * 2.6, radius * 2.6, mix(gold, upper, 0.4), 0.22, radius * 0.9)
    turn = np.linspace(0, np.pi, 24)
    for sign, colour in ((-1, upper), (1, lower)):
        canvas.polygon(curve(x - 0.95 * radius * np.cos(turn), y + sign * 0.9 * radius * np.sin(turn) ** 0.6), colour)
    canvas.ellipse(x, y, radius * 0.55, radius * 0.7, gold, 0.75, radius * 0.30)
    for sign in (-1, 1):
        edge = y + sign * radius * 0.88
        canvas.rectangle(x - radius * 0.42, edge - 0.007, x + radius * 0.42, edge + 0.007, gold * 0.82)
    tassel = [
        (x - 0.004, y + radius),
        (x + 0.004, y + radius),
        (x + 0.007, y + 1.9 * radius),
        (x - 0.007, y + 1.9 * radius),
    ]
    canvas.polygon(tassel, upper)


@scene("market", "bazaar", themed=True, vignette=0.22)
def market(canvas: Canvas, palette: Palette) -> Stage:
    """An evening market out of focus: awning, stalls, strings of lamps."""
    high = smoothstep(-0.9, 0.1, canvas.y - canvas.horizon) + 0.4 * (canvas.clouds(0.5) - 0.5)
    night, warm = darkened(palette.deep, 0.12), darkened(saturated(palette.mid, 1.3), 0.32)
    canvas.fill(between(night, warm, np.asarray(np.clip(high, 0, 1), np.float32)))
    warmth = canvas.glow(0, canvas.horizon - 0.22, max(0.8, canvas.half), 0.30)[..., None]
    canvas.screen(warmth * saturated(mix(palette.mid, palette.light, 0.25), 1.25) * 0.55)
    _stalls(canvas, palette)
    edge = _awning(canvas, palette)
    glints = (palette.mid, mix(palette.light, palette.mid, 0.4), palette.accent, palette.light)
    draw_lights(canvas, Lights([saturated(c, 1.25) for c in glints], 44, (0.015, 0.055), (0.10, 0.42), (-0.45, 0.2)))
    _lamps(canvas, palette, edge)
    boards = (mix(palette.deep, BLACK, 0.15), mix(palette.mid, palette.deep, 0.2))
    floor(canvas, wood(0), boards, scale=0.8, light=pool_of_light(canvas, 0.55, 0.75), mirror=0.22)
    canvas.blur_rows(canvas.horizon, 0.035, 0.007)
    return canvas.stage(shadow=0.65, gloss=0.10, tint=(1.05, 1.0, 0.91))


def _stalls(canvas: Canvas, palette: Palette) -> None:
    """Blurred counters with heaped goods under a lit back wall."""
    goods = (
        palette.accent,
        palette.mid,
        mix(palette.mid, np.array([0.42, 0.50, 0.20], np.float32), 0.6),
        palette.light,
    )
    step = 0.26
    for number in range(-int(canvas.half / step) - 1, int(canvas.half / step) + 2):
        x = number * step + canvas.random.uniform(-0.05, 0.05)
        height = canvas.random.uniform(0.10, 0.17)
        counter = mix(palette.deep, saturated(palette.mid, 1.2), canvas.random.uniform(0.2, 0.7))
        canvas.rectangle(x - 0.12, canvas.horizon - height, x + 0.12, canvas.horizon + 0.02, counter, 0.6, 0.018)
        for heap in range(3):
            colour = goods[int(canvas.random.integers(len(goods)))] * canvas.random.uniform(0.75, 1.0)
            at = x - 0.08 + 0.08 * heap
            canvas.ellipse(at, canvas.horizon - height, 0.05, canvas.random.uniform(0.025, 0.05), colour, 0.7, 0.011)


def _awning(canvas: Canvas, palette: Palette) -> float:
    """Striped cloth along the top, with scallops; returns its lower edge."""
    height = min(0.17, -canvas.top * 0.16)
    edge = canvas.top + height
    count = int(canvas.half * 2 / 0.12) + 2
    for number in range(count):
        x = -canvas.half + 0.12 * number - 0.03
        colour = palette.accent if number % 2 else mix(palette.light, WHITE, 0.15)
        turn = np.linspace(0, np.pi, 12)
        scallop = curve(x + 0.06 + 0.06 * np.cos(turn), edge + 0.034 * np.sin(turn))
        canvas.polygon([(x, canvas.top - 0.05), (x + 0.12, canvas.top - 0.05), *scallop], colour * 0.92, 0.95, 0.0045)
    canvas.gain(
        1 - 0.35 * smoothstep(edge + 0.12, edge - 0.02, canvas.y) * smoothstep(edge - 0.10, edge + 0.04, canvas.y)
    )
    return edge


def _lamps(canvas: Canvas, palette: Palette, edge: float) -> None:
    warm, bulb = mix(palette.mid, palette.light, 0.35), mix(palette.light, WHITE, 0.6)
    count = int(12 * canvas.half) + 2
    for string in range(2):
        for number in range(count):
            share = number / (count - 1)
            x = -canvas.half + 2 * canvas.half * share
            sag = np.sin(np.pi * ((share * 2 * canvas.half / 0.9 + 0.3 * string) % 1))
            y = edge + 0.10 + 0.12 * string + 0.10 * float(sag)
            canvas.ellipse(x, y, 0.05, 0.05, warm, 0.30, 0.03)
            canvas.ellipse(x, y, 0.013, 0.013, bulb, 0.95, 0.004)
