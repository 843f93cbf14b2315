"""The demo's shop: Kaffi Haus, its people and about sixty customers with the visits of the last weeks.

Everything goes through the services, with a clock that is moved through those weeks.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from loyalty_portal.clock import FrozenClock, local_day
from loyalty_portal.database import end_read, transaction
from loyalty_portal.enums import Source, StaffRole
from loyalty_portal.schemas.cards import CardView, Enrolment
from loyalty_portal.schemas.counter import Origin, Receipt, StampCommand, VoidCommand
from loyalty_portal.schemas.programs import ProgramCreate
from loyalty_portal.schemas.staff import StaffCreate, StaffView
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.schemas.vendors import VendorCreate, VendorView
from loyalty_portal.services import Services
from loyalty_portal.services.codes import check_character

SLUG = "kaffi-haus"
OWNER_EMAIL = "anne@kaffihaus.example"
OWNER_PASSWORD = "ten coffees a week"
ADMIN_EMAIL = "admin@stempel.example"
ADMIN_PASSWORD = "keeps the shops happy"
PAIRING_CODE = "KAFF1T1" + check_character("KAFF1T1")
STAFF = (("Luc", StaffRole.STAFF, "2580"), ("Mia", StaffRole.STAFF, "1470"), ("Anne", StaffRole.MANAGER, "3690"))
WEEKS = 7
ZONE = "Europe/Luxembourg"

_FIRST = """
    Sophie Tom Ana Jeff Léa Max Noémie Pit Claire Ben Inês Laurent Julie Marc Fatima Paul Elena Luca Martine
    Yann Lara Gilles Nora Tun Carole David Sara Jos Emma Romain Mariana Philippe Anouk Kevin Isabelle Sven Lynn
    Daniel Chantal Hugo Zoé Raphaël Michèle Tim Ângela Christian Lisa Jacques Amélie Steve Nadia Georges Maya
    Félix Viviane Oscar Joëlle Sam Tania Mathis
""".split()
_LAST = (
    (
        "Muller Weber Da Silva Schmit Klein Hoffmann Wagner Reuter Thill Ferreira Becker Kieffer Santos Majerus Faber "
        "Kremer Lopes Steichen Schroeder Pereira Welter Braun Nilles Costa Theisen"
    )
    .replace("Da Silva", "Da\u00a0Silva")
    .split(" ")
)
_HOURS = (7, 7, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 14, 15, 15, 16, 17)


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up customer: `rate` is visits a week."""

    first_name: str
    last_name: str | None
    phone: str | None
    joined: datetime
    rate: float


@dataclass(frozen=True, slots=True)
class Visit:
    at: datetime
    person: int


def build_demo(
    services: Services, clock: FrozenClock, now: datetime, passwords: dict[str, str], progress: Callable[[int], None]
) -> VendorView:
    """Fills an empty database. `services` run on `clock`; `passwords` are hashes by e-mail address."""
    chance = random.Random(7)  # the same shop each time  # noqa: S311
    clock.set(now - timedelta(weeks=WEEKS))
    vendor = _shop(services, passwords)
    people = _staff(services, vendor)
    till_id = _till(services, vendor)
    visits = _visits(chance, now)
    cards: dict[int, CardView] = {}
    done = 0
    for _, group in groupby(visits, key=lambda visit: local_day(visit.at, ZONE)):
        with transaction():
            for visit in group:
                clock.set(visit.at)
                person = _people(now)[visit.person]
                _visit(services, chance, clock, vendor, till_id, people, cards, visit.person, person)
                done += 1
        progress(done)
    clock.set(now)
    return vendor


def visits_planned(now: datetime) -> int:
    """How many visits the demo will play, for a progress bar."""
    return len(_visits(random.Random(7), now))  # noqa: S311


def _shop(services: Services, passwords: dict[str, str]) -> VendorView:
    with transaction():
        vendor, owner = services.vendor_service.create(
            VendorCreate(
                name="Kaffi Haus",
                slug=SLUG,
                time_zone=ZONE,
                locale="en",
                owner_email=OWNER_EMAIL,
                owner_name="Anne Kieffer",
            )
        )
        admin = services.vendor_service.add_user(ADMIN_EMAIL, "Platform admin", is_admin=True)
        services.program_service.create(
            vendor.id,
            ProgramCreate(
                card_name="Kaffi Haus",
                card_tagline="Coffee club",
                stamps_target=10,
                stamps_reward_description="Free coffee",
                stamps_reward_value_cents=350,
                stamps_reward_cost_cents=110,
                max_stamps_per_visit=3,
                stamp_icon="coffee",
            ),
        )
        if owner:
            services.vendor_service.set_password_hash(owner.id, passwords[OWNER_EMAIL])
            # Whoever plays reads their own browser's language.
            services.vendor_service.set_locale(owner.id, None)
        services.vendor_service.set_password_hash(admin.id, passwords[ADMIN_EMAIL])
    return vendor


def _staff(services: Services, vendor: VendorView) -> list[StaffView]:
    people = []
    for name, role, pin in STAFF:
        hashed = services.pin_service.hash_new(vendor.id, vendor.pin_length, pin)
        end_read()
        with transaction():
            people.append(services.pin_service.add(vendor.id, StaffCreate(name=name, role=role), hashed))
    return people


def _till(services: Services, vendor: VendorView) -> int:
    with transaction():
        till = services.device_service.create(vendor.id, TillCreate(name="Till 1"))
        services.device_service.new_pairing(vendor.id, till.till_id, reusable=True, code=PAIRING_CODE)
    return till.till_id


def _people(now: datetime) -> list[Person]:
    chance = random.Random(11)  # noqa: S311
    people = []
    for first in _FIRST:
        joined = _moment(chance, (now - timedelta(days=chance.choice(range(1, WEEKS * 7)))))
        people.append(
            Person(
                first_name=first,
                last_name=chance.choice(_LAST) if chance.random() < 0.8 else None,
                phone=_phone(chance) if chance.random() < 0.5 else None,
                joined=joined,
                rate=chance.choice((0.5, 1, 1, 2, 2, 3, 4)),
            )
        )
    return people


def _phone(chance: random.Random) -> str:
    """A number as Luxembourg's mobile networks give them."""
    return f"+352{chance.choice((621, 661, 691))}{chance.randrange(100000, 999999)}"


def _visits(chance: random.Random, now: datetime) -> list[Visit]:
    """When everyone came: the first time to join, then as often as their rate says."""
    found = []
    for number, person in enumerate(_people(now)):
        at = person.joined
        while at < now - timedelta(minutes=20):
            found.append(Visit(at, number))
            days = max(1, round(chance.expovariate(person.rate / 7)))
            at = _moment(chance, at + timedelta(days=days))
    return sorted(found, key=lambda visit: visit.at)


def _moment(chance: random.Random, day: datetime) -> datetime:
    """Some time within opening hours; Sundays are spent elsewhere."""
    local = day.astimezone(ZoneInfo(ZONE))
    if local.weekday() == 6:
        local += timedelta(days=1)
    at = time(chance.choice(_HOURS), chance.randrange(60), chance.randrange(60))
    return datetime.combine(local.date(), at, ZoneInfo(ZONE))


def _visit(
    services: Services,
    chance: random.Random,
    clock: FrozenClock,
    vendor: VendorView,
    till_id: int,
    people: list[StaffView],
    cards: dict[int, CardView],
    number: int,
    person: Person,
) -> None:
    staff = people[chance.choice((0, 0, 0, 1, 1, 2))]
    origin = Origin(
        vendor_id=vendor.id,
        time_zone=vendor.time_zone,
        source=Source.COUNTER,
        source_id=till_id,
        staff_pin_id=staff.id,
        staff_name=staff.name,
        staff_role=staff.role,
    )
    if number not in cards:
        enrolment = Enrolment(first_name=person.first_name, last_name=person.last_name, phone=person.phone, locale="en")
        cards[number], _ = services.enrolment_service.enrol(origin, enrolment)
        clock.move(minutes=1)
    card = cards[number]
    if card.rewards_ready and chance.random() < 0.8:
        card = services.stamp_service.redeem(origin, card.code).card or card
        clock.move(seconds=20)
    quantity = chance.choice((1, 1, 1, 1, 1, 2))
    answer = services.stamp_service.earn(origin, card.code, StampCommand(quantity=quantity))
    if isinstance(answer, Receipt) and chance.random() < 0.01:
        clock.move(seconds=15)
        answer = services.entry_service.void(origin, answer.transaction.id, VoidCommand())
    cards[number] = answer.card or card
