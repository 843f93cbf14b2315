"""A program's catalogue: rewards added, changed, moved, switched. Entries of the past keep the reward as it was."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from loyalty_portal.errors import Invalid, NotFound
from loyalty_portal.models import LoyaltyProgram
from loyalty_portal.schemas.programs import MOST_REWARDS, ProgramUpdate, ProgramView, Reward, RewardView
from loyalty_portal.services.ledger import AnySession
from loyalty_portal.services.program_service import ProgramService

programs = LoyaltyProgram.__table__


class RewardService:
    """Rewards live in one column of the program, in the owner's order."""

    def __init__(self, session: AnySession, program_service: ProgramService) -> None:
        self._session = session
        self._program_service = program_service

    def program(self, vendor_id: int) -> ProgramView:
        """The live program, which collects points. Raises `NotFound` where it doesn't."""
        program = self._program_service.need(vendor_id)
        if not program.has_points:
            raise NotFound
        return program

    def get(self, vendor_id: int, reward_id: str) -> RewardView:
        """Raises `NotFound`."""
        found = next((each for each in self.program(vendor_id).points_rewards if each.id == reward_id), None)
        if found is None:
            raise NotFound
        return found

    def add(self, vendor_id: int, reward: Reward) -> None:
        """At the end of the catalogue. Raises `Invalid` when it is full."""

        def add(rewards: list[Reward]) -> list[Reward]:
            if len(rewards) >= MOST_REWARDS:
                raise Invalid(errors=[{"field": "name", "type": "too_many_rewards", "ctx": {"limit": MOST_REWARDS}}])
            return [*rewards, reward]

        self._rewrite(vendor_id, add)

    def change(self, vendor_id: int, reward_id: str, reward: Reward) -> None:
        """What it says and costs; whether it is on offer stays. Raises `NotFound`."""

        def change(old: Reward) -> Reward:
            return reward.model_copy(update={"id": old.id, "is_active": old.is_active})

        self._replace(vendor_id, reward_id, change)

    def switch(self, vendor_id: int, reward_id: str, *, on: bool) -> None:
        """Off: nobody is offered it; who looks at the past still finds it. Raises `NotFound`."""
        self._replace(vendor_id, reward_id, lambda old: old.model_copy(update={"is_active": on}))

    def move(self, vendor_id: int, reward_id: str, *, up: bool) -> None:
        """One place up or down; the first stays first. Raises `NotFound`."""

        def move(rewards: list[Reward]) -> list[Reward]:
            place = _place(rewards, reward_id)
            other = place - 1 if up else place + 1
            if 0 <= other < len(rewards):
                rewards[place], rewards[other] = rewards[other], rewards[place]
            return rewards

        self._rewrite(vendor_id, move)

    def _replace(self, vendor_id: int, reward_id: str, changed: Callable[[Reward], Reward]) -> None:
        def replace(rewards: list[Reward]) -> list[Reward]:
            place = _place(rewards, reward_id)
            return [*rewards[:place], changed(rewards[place]), *rewards[place + 1 :]]

        self._rewrite(vendor_id, replace)

    def _rewrite(self, vendor_id: int, rewritten: Callable[[list[Reward]], list[Reward]]) -> None:
        # Two owners at once change it one after the other, each on what the other left.
        self._session.execute(
            select(programs.c.id)
            .where(programs.c.vendor_id == vendor_id, programs.c.archived_at.is_(None))
            .with_for_update()
        )
        rewards = [Reward.model_validate(each.model_dump()) for each in self.program(vendor_id).points_rewards]
        self._program_service.update(vendor_id, ProgramUpdate(points_rewards=rewritten(rewards)))


def _place(rewards: list[Reward], reward_id: str) -> int:
    for place, reward in enumerate(rewards):
        if reward.id == reward_id:
            return place
    raise NotFound
