"""The stamps of a card in a row or several, for wallets: from the seals and icons of the web card, on a flat ground."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from loyalty_portal.drawing import seal, theme
from loyalty_portal.paths import STATIC

MOST_SHOWN = 50
_ICONS = STATIC / "vendor" / "lucide" / "icons.svg"


@dataclass(frozen=True, slots=True)
class Design:
    """How a program's cards look: both colours as `#RRGGBB`, and the stamp's icon."""

    card_color: str
    card_secondary_color: str
    stamp_icon: str


def stamps_svg(design: Design, width: int, height: int, shown: int, target: int) -> str:
    """`shown` of `target` stamps (2 to 50) in a box of this size, as large as they fit."""
    colours = theme.palette(design.card_color, design.card_secondary_color)
    columns, rows, cell = _grid(width, height, target)
    icon = _icon(design.stamp_icon)
    left, top = (width - columns * cell) / 2, (height - rows * cell) / 2
    places = []
    for slot in seal.slots(shown, target):
        row, column = divmod(slot.number - 1, columns)
        # The last row, when it isn't full, stands in the middle.
        short = (columns - (target - row * columns)) * cell / 2 if row == rows - 1 else 0
        at = f"translate({left + short + column * cell:.1f} {top + row * cell:.1f}) scale({cell / 112:.4f})"
        places.append(f'<g transform="{at} translate(6 6)">{_place(slot, colours, icon)}</g>')
    return _drawing(width, height, colours["--card-solid"], "".join(places))


def rings_svg(design: Design, width: int, height: int) -> str:
    """A card without stamps: the web card's rings, and the icon large and faint."""
    colours = theme.palette(design.card_color, design.card_secondary_color)
    scale = height / 300
    rings = "".join(f'<circle cx="{width * 0.86:.0f}" cy="{height * 0.16:.0f}" r="{radius * scale:.1f}"/>'
                    for radius in range(40, 900, 26))  # fmt: skip
    line = f'fill="none" stroke="{colours["--card-fg"]}"'
    size = height * 0.56
    sign = (
        f'<g transform="translate({width * 0.07:.0f} {height * 0.22:.0f}) scale({size / 100:.4f})">'
        f"{_stamp(0, -7, colours, _icon(design.stamp_icon))}</g>"
    )
    return _drawing(
        width, height, colours["--card-solid"], f'<g {line} stroke-width="1.6" opacity=".14">{rings}</g>{sign}'
    )


def logo_svg(design: Design, size: int) -> str:
    """A shop without a logo of its own: its stamp on the colour of its card. A circle may be cut out of the middle."""
    colours = theme.palette(design.card_color, design.card_secondary_color)
    # 15 % of margin on each side, as Google's guide asks.
    scale = size * 0.7 / 100
    stamp = _stamp(0, -7, colours, _icon(design.stamp_icon))
    sign = f'<g transform="translate({size * 0.15:.1f} {size * 0.15:.1f}) scale({scale:.4f})">{stamp}</g>'
    return _drawing(size, size, colours["--card-solid"], sign)


def _grid(width: int, height: int, target: int) -> tuple[int, int, float]:
    """(columns, rows, size of a place): the rows that make the places largest, a margin kept around."""
    room_x, room_y = width * 0.94, height * 0.9
    fits = []
    for rows in range(1, 6):
        columns = math.ceil(target / rows)
        fits.append((min(room_x / columns, room_y / rows, height * 0.62), -rows, columns))
    cell, rows, columns = max(fits)
    return columns, math.ceil(target / columns), cell


def _place(slot: seal.Slot, colours: dict[str, str], icon: str) -> str:
    if slot.state in {"on", "new"}:
        return _stamp(slot.variant, slot.turn, colours, icon)
    text = colours["--card-fg"]
    edge = 0.85 if slot.is_goal else 0.5
    ground = f'fill="#FFFFFF" fill-opacity="{0.1 if slot.is_goal else 0.04}"'
    place = (
        f'<circle cx="50" cy="50" r="42" {ground} stroke="{text}" stroke-opacity="{edge}" stroke-width="1.8" '
        'stroke-dasharray="5.2 5.35"/>'
    )
    return place + (_drawn(_icon("gift"), 31, 38, text) if slot.is_goal else "")


def _stamp(variant: int, turn: int, colours: dict[str, str], icon: str) -> str:
    """A seal with its worn ink, turned, and the icon upon it: in a box of 100."""
    ink = colours["--stamp-fg"]
    worn = "".join(f'<circle cx="{x}" cy="{y}" r="{radius}"/>' for x, y, radius in seal.specks(variant))
    return (
        f'<g transform="rotate({turn} 50 50)"><path d="{seal.outline()}" fill="{colours["--stamp"]}"/>'
        f'<circle cx="50" cy="50" r="35" fill="none" stroke="{ink}" stroke-width="1.3" opacity=".5"/>'
        f'<g fill="{colours["--card-solid"]}" opacity=".6">{worn}</g>{_drawn(icon, 29, 42, ink)}</g>'
    )


def _drawn(icon: str, at: int, size: int, colour: str) -> str:
    return (
        f'<g transform="translate({at} {at}) scale({size / 24:.4f})" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{icon}</g>'
    )


@cache
def _icon(name: str) -> str:
    """The shapes of an icon of the sheet, in a box of 24. Raises `KeyError` for one that isn't there."""
    found = re.search(rf'<symbol id="i-{re.escape(name)}"[^>]*>(.*?)</symbol>', _sheet(), re.DOTALL)
    if found is None:
        raise KeyError(name)
    return found[1]


@cache
def _sheet() -> str:
    return _ICONS.read_text()


def _drawing(width: int, height: int, ground: str, inner: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<rect width="{width}" height="{height}" fill="{ground}"/>{inner}</svg>'
    )
