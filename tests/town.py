"""A portal with two shops in full swing, and somebody for each role: what tests of roles, pages and input look at."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from PIL import Image

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, end_read, transaction
from loyalty_portal.enums import MemberRole, PictureKind, Source, StaffRole
from loyalty_portal.schemas.cards import Enrolment
from loyalty_portal.schemas.counter import AdjustPoints, Origin, Receipt, StampCommand
from loyalty_portal.schemas.keys import KeyCreate
from loyalty_portal.schemas.programs import ProgramUpdate
from loyalty_portal.schemas.staff import StaffCreate
from loyalty_portal.schemas.tills import TillCreate
from loyalty_portal.schemas.webhooks import OFFERED, WebhookCommand
from loyalty_portal.services import Services
from loyalty_portal.services.webhook_service import MOST
from loyalty_portal.web.accounts import set_password_link
from loyalty_portal.web.actors import TILL_COOKIE
from loyalty_portal.web.csrf import till_token
from loyalty_portal.web.current import EXTENSION
from tests.pages import PageClient
from tests.shops import ADMIN, NOW, OWNER, PASSWORD, add_admin, field_in, open_shop, sign_in

MANAGER, FOREIGN_OWNER = "max@example.com", "rosa@example.com"
SHOP, FOREIGN_SHOP = "Kaffi Haus", "Salon Rosa"
ROLES = ("anonymous", "admin", "owner", "manager", "till", "foreign owner", "foreign till")
PIN, MANAGER_PIN = "2580", "3690"
_NAMES = ("Sophie", "Tom", "Ana", "Jeff", "Noémie", "Pit", "Claire", "Ben", "Inês", "Laurent")


@dataclass(slots=True)
class Place:
    """A shop's objects, by the names that addresses have for them."""

    vendor_id: int
    slug: str
    program_id: int
    owner_id: int = 0
    staff_id: int = 0
    till_id: int = 0
    till_token: str = ""
    picture_id: int = 0
    webhook_id: int = 0
    key_id: int = 0
    delivery_id: int = 0
    pairing: str = ""
    link: str = ""
    reward_id: str = ""
    codes: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    card_ids: list[int] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Town:
    """Both shops, and a session for each role. `reset` brings the SQLite file back to how it was made."""

    app: Flask
    clock: FrozenClock
    shop: Place
    foreign: Place
    reset_link: str
    platform_key_id: int
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        return self.app.extensions[EXTENSION].services  # type: ignore[no-any-return]

    def client(self, role: str, kind: type[FlaskClient] = PageClient) -> FlaskClient:
        """A fresh browser of this role."""
        client = kind(self.app, self.app.response_class, use_cookies=True)
        for name, value in self.cookies[role].items():
            client.set_cookie(name, value, path="/counter" if name == TILL_COOKIE else "/")
        return client

    def file(self) -> Path:
        return Path(self.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))

    def keep(self) -> None:
        """Notes how everything stands now."""
        with self.app.app_context():
            end_read()
            db.session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            end_read()
            db.engine.dispose()
        shutil.copy(self.file(), self.file().with_suffix(".kept"))

    def reset(self) -> None:
        """Brings the shops, the customers and the clock back to how they were made."""
        self.clock.set(NOW)
        with self.app.app_context():
            db.engine.dispose()
        for end in ("-wal", "-shm"):
            Path(f"{self.file()}{end}").unlink(missing_ok=True)
        shutil.copy(self.file().with_suffix(".kept"), self.file())

    def give_points(self, points: int) -> None:
        """Gives points to the first card of Kaffi Haus."""
        manager = Origin(
            vendor_id=self.shop.vendor_id,
            time_zone="Europe/Luxembourg",
            source=Source.SYSTEM,
            staff_role=StaffRole.MANAGER,
        )
        command = AdjustPoints(points=points, reason="For the tests")
        with self.app.app_context(), transaction():
            self.services.points_service.adjust(manager, self.shop.codes[0], command)

    def unlock_by_pin(self) -> None:
        """Lets one PIN open Kaffi Haus's tills for a while."""
        with self.app.app_context(), transaction():
            change = ProgramUpdate(pin_unlock_minutes=10)
            self.services.program_service.update(self.shop.vendor_id, change)


def build_town(app: Flask, clock: FrozenClock, rows: int = 3, more_shops: int = 0) -> Town:
    """Builds it; each shop's lists have `rows` rows. `more_shops` stand empty beside the two."""
    services: Services = app.extensions[EXTENSION].services
    add_admin(app)
    shop = _shop(app, SHOP, OWNER, rows, clock)
    foreign = _shop(app, FOREIGN_SHOP, FOREIGN_OWNER, rows, clock)
    for number in range(more_shops):
        open_shop(app, f"Shop {number}", f"owner{number}@example.com")
    with app.app_context():
        hashed = hash_password(PASSWORD)
        with transaction():
            manager = services.vendor_service.add_user(MANAGER, "Max")
            services.vendor_service.add_member(shop.vendor_id, manager.id, MemberRole.MANAGER)
            for email in (MANAGER, OWNER, FOREIGN_OWNER):
                user = services.vendor_service.user_by_email(email)
                assert user is not None
                services.vendor_service.set_password_hash(user.id, hashed)
        with transaction():
            platform_key_id = _keys(services, None, rows)
        reset_link = set_password_link(manager.id).partition("/reset/")[2]
        end_read()
    town = Town(app, clock, shop, foreign, reset_link, platform_key_id)
    for role, email in (
        ("anonymous", None),
        ("admin", ADMIN),
        ("owner", OWNER),
        ("manager", MANAGER),
        ("foreign owner", FOREIGN_OWNER),
    ):
        client = app.test_client()
        if email:
            assert sign_in(client, email).status_code in {302, 303}
        page = "/sign-in" if email is None else "/change-password"
        town.tokens[role] = field_in(client.get(page), "csrf_token")
        cookie = client.get_cookie("session")
        assert cookie is not None
        town.cookies[role] = {"session": cookie.value}
    for role, place in (("till", shop), ("foreign till", foreign)):
        town.cookies[role] = {TILL_COOKIE: place.till_token}
        town.tokens[role] = till_token(place.till_token)
    return town


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (12, 12), "#14453D").save(out, "PNG")
    return out.getvalue()


def _shop(app: Flask, name: str, email: str, rows: int, clock: FrozenClock) -> Place:
    services: Services = app.extensions[EXTENSION].services
    reward_id = f"cake-{name.partition(' ')[0].lower()}"
    opened = open_shop(
        app,
        name,
        email,
        terms_text="Be kind.\n\nOne card each.",
        privacy_url="https://shop.example/privacy",
        loyalty_type="hybrid",
        points_per_euro=1,
        points_rewards=[{"id": reward_id, "name": "Cake", "points_required": 5}],
    )
    vendor = opened.vendor
    place = Place(vendor.id, vendor.slug, opened.program_id, reward_id=reward_id)
    with app.app_context():
        place.owner_id = services.vendor_service.owners(vendor.id)[0].id
        prepared = services.picture_service.prepare(PictureKind.LOGO, picture())
        pins = [(PIN, StaffRole.STAFF), (MANAGER_PIN, StaffRole.MANAGER), *[(None, StaffRole.STAFF)] * (rows - 2)]
        for number, (pin, role) in enumerate(pins):
            hashed = services.pin_service.hash_new(vendor.id, vendor.pin_length, pin)
            end_read()
            with transaction():
                person = services.pin_service.add(vendor.id, StaffCreate(name=f"Luc {number}", role=role), hashed)
            place.staff_id = place.staff_id or person.id
        with transaction():
            place.picture_id = services.picture_service.store(vendor.id, prepared)
            services.program_service.set_picture(vendor.id, PictureKind.LOGO, place.picture_id)
            for number in range(rows):
                till = services.device_service.create(vendor.id, TillCreate(name=f"Till {number}"))
                if number == 0:
                    place.till_id, place.till_token = till.till_id, services.device_service.pair(till.code)
                place.pairing = till.code
        _customers(services, place, vendor.time_zone, rows, clock, name)
        with transaction():
            _webhooks(services, place, rows)
            place.key_id = _keys(services, place.vendor_id, rows)
        end_read()
    return place


def _keys(services: Services, vendor_id: int | None, rows: int) -> int:
    """API keys of a shop or the platform; the first one's id."""
    made = [services.api_key_service.create(vendor_id, KeyCreate(name=f"Register {number}")) for number in range(rows)]
    return made[0].id


def _webhooks(services: Services, place: Place, rows: int) -> None:
    """Their webhooks, all off, with deliveries that were given up. The address is one that nothing is sent to."""
    command = WebhookCommand(url="https://127.0.0.1:1/", events=OFFERED)
    for _ in range(min(rows, MOST)):
        webhook, _secret = services.webhook_service.create(place.vendor_id, command)
        place.webhook_id = place.webhook_id or webhook.id
        services.webhook_service.switch(place.vendor_id, webhook.id, on=webhook.id == place.webhook_id)
    for _ in range(rows):
        services.webhook_service.try_out(place.vendor_id, place.webhook_id)
    services.webhook_service.switch(place.vendor_id, place.webhook_id, on=False)
    place.delivery_id = services.webhook_service.deliveries(place.vendor_id, place.webhook_id)[0].id


def _customers(services: Services, place: Place, zone: str, rows: int, clock: FrozenClock, shop: str) -> None:
    """Their cards; the last one is full and every one has an entry that can still be undone."""
    origin = Origin(
        vendor_id=place.vendor_id,
        time_zone=zone,
        source=Source.COUNTER,
        source_id=place.till_id,
        staff_pin_id=place.staff_id,
        staff_name="Luc 0",
        staff_role=StaffRole.STAFF,
    )
    begin = clock.now()
    for number in range(rows):
        clock.set(begin)
        clock.move(days=-3)
        enrolment = Enrolment(
            first_name=_NAMES[number % len(_NAMES)],
            last_name=shop.partition(" ")[0],
            email=f"guest{number}@{place.slug}.example",
            phone=f"+352621{place.vendor_id:02d}{number:04d}",
            locale="fr",
        )
        with transaction():
            card, link_id = services.enrolment_service.enrol(origin, enrolment)
        assert link_id is not None
        link = services.enrolment_service.link(link_id)
        assert link is not None
        place.link = services.enrolment_service.link_token(link_id, link.nonce)
        end_read()
        visits = 2 if number == rows - 1 else 0
        for _ in range(visits):
            with transaction():
                services.stamp_service.earn(origin, card.code, StampCommand(quantity=5))
            clock.move(days=1)
        clock.set(begin)
        clock.move(seconds=-20)
        with transaction():
            done = services.stamp_service.earn(origin, card.code, StampCommand())
        assert isinstance(done, Receipt)
        place.entries.append(done.transaction.id)
        place.codes.append(card.code)
        place.tokens.append(card.link_token)
        place.card_ids.append(card.id)
    clock.set(begin)


def values(town: Town, place: Place) -> dict[str, Any]:
    """What the names in addresses stand for at this shop."""
    return {
        "vendor_id": place.vendor_id,
        "user_id": place.owner_id,
        "program_id": place.program_id,
        "staff_id": place.staff_id,
        "till_id": place.till_id,
        "webhook_id": place.webhook_id,
        "key_id": place.key_id,
        "delivery_id": place.delivery_id,
        "card_id": place.card_ids[0],
        "entry_id": place.entries[0],
        "code": place.codes[0],
        "slug": place.slug,
        "picture_id": place.picture_id,
        "version": "0",
        "kind": "svg",
        "reward_id": place.reward_id,
    }
