"""A shop whose cards collect points, and what its till does with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask

from loyalty_portal.database import transaction
from loyalty_portal.enums import StaffRole
from loyalty_portal.schemas.cards import CardView, Enrolment
from loyalty_portal.schemas.counter import (
    AdjustPoints,
    Answer,
    Keyed,
    Origin,
    PointsCommand,
    Receipt,
    RedeemPoints,
    Refusal,
    StampCommand,
    VoidCommand,
)
from loyalty_portal.schemas.staff import StaffCreate
from tests.shops import Shop, open_shop

CAKE = {"id": "cake", "name": "Cake", "points_required": 50, "value_cents": 420, "cost_cents": 130}
COFFEE = {"id": "coffee", "name": "Coffee", "points_required": 20, "value_cents": 350}
GONE = {"id": "gone", "name": "Tea", "points_required": 1, "is_active": False}


@dataclass(frozen=True)
class PointsShop(Shop):
    """A shop with one card, `code`, and a manager."""

    code: str = ""
    manager_id: int = 0

    @property
    def manager(self) -> Origin:
        return self.origin.model_copy(update={"staff_pin_id": self.manager_id, "staff_role": StaffRole.MANAGER})

    def earn(self, *, origin: Origin | None = None, keyed: Keyed | None = None, code: str = "", **asked: Any) -> Answer:
        with self.app.app_context(), transaction():
            return self.services.points_service.earn(
                origin or self.origin, code or self.code, PointsCommand(**asked), keyed
            )

    def spend(self, reward_id: str = "coffee", *, keyed: Keyed | None = None) -> Answer:
        with self.app.app_context(), transaction():
            return self.services.points_service.redeem(self.origin, self.code, RedeemPoints(reward_id=reward_id), keyed)

    def adjust(self, points: int, *, origin: Origin | None = None) -> Answer:
        with self.app.app_context(), transaction():
            return self.services.points_service.adjust(
                origin or self.manager, self.code, AdjustPoints(points=points, reason="Forgotten yesterday")
            )

    def void(self, answer: Answer, *, origin: Origin | None = None, reason: str | None = None) -> Answer:
        assert isinstance(answer, Receipt), answer
        with self.app.app_context(), transaction():
            return self.services.entry_service.void(
                origin or self.origin, answer.transaction.id, VoidCommand(reason=reason)
            )

    def give_stamp(self) -> Answer:
        with self.app.app_context(), transaction():
            return self.services.stamp_service.earn(self.origin, self.code, StampCommand())

    def card(self) -> CardView:
        with self.app.app_context():
            return self.services.card_service.by_code(self.vendor.id, self.vendor.time_zone, self.code)

    def new_card(self) -> CardView:
        with self.app.app_context(), transaction():
            return self.services.enrolment_service.enrol(self.origin, Enrolment(first_name="Sophie"))[0]

    def remainder(self) -> int:
        return int(self.rows("SELECT points_remainder FROM loyalty_cards WHERE code = :code", code=self.code)[0][0])

    def count(self) -> int:
        return int(self.rows("SELECT COUNT(*) FROM loyalty_transactions")[0][0])


def points_shop(app: Flask, **changes: Any) -> PointsShop:
    program = {
        "loyalty_type": "points",
        "points_per_euro": 1,
        "points_rewards": [CAKE, COFFEE, GONE],
        "cooldown_minutes": 0,
    } | changes
    made = open_shop(app, **program)
    bare = PointsShop(made.app, made.vendor, made.program_id)
    with app.app_context():
        hashed = bare.services.pin_service.hash_new(made.vendor.id, 4, "3690")
        with transaction():
            manager = bare.services.pin_service.add(
                made.vendor.id, StaffCreate(name="Mia", role=StaffRole.MANAGER), hashed
            )
    return PointsShop(made.app, made.vendor, made.program_id, bare.new_card().code, manager.id)


def receipt(answer: Answer) -> Receipt:
    assert isinstance(answer, Receipt), answer
    return answer


def refusal(answer: Answer, code: str) -> Refusal:
    assert isinstance(answer, Refusal), answer
    assert answer.code == code
    return answer
