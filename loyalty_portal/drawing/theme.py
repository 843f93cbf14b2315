"""A vendor's colours as custom properties. Text colours are computed for contrast, never asked for."""

from __future__ import annotations

import hashlib

INK = "#1E150E"
PAPER = "#FFF6E8"
HOT = ("#FF7D56", "#FFD23F", "#7CE0C3")
READABLE = 4.5


def rgb(colour: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hex_colour(parts: tuple[float, float, float]) -> str:
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


def readable_on(background: str, wish: str | None = None) -> str:
    """The wished colour if it can be read on the background, else the better of paper and ink."""
    if wish and contrast(background, wish) >= READABLE:
        return wish
    return max((PAPER, INK, "#FFFFFF", "#000000"), key=lambda colour: contrast(background, colour))


def palette(card_color: str, card_secondary_color: str) -> dict[str, str]:
    """The card's colours by the name of their custom property."""
    base, stamp = card_color.upper(), card_secondary_color.upper()
    if contrast(base, stamp) < 2:
        # Stamps that can't be seen on the card take the colour of its text.
        stamp = readable_on(base)
    text = readable_on(base, mix(stamp, "#FFFFFF", 0.45))
    fresh = max(HOT, key=lambda colour: min(contrast(colour, base), contrast(colour, stamp) * 1.6))
    lighter = mix(base, "#FFFFFF", 0.12)
    darker = mix(base, "#000000", 0.22)
    if min(contrast(lighter, text), contrast(darker, text)) < READABLE:
        lighter = darker = base
    return {
        "--card-solid": base,
        "--card-light": lighter,
        "--card-dark": darker,
        "--card-fg": text,
        "--stamp": stamp,
        "--stamp-fg": readable_on(stamp, base),
        "--stamp-new": fresh,
        "--stamp-new-fg": readable_on(fresh),
    }


def theme_css(card_color: str, card_secondary_color: str) -> str:
    """A style sheet that themes whatever stands under `data-theme=card`."""
    lines = "".join(f"{name}:{value};" for name, value in palette(card_color, card_secondary_color).items())
    return f"[data-theme=card]{{{lines}}}\n"


def theme_hash(card_color: str, card_secondary_color: str) -> str:
    """Changes when the style sheet does."""
    return hashlib.sha256(theme_css(card_color, card_secondary_color).encode()).hexdigest()[:12]
