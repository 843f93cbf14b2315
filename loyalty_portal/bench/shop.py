"""The shop that is measured: cards without a cooldown, an unlocked till, and, for the search, many customers."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, update

from loyalty_portal.clock import SystemClock
from loyalty_portal.database import db, transaction
from loyalty_portal.enums import Source
from loyalty_portal.models import Customer, LoyaltyCard, SearchTerm, StaffPin
from loyalty_portal.schemas.cards import Enrolment
from loyalty_portal.schemas.counter import Origin
from loyalty_portal.schemas.programs import ProgramCreate
from loyalty_portal.schemas.staff import StaffCreate
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.schemas.vendors import VendorCreate, VendorView
from loyalty_portal.services import Services
from loyalty_portal.services.codes import new_code, new_token
from loyalty_portal.services.search import customer_terms
from loyalty_portal.web.current import services

PIN = "2580"
UNLOCKED_MINUTES = 600
_BATCH = 5000
_FIRST = "Anna Anne Ben Carole Claire David Elena Emma Félix Fatima Georges Gilles Hugo Inês Jeff Jos Julie Laurent Léa"
_MORE = "Lisa Luca Lynn Marc Maria Marie Martine Max Maya Mia Nora Oscar Paul Pit Romain Sam Sara Sophie Sven Tom Zoé"
_LAST = "Becker Braun Costa Ferreira Hoffmann Klein Kremer Lopes Majerus Muller Pereira Reuter Santos Schmit Weber"


@dataclass(frozen=True, slots=True)
class Shop:
    """What the load needs: the till's cookie and the cards' codes."""

    vendor_id: int
    time_zone: str
    till_id: int
    token: str
    codes: list[str]


def open_shop(app: Flask, cards: int) -> Shop:
    """Migrates an empty database and opens a shop with so many cards in it."""
    with app.app_context():
        upgrade()
        found: Services = services
        hashed_for: VendorView
        with transaction():
            hashed_for, _owner = found.vendor_service.create(VendorCreate(name="Bench"))
            found.program_service.create(hashed_for.id, _program())
            pairing = found.device_service.create(hashed_for.id, TillCreate(name="Till"))
            token = found.device_service.pair(pairing.code)
        hashed = found.pin_service.hash_new(hashed_for.id, hashed_for.pin_length, PIN)
        with transaction():
            staff = found.pin_service.add(hashed_for.id, StaffCreate(name="Luc"), hashed)
            till = found.device_service.till_by_token(token)
            if till is None:
                raise RuntimeError("the till wasn't paired")
            found.device_service.open_for(till, staff, UNLOCKED_MINUTES)
        origin = Origin(vendor_id=hashed_for.id, time_zone=hashed_for.time_zone, source=Source.SYSTEM)
        codes = []
        for start in range(0, cards, 100):
            with transaction():
                for number in range(start, min(cards, start + 100)):
                    enrolment = Enrolment(first_name=f"Sophie {number}", last_name="Muller")
                    codes.append(found.enrolment_service.enrol(origin, enrolment)[0].code)
        db.session.remove()
        db.engine.dispose()
    return Shop(hashed_for.id, hashed_for.time_zone, till.id, token, codes)


def _program() -> ProgramCreate:
    return ProgramCreate(
        card_name="Coffee club",
        stamps_target=10,
        stamps_reward_description="Free coffee",
        cooldown_minutes=0,
        max_daily_stamps=100,
        pin_unlock_minutes=UNLOCKED_MINUTES,
    )


def lock_till(app: Flask, shop: Shop, *, unlocked: bool) -> None:
    """Locks the till, so that each stamp asks for the PIN, or unlocks it again."""
    pins = StaffPin.__table__
    with app.app_context():
        till = services.device_service.till_by_token(shop.token)
        staff_id = db.session.execute(pins.select()).first()
        db.session.remove()
        if till is None or staff_id is None:
            raise RuntimeError("there is no till")
        with transaction():
            if unlocked:
                staff = services.pin_service.get(shop.vendor_id, staff_id.id)
                services.device_service.open_for(till, staff, UNLOCKED_MINUTES)
            else:
                services.device_service.close(till)
        db.session.remove()


def add_customers(app: Flask, shop: Shop, count: int, progress: Any) -> None:
    """Adds many customers with cards, by plain inserts: they are only looked for."""
    chance = random.Random(3)  # noqa: S311
    first, last = f"{_FIRST} {_MORE}".split(), _LAST.split()
    now = SystemClock().now()
    with app.app_context():
        program_id = services.program_service.need(shop.vendor_id).id
        db.session.remove()
        for start in range(0, count, _BATCH):
            people: list[dict[str, Any]] = []
            cards: list[dict[str, Any]] = []
            terms: list[dict[str, Any]] = []
            for number in range(start, min(count, start + _BATCH)):
                customer_id = 1_000_000 + number
                name, surname = chance.choice(first), chance.choice(last)
                phone = f"+352{chance.choice((621, 661, 691))}{chance.randrange(100000, 999999)}"
                at = now - timedelta(seconds=chance.randrange(90 * 86400))
                people.append(
                    {
                        "id": customer_id,
                        "vendor_id": shop.vendor_id,
                        "first_name": name,
                        "last_name": surname,
                        "phone": phone,
                        "locale": "en",
                        "created_at": at,
                    }
                )
                cards.append(_card(customer_id, shop.vendor_id, program_id, at))
                terms.extend(
                    {"vendor_id": shop.vendor_id, "customer_id": customer_id, "term": term}
                    for term in customer_terms(name, surname, phone, None)
                )
            with transaction():
                db.session.execute(insert(Customer.__table__), people)
                db.session.execute(insert(LoyaltyCard.__table__), cards)
                db.session.execute(insert(SearchTerm.__table__), terms)
            progress(len(people))
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        db.session.remove()


def _card(customer_id: int, vendor_id: int, program_id: int, at: Any) -> dict[str, Any]:
    zeros = ("stamp_count", "total_stamps_earned", "stamps_redeemed", "points_balance", "total_points_earned",
             "points_redeemed", "points_remainder", "visit_stamps", "visit_purchases", "stamps_today", "seq",
             "revision")  # fmt: skip
    known = LoyaltyCard.__table__.c
    return dict.fromkeys((name for name in zeros if name in known), 0) | {
        "id": customer_id, "vendor_id": vendor_id, "program_id": program_id, "customer_id": customer_id,
        "code": new_code(), "link_token": new_token(128), "apple_serial": secrets.token_hex(16),
        "apple_token": secrets.token_hex(32), "stamps_target": 10, "reward_description": "Free coffee",
        "head_hash": "0" * 64, "genesis_nonce": "0" * 64, "is_active": True, "last_activity_at": at, "created_at": at,
        "visit_started_at": at,
    }  # fmt: skip


def rest(app: Flask, shop: Shop) -> None:
    """Gives every card its day back, so that a long run meets no daily limit. Balances and ledger stay as they are."""
    cards = LoyaltyCard.__table__
    with app.app_context():
        with transaction():
            db.session.execute(
                update(cards).where(cards.c.vendor_id == shop.vendor_id, cards.c.seq > 0).values(stamps_today=0)
            )
        db.session.remove()
