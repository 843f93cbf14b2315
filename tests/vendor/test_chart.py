"""The chart of days: bars that stand on the floor, lines at round numbers, a label a week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loyalty_portal.schemas.statistics import DayCount
from loyalty_portal.vendor.chart import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, day_chart, step

LAST = date(2026, 11, 16)


def days(*stamps: int) -> list[DayCount]:
    first = LAST - timedelta(days=len(stamps) - 1)
    return [
        DayCount(day=first + timedelta(days=number), stamps=count, rewards=0) for number, count in enumerate(stamps)
    ]


@pytest.mark.parametrize(
    ("most", "distance"), [(1, 1), (4, 1), (5, 2), (9, 5), (20, 5), (21, 10), (66, 20), (401, 200), (10**6, 500_000)]
)
def test_lines_stand_at_round_numbers(most: int, distance: int) -> None:
    assert step(most) == distance
    assert 1 <= -(-most // distance) <= 4


def test_bars_stand_on_the_floor_and_stay_on_the_sheet() -> None:
    chart = day_chart(days(*range(28)), str)
    floor = HEIGHT - BOTTOM
    for number, bar in enumerate(chart.bars):
        assert bar.y + bar.height == pytest.approx(floor, abs=0.11)
        assert bar.y >= TOP
        assert bar.x >= LEFT and bar.x + bar.width <= WIDTH
        assert bar.height == pytest.approx(chart.bars[-1].height * number / 27, abs=0.11)


def test_today_and_each_week_before_it_have_a_label() -> None:
    chart = day_chart(days(*[3] * 28), lambda day: day.isoformat())
    labelled = [(number, bar.label) for number, bar in enumerate(chart.bars) if bar.label]
    assert labelled == [(6, "2026-10-26"), (13, "2026-11-02"), (20, "2026-11-09"), (27, "2026-11-16")]
    assert [bar.is_today for bar in chart.bars].index(True) == 27


def test_a_shop_without_stamps_has_an_empty_sheet() -> None:
    chart = day_chart(days(*[0] * 28), str)
    assert {bar.height for bar in chart.bars} == {0}
    assert [line.value for line in chart.lines] == [0, 1]
