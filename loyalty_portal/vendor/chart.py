"""The bar chart of days: numbers in, places on a sheet out. The template draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from loyalty_portal.schemas.statistics import DayCount

WIDTH, HEIGHT = 720, 250
LEFT, TOP, BOTTOM = 44, 12, 34
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's place on the sheet; `label` is what stands below, for one day a week."""

    x: float
    y: float
    width: float
    height: float
    label: str | None
    is_today: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the chart with its number."""

    value: int
    y: float


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    lines: list[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def step(most: int) -> int:
    """The distance of the lines: 1, 2 or 5 times a power of ten, so that two to four of them do."""
    power = 1
    while True:
        for base in _STEPS:
            if base * power * 4 >= most:
                return base * power
        power *= 10


def day_chart(days: list[DayCount], named: Callable[[date], str]) -> Chart:
    """A chart of stamps per day; the last day is today. It and each week before it are labelled by `named`."""
    most = max([day.stamps for day in days] + [1])
    distance = step(most)
    ceiling = -(-most // distance) * distance
    floor = HEIGHT - BOTTOM
    unit = (floor - TOP) / ceiling
    slot = (WIDTH - LEFT) / len(days)
    last = len(days) - 1
    bars = []
    for number, day in enumerate(days):
        height = round(day.stamps * unit, 1)
        bars.append(
            Bar(
                x=round(LEFT + number * slot + slot * 0.14, 1),
                y=round(floor - height, 1),
                width=round(slot * 0.72, 1),
                height=height,
                label=named(day.day) if (last - number) % 7 == 0 else None,
                is_today=number == last,
            )
        )
    lines = [Line(value, round(floor - value * unit, 1)) for value in range(0, ceiling + 1, distance)]
    return Chart(bars, lines)
