"""The stamp: a scalloped seal, slightly turned, a little worn. Computed once; each place on a card has its own."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

SIZE = 100
_LOBES = 16
_TURNS = (-7, 4, -3, 8, -5, 6, -9, 3, 7, -4)
_VARIANTS = 3


@lru_cache(maxsize=1)
def outline() -> str:
    """The seal's edge as an SVG path in a box of 100: sixteen lobes around the middle."""
    middle, valley, peak = SIZE / 2, 44.0, 48.5
    points = []
    for lobe in range(_LOBES):
        at = 2 * math.pi * lobe / _LOBES
        half = math.pi / _LOBES
        points.append((_on(middle, valley, at - half), _on(middle, peak + 3, at), _on(middle, valley, at + half)))
    path = f"M{points[0][0]}"
    for _, control, end in points:
        path += f"Q{control} {end}"
    return path + "Z"


@lru_cache(maxsize=_VARIANTS)
def specks(variant: int) -> tuple[tuple[float, float, float], ...]:
    """Where ink is missing: (x, y, radius), the same each time."""
    chance = random.Random(variant * 7919 + 13)  # noqa: S311
    found = []
    for _ in range(11):
        distance, angle = 46 * math.sqrt(chance.uniform(0.25, 1)), chance.uniform(0, 2 * math.pi)
        x, y = SIZE / 2 + distance * math.cos(angle), SIZE / 2 + distance * math.sin(angle)
        found.append((round(x, 1), round(y, 1), round(chance.uniform(0.5, 1.5), 1)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on the card. `number` counts from 1; `state` is `on`, `new`, `next`, `open`; the last is the goal."""

    number: int
    state: str
    is_goal: bool
    turn: int
    variant: int


def slots(shown: int, target: int, new: int = 0, mark_next: bool = False) -> list[Slot]:
    """The card's places: `shown` of `target` are stamped, the last `new` of them just now."""
    found = []
    for number in range(1, target + 1):
        if number <= shown:
            state = "new" if number > shown - new else "on"
        else:
            state = "next" if mark_next and number == shown + 1 else "open"
        found.append(Slot(number, state, number == target, _TURNS[number % len(_TURNS)], number % _VARIANTS))
    return found


def sprite() -> str:
    """`static/stamp.svg`: what every card draws many times, so that a page names it in a few characters.

    Colours are the custom properties of the page that uses it.
    """
    ink = f'<path d="{outline()}" fill="var(--ink-now, var(--stamp, #ffe3b8))"/>'
    line = 'fill="none" stroke="var(--ink-now-fg, var(--stamp-fg, #14453d))" stroke-width="1.3" opacity=".5"'
    ring = f'<circle cx="50" cy="50" r="35" {line}/>'
    stamps = [
        f'<g id="stamp-{variant}">{ink}{ring}<g fill="var(--card-solid, #14453d)" opacity=".6">'
        + "".join(f'<circle cx="{x}" cy="{y}" r="{r}"/>' for x, y, r in specks(variant))
        + "</g></g>"
        for variant in range(_VARIANTS)
    ]
    rays = "".join(
        f'<path d="M50 -3V-12" transform="rotate({turn} 50 50)" pathLength="30"/>' for turn in range(15, 375, 45)
    )
    rings = "".join(f'<circle cx="640" cy="40" r="{radius}"/>' for radius in range(40, 640, 24))
    shapes = [f'<path id="seal" d="{outline()}"/>', *stamps, f'<g id="burst">{rays}</g>', f'<g id="rings">{rings}</g>']
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg"><defs>', *shapes, "</defs></svg>", ""])


def columns(target: int) -> int:
    """How many places stand in a row, so that rows are full or nearly so and the card stays handsome."""
    if target <= 5:
        return target
    if target <= 12:
        return math.ceil(target / 2)
    rows = 3 if target <= 21 else 4 if target <= 32 else 5
    return math.ceil(target / rows)


def _on(middle: float, radius: float, angle: float) -> str:
    return f"{middle + radius * math.cos(angle):.1f} {middle + radius * math.sin(angle):.1f}"
