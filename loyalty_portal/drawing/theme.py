"""A vendor's colours as custom properties. Text colours are computed for contrast, never asked for."""

from __future__ import annotations

import colorsys
import hashlib
import math

INK = "#1E150E"
PAPER = "#FFF6E8"
HOT = ("#FF7D56", "#FFD23F", "#7CE0C3", "#C4320A", "#8E1B5A", "#12307A")
READABLE = 4.5
"""The contrast that WCAG asks of text."""
VISIBLE = 3.0
"""The contrast that WCAG asks of shapes that mean something."""
UNLIKE = 110
"""How far apart two colours must be to be told apart at once, of 441."""


def rgb(colour: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hex_colour(parts: tuple[float, float, float]) -> str:
    """Three numbers, rounded and kept between 0 and 255, as `#RRGGBB`."""
    red, green, blue = (max(0, min(255, round(part))) for part in parts)
    return f"#{red:02X}{green:02X}{blue:02X}"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` of `other` in `one`."""
    pairs = zip(rgb(one), rgb(other), strict=True)
    red, green, blue = (a + (b - a) * share for a, b in pairs)
    return hex_colour((red, green, blue))


def readable_on(background: str, *wishes: str) -> str:
    """The first wished colour that can be read on the background, else the best of paper, ink, white and black."""
    for wish in wishes:
        if contrast(background, wish) >= READABLE:
            return wish
    return max((PAPER, INK, "#FFFFFF", "#000000"), key=lambda colour: contrast(background, colour))


def lighten(colour: str, share: float) -> str:
    """The colour with `share` more lightness (0 to 1), still as colourful: paper white would make it grey."""
    hue, light, strength = colorsys.rgb_to_hls(*(part / 255 for part in rgb(colour)))
    red, green, blue = colorsys.hls_to_rgb(hue, max(0.0, min(1.0, light + share)), strength)
    return hex_colour((red * 255, green * 255, blue * 255))


def palette(card_color: str, card_secondary_color: str) -> dict[str, str]:
    """The card's colours by the name of their custom property. Both colours are `#RRGGBB`."""
    base, stamp = card_color.upper(), card_secondary_color.upper()
    if contrast(base, stamp) < VISIBLE:
        # Stamps that can't be seen on the card take the colour of its text.
        stamp = readable_on(base)
    text = readable_on(base, mix(stamp, "#FFFFFF", 0.45), mix(stamp, "#000000", 0.45))
    grounds = _grounds(base, text)
    fresh = _fresh(base, stamp)
    return {
        "--card-light": grounds[0],
        "--card-solid": grounds[1],
        "--card-dark": grounds[2],
        "--card-fg": text,
        "--card-soft": _soft(text, base, grounds),
        "--stamp": stamp,
        "--stamp-fg": readable_on(stamp, base),
        "--stamp-new": fresh,
        "--stamp-new-fg": readable_on(fresh, INK),
    }


def _grounds(base: str, text: str) -> tuple[str, str, str]:
    """What the card's glow runs through, from light to dark: as deep as the text stays readable everywhere."""
    for glow in (0.09, 0.05, 0.02):
        grounds = (lighten(base, glow), base, mix(base, "#000000", glow * 2.4))
        if _weakest(text, grounds) >= READABLE:
            return grounds
    return base, base, base


def _weakest(text: str, grounds: tuple[str, ...]) -> float:
    return min(contrast(ground, text) for ground in grounds)


def _soft(text: str, base: str, grounds: tuple[str, ...]) -> str:
    """The text's quieter shade: as quiet as can still be read."""
    for share in (0.28, 0.2, 0.12):
        shade = mix(text, base, share)
        if _weakest(shade, grounds) >= READABLE:
            return shade
    return text


def _fresh(base: str, stamp: str) -> str:
    """The colour of the newest stamp and the next place: seen on the card, and unlike the other stamps."""
    fits = (colour for colour in HOT if contrast(colour, base) >= VISIBLE and _apart(colour, stamp) >= UNLIKE)
    return next(fits, readable_on(base))


def _apart(one: str, other: str) -> float:
    """How different two colours look: the distance of their parts, 0 to 441."""
    return math.dist(rgb(one), rgb(other))


def theme_css(card_color: str, card_secondary_color: str) -> str:
    """A style sheet that themes whatever stands under `data-theme=card`."""
    lines = "".join(f"{name}:{value};" for name, value in palette(card_color, card_secondary_color).items())
    return f"[data-theme=card]{{{lines}}}\n"


def theme_hash(card_color: str, card_secondary_color: str) -> str:
    """Changes when the style sheet does."""
    return hashlib.sha256(theme_css(card_color, card_secondary_color).encode()).hexdigest()[:12]
