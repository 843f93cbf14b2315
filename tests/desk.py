"""A counter for the services' tests: what a shop's people do there, without any door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from loyalty_portal.database import db, end_read, transaction
from loyalty_portal.enums import Source, StaffRole
from loyalty_portal.schemas.cards import CardView, Enrolment
from loyalty_portal.schemas.counter import Answer, Keyed, Origin, Receipt, Refusal, StampCommand, VoidCommand
from loyalty_portal.schemas.staff import StaffCreate, StaffView
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.services import Services
from tests.shops import Shop

Found = TypeVar("Found")


@dataclass(frozen=True)
class Desk:
    """A paired till of a shop."""

    shop: Shop
    till_id: int

    @property
    def vendor_id(self) -> int:
        return self.shop.vendor.id

    @property
    def services(self) -> Services:
        return self.shop.services

    def origin(self, **changes: Any) -> Origin:
        return Origin(
            vendor_id=self.vendor_id,
            time_zone=self.shop.vendor.time_zone,
            source=Source.COUNTER,
            source_id=self.till_id,
        ).model_copy(update=changes)

    def write(self, action: Callable[[Services], Found]) -> Found:
        with self.shop.app.app_context(), transaction():
            return action(self.services)

    def read(self, action: Callable[[Services], Found]) -> Found:
        with self.shop.app.app_context():
            found = action(self.services)
            end_read()
            return found

    def row(self, query: str, **values: Any) -> Any:
        return self.shop.rows(query, **values)[0]

    def enrol(self, **fields: Any) -> CardView:
        return self.write(lambda s: s.enrolment_service.enrol(self.origin(), Enrolment(**fields)))[0]

    def keyed(self, key: str, **request: Any) -> Keyed:
        return self.services.idempotency.keyed(key, "test", request)

    def earn(self, code: str, quantity: int = 1, key: str | None = None) -> Answer:
        keyed = self.keyed(key, code=code, quantity=quantity) if key else None
        command = StampCommand(quantity=quantity)
        return self.write(lambda s: s.stamp_service.earn(self.origin(), code, command, keyed))

    def stamp(self, code: str, quantity: int = 1) -> Receipt:
        return receipt(self.earn(code, quantity))

    def try_redeem(self, code: str, key: str | None = None) -> Answer:
        keyed = self.keyed(key, code=code) if key else None
        return self.write(lambda s: s.stamp_service.redeem(self.origin(), code, keyed))

    def redeem(self, code: str) -> Receipt:
        return receipt(self.try_redeem(code))

    def try_void(self, entry_id: int, reason: str | None = None, key: str | None = None, **origin: Any) -> Answer:
        keyed = self.keyed(key, entry=entry_id) if key else None
        command = VoidCommand(reason=reason)
        return self.write(lambda s: s.entry_service.void(self.origin(**origin), entry_id, command, keyed))

    def void(self, entry_id: int, reason: str | None = None, **origin: Any) -> Receipt:
        return receipt(self.try_void(entry_id, reason, **origin))

    def card(self, card_id: int) -> CardView:
        return self.read(lambda s: s.card_service.get(self.vendor_id, self.shop.vendor.time_zone, card_id))

    def last_entry_id(self, card_id: int) -> int:
        return self.read(lambda s: s.card_service.entries(self.vendor_id, card_id, limit=1))[0].id

    def add_staff(self, name: str, pin: str, role: StaffRole = StaffRole.STAFF) -> StaffView:
        hashed = self.read(lambda s: s.pin_service.hash_new(self.vendor_id, self.shop.vendor.pin_length, pin))
        command = StaffCreate(name=name, role=role, pin=pin)
        return self.write(lambda s: s.pin_service.add(self.vendor_id, command, hashed))


def desk_of(shop: Shop, name: str = "Counter") -> Desk:
    made = None
    with shop.app.app_context():
        with transaction():
            made = shop.services.device_service.create(shop.vendor.id, TillCreate(name=name))
        db.session.remove()
    return Desk(shop, made.till_id)


def receipt(answer: Answer) -> Receipt:
    assert isinstance(answer, Receipt), answer
    return answer


def refusal(answer: Answer, code: str) -> Refusal:
    assert isinstance(answer, Refusal), answer
    assert answer.code == code
    return answer
