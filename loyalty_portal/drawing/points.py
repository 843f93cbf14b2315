"""How far a balance of points is from a reward: what a card draws as a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """The reward that a card shows. `share` is how much of it is there, 0 to 100; `missing` points, 0 when reached."""

    name: str
    missing: int
    share: int


def goal(balance: int, rewards: Iterable[Any]) -> Goal | None:
    """The next reward to come, else the dearest one that is reached; None where nothing is offered."""
    offered = sorted((reward for reward in rewards if reward.is_active), key=lambda reward: reward.points_required)
    if not offered:
        return None
    ahead = next((reward for reward in offered if reward.points_required > balance), None)
    if ahead is None:
        return Goal(offered[-1].name, 0, 100)
    return Goal(ahead.name, ahead.points_required - balance, max(0, balance) * 100 // ahead.points_required)
