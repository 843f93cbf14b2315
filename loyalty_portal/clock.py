"""The only file that asks the time.

Everything stored is UTC; a vendor's zone decides what "today" means (`local_day`, `day_end`).
"""

from __future__ import annotations

import time as time_of_machine
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What everything that needs the time is given."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC, with microseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands still until it is moved: for tests, the demo's history and the bench."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def move(self, **delta: float) -> datetime:
        """Moves by `timedelta(**delta)`, backwards too, and answers the new moment."""
        self._at += timedelta(**delta)
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)


def stopwatch() -> float:
    """Seconds of a clock that never jumps, for how long something took."""
    return time_of_machine.monotonic()


def pause(seconds: float) -> None:
    """Lets the thread rest. Tests hand in a clock of their own where something pauses."""
    time_of_machine.sleep(seconds)


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of `moment` in the IANA zone `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_start(day: date, zone: str) -> datetime:
    """The first moment of the local `day`, in UTC (a day has 23 or 25 hours when clocks change)."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def day_end(day: date, zone: str) -> datetime:
    """The first moment after the local `day`, in UTC."""
    return day_start(day + timedelta(days=1), zone)
