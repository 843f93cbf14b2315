"""Who gets what at which endpoint: the one table of roles, and what a request to an endpoint is made of.

The JSON API takes keys and has a table of its own. The addresses here name the objects of Kaffi Haus. A new endpoint
needs a row, and in `addresses` and `forms` what its address and its form need beyond the usual names.
"""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from loyalty_portal.database import end_read, transaction
from tests.shops import PASSWORD
from tests.town import MANAGER_PIN, PIN, ROLES, Town, values

TABLE = """
                                    anonymous admin owner manager till foreign-owner foreign-till
GET  admin.home.show                      303   303   403     403  303           403          303
GET  admin.programs.index                 303   200   403     403  303           403          303
GET  admin.programs.show                  303   200   403     403  303           403          303
POST admin.programs.switch                303   303   403     403  303           403          303
GET  admin.vendors.index                  303   200   403     403  303           403          303
GET  admin.vendors.new                    303   200   403     403  303           403          303
POST admin.vendors.create                 303   201   403     403  303           403          303
GET  admin.vendors.show                   303   200   403     403  303           403          303
POST admin.vendors.invite                 303   200   403     403  303           403          303
GET  admin.keys.index                     303   200   403     403  303           403          303
POST admin.keys.create                    303   201   403     403  303           403          303
POST admin.keys.revoke                    303   303   403     403  303           403          303

GET  counter.idle.show                    303   303   303     303  200           303          200
GET  counter.search.index                 303   303   303     303  200           303          200
GET  counter.codes.open                   303   303   303     303  303           303          404
GET  counter.cards.show                   303   303   303     303  200           303          404
GET  counter.cards.new                    303   303   303     303  200           303          200
POST counter.cards.add                    303   303   303     303  303           303          303
POST counter.stamps.add                   303   303   303     303  303           303          404
POST counter.rewards.redeem               303   303   303     303  303           303          404
GET  counter.points.show                  303   303   303     303  200           303          404
GET  counter.points.confirm               303   303   303     303  200           303          404
POST counter.points.add                   303   303   303     303  303           303          404
GET  counter.catalogue.show               303   303   303     303  200           303          404
POST counter.catalogue.redeem             303   303   303     303  303           303          404
GET  counter.adjustments.new              303   303   303     303  200           303          404
POST counter.adjustments.add              303   303   303     303  303           303          404
GET  counter.entries.show                 303   303   303     303  200           303          404
GET  counter.entries.confirm              303   303   303     303  200           303          404
POST counter.entries.void                 303   303   303     303  303           303          404
GET  counter.history.index                303   303   303     303  200           303          200
GET  counter.manifest.show                303   303   303     303  200           303          200
GET  counter.settings.show                303   303   303     303  200           303          200
GET  counter.lock.show                    303   303   303     303  200           303          404
POST counter.lock.open                    303   303   303     303  303           303          404
POST counter.lock.lock                    303   303   303     303  303           303          303
GET  counter.pairing.show                 401   401   401     401  200           401          200
POST counter.pairing.pair                 303   303   303     303  303           303          303

GET  public.landing.show                  200   200   200     200  200           200          200
GET  public.landing.welcome               303   303   303     303  303           303          303
GET  public.join.show                     200   200   200     200  200           200          200
POST public.join.add                      303   303   303     303  303           303          303
GET  public.card.show                     200   200   200     200  200           200          200
GET  public.card.google                   404   404   404     404  404           404          404
GET  public.contact.show                  200   200   200     200  200           200          200
POST public.contact.confirm               303   303   303     303  303           303          303
POST public.language.choose               303   303   303     303  303           303          303
GET  public.pictures.show                 200   200   200     200  200           200          200
GET  public.artwork.show                  200   200   200     200  200           200          200
GET  public.developers.show               200   200   200     200  200           200          200
GET  public.theme.css                     200   200   200     200  200           200          200
GET  public.health.alive                  200   200   200     200  200           200          200
GET  public.health.ready                  200   200   200     200  200           200          200

GET  vendor.dashboard.show                303   403   200     200  303           200          303
GET  vendor.account.show                  303   403   200     200  303           200          303
POST vendor.account.update                303   403   303     303  303           303          303
GET  vendor.cards.index                   303   403   200     200  303           200          303
GET  vendor.cards.show                    303   403   200     200  303           404          303
POST vendor.cards.switch                  303   403   303     303  303           404          303
GET  vendor.ledger.show                   303   403   200     200  303           200          303
POST vendor.ledger.verify                 303   403   303     303  303           303          303
GET  vendor.poster.show                   303   403   200     200  303           200          303
GET  vendor.poster.qr                     303   403   200     200  303           200          303
GET  vendor.program.edit                  303   403   200     200  303           200          303
POST vendor.program.edit                  303   403   303     303  303           303          303
GET  vendor.program.preview               303   403   200     200  303           200          303
GET  vendor.program.preview_css           303   403   200     200  303           200          303
POST vendor.program.switch                303   403   303     303  303           303          303
GET  vendor.program.archive               303   403   200     403  303           200          303
POST vendor.program.archive               303   403   303     403  303           303          303
GET  vendor.rewards.index                 303   403   200     200  303           200          303
POST vendor.rewards.add                   303   403   303     303  303           303          303
GET  vendor.rewards.edit                  303   403   200     200  303           404          303
POST vendor.rewards.update                303   403   303     303  303           404          303
POST vendor.rewards.up                    303   403   303     303  303           404          303
POST vendor.rewards.down                  303   403   303     303  303           404          303
POST vendor.rewards.switch                303   403   303     303  303           404          303
GET  vendor.staff.index                   303   403   200     200  303           200          303
GET  vendor.staff.new                     303   403   200     200  303           200          303
POST vendor.staff.create                  303   403   200     200  303           200          303
GET  vendor.staff.edit                    303   403   200     200  303           404          303
POST vendor.staff.update                  303   403   303     303  303           404          303
POST vendor.staff.reset                   303   403   200     200  303           404          303
POST vendor.staff.length                  303   403   200     200  303           200          303
POST vendor.staff.switch                  303   403   303     303  303           404          303
GET  vendor.tills.index                   303   403   200     200  303           200          303
POST vendor.tills.create                  303   403   200     200  303           200          303
GET  vendor.tills.edit                    303   403   200     200  303           404          303
POST vendor.tills.here                    303   403   303     303  303           303          303
POST vendor.tills.take                    303   403   303     303  303           404          303
POST vendor.tills.pairing                 303   403   200     200  303           404          303
POST vendor.tills.rename                  303   403   303     303  303           404          303
POST vendor.tills.unlock                  303   403   303     303  303           404          303
POST vendor.tills.revoke                  303   403   303     303  303           404          303
GET  vendor.keys.index                    303   403   200     403  303           200          303
POST vendor.keys.create                   303   403   201     403  303           201          303
POST vendor.keys.revoke                   303   403   303     403  303           404          303
GET  vendor.webhooks.index                303   403   200     200  303           200          303
GET  vendor.webhooks.new                  303   403   200     200  303           200          303
POST vendor.webhooks.create               303   403   422     422  303           422          303
GET  vendor.webhooks.show                 303   403   200     200  303           404          303
POST vendor.webhooks.update               303   403   303     303  303           404          303
POST vendor.webhooks.rotate               303   403   200     200  303           404          303
POST vendor.webhooks.end_secret           303   403   303     303  303           404          303
POST vendor.webhooks.switch               303   403   303     303  303           404          303
POST vendor.webhooks.try_out              303   403   303     303  303           404          303
POST vendor.webhooks.send_again           303   403   303     303  303           404          303
POST vendor.webhooks.archive              303   403   303     303  303           404          303

GET  static                               200   200   200     200  200           200          200
GET  security.static                      404   404   404     404  404           404          404
GET  security.login                       200   302   302     302  200           302          200
POST security.login                       302   302   302     302  302           302          302
POST security.logout                      302   302   302     302  302           302          302
GET  security.forgot_password             200   200   200     200  200           200          200
POST security.forgot_password             200   200   200     200  200           200          200
GET  security.reset_password              200   200   200     200  200           200          200
POST security.reset_password              302   302   302     302  302           302          302
GET  security.change_password             302   200   200     200  302           200          302
POST security.change_password             302   302   302     302  302           302          302
GET  security.verify                      302   200   200     200  302           200          302
POST security.verify                      302   302   302     302  302           302          302
"""


def table() -> dict[tuple[str, str], dict[str, int]]:
    """(method, endpoint) → role → status."""
    lines = [line.split() for line in TABLE.strip().splitlines() if line.strip()]
    assert tuple(name.replace("-", " ") for name in lines[0]) == ROLES
    rows = {(method, endpoint): dict(zip(ROLES, map(int, statuses), strict=True))
            for method, endpoint, *statuses in lines[1:]}  # fmt: skip
    assert len(rows) == len(lines) - 1
    return rows


def addresses(town: Town) -> dict[str, Any]:
    """What an endpoint's address needs beyond the usual names, by endpoint."""
    here = town.shop
    return {
        "admin.keys.revoke": {"key_id": town.platform_key_id},
        "counter.codes.open": {"code": here.codes[0]},
        "counter.search.index": {"q": "so"},
        "counter.rewards.redeem": {"code": here.codes[-1]},
        "counter.points.confirm": {"amount_cents": "12,50"},
        "counter.pairing.show": {"code": None},
        "public.artwork.show": artwork(town),
        "public.card.show": {"token": here.tokens[0]},
        "public.card.google": {"token": here.tokens[0]},
        "public.contact.show": {"token": here.link},
        "public.contact.confirm": {"token": here.link},
        "security.reset_password": {"token": town.reset_link},
        "vendor.program.preview_css": {"base": "14453D", "stamp": "FFE3B8"},
        "static": {"filename": "css/tokens.css"},
        "security.static": {"filename": "js/base.js"},
    }


def artwork(town: Town) -> dict[str, str]:
    """The names in the address of a picture that a wallet would fetch."""
    with town.app.app_context():
        program = town.services.program_service.get(town.shop.program_id)
        address = town.services.artwork_service.hero_url(program, 3, 10)
        end_read()
    name, signature, _ = address.rpartition("/")[2].split(".")
    return {"name": name, "signature": signature}


def forms(town: Town, role: str) -> dict[str, dict[str, str]]:
    """What fits into each form."""
    key = {"key": "a-key"}
    shop = {"name": "Bäckerei Weber", "owner_email": "w@example.com", "time_zone": "Europe/Luxembourg"}
    return {
        "admin.programs.switch": {"on": "0"},
        "admin.vendors.create": shop | {"locale": "de", "currency": "EUR"},
        "counter.cards.add": key | {"first_name": "Eva", "pin": PIN},
        "counter.stamps.add": key | {"quantity": "1", "pin": PIN},
        "counter.rewards.redeem": key | {"pin": PIN},
        "counter.points.add": key | {"amount_cents": "12,50", "pin": PIN},
        "counter.catalogue.redeem": key | {"pin": PIN},
        "counter.adjustments.add": key | {"points": "5", "reason": "A slip", "pin": MANAGER_PIN},
        "counter.entries.void": key | {"pin": MANAGER_PIN, "reason": "A slip"},
        "counter.lock.open": {"pin": PIN},
        "counter.pairing.pair": {"code": town.shop.pairing},
        "public.language.choose": {"language": "fr", "next": "/"},
        "vendor.account.update": {"locale": "lu"},
        "vendor.cards.switch": {"on": "0"},
        "vendor.program.edit": {
            "card_name": "Coffee club",
            "card_color": "#14453D",
            "card_secondary_color": "#FFE3B8",
            "stamp_icon": "coffee",
            "stamps_target": "8",
            "stamps_reward_description": "Cake",
            "points_per_euro": "1",
            "max_daily_stamps": "5",
            "cooldown_minutes": "15",
            "max_stamps_per_visit": "2",
            "pin_mode": "each",
        },
        "vendor.program.switch": {"on": "0"},
        "vendor.rewards.add": {"name": "Loaf", "points_required": "80"},
        "vendor.rewards.update": {"name": "Loaf", "points_required": "80"},
        "vendor.rewards.switch": {"on": "0"},
        "vendor.staff.create": {"name": "Eva", "role": "staff"},
        "vendor.staff.update": {"name": "Eva", "role": "staff"},
        "vendor.staff.reset": {"name": "Eva", "role": "staff"},
        "vendor.staff.length": {"pin_length": "6"},
        "vendor.staff.switch": {"on": "0"},
        "vendor.tills.create": {"name": "Bar"},
        "vendor.tills.rename": {"name": "Bar"},
        # An address that is refused, so that no test asks the network.
        "admin.keys.create": {"name": "Dashboard"},
        "vendor.keys.create": {"name": "Register"},
        "vendor.webhooks.create": {"url": "https://127.0.0.1:1/", "events": "stamp.earned"},
        "vendor.webhooks.update": {"url": "https://127.0.0.1:1/", "events": "stamp.earned"},
        "vendor.webhooks.switch": {"on": "1"},
        "security.login": {"email": "anne@example.com", "password": PASSWORD},
        "security.forgot_password": {"email": "anne@example.com"},
        "security.reset_password": {"password": "four little words", "password_confirm": "four little words"},
        "security.change_password": {
            "password": PASSWORD,
            "new_password": "four little words",
            "new_password_confirm": "four little words",
        },
        "security.verify": {"password": PASSWORD},
    }


def prepare(town: Town, endpoint: str) -> None:
    """What an endpoint needs to have something to do."""
    if endpoint.startswith("counter.lock."):
        town.unlock_by_pin()
    if endpoint in {"vendor.webhooks.try_out", "vendor.webhooks.send_again"}:
        with town.app.app_context(), transaction():
            town.services.webhook_service.switch(town.shop.vendor_id, town.shop.webhook_id, on=True)
    if endpoint == "counter.catalogue.redeem":
        town.give_points(5)
    if endpoint == "counter.stamps.add":
        # The card's visit is over.
        town.clock.move(hours=1)


def address(town: Town, endpoint: str) -> str:
    """The address of an endpoint at Kaffi Haus."""
    given = values(town, town.shop) | addresses(town).get(endpoint, {})
    rules = [rule for rule in town.app.url_map.iter_rules(endpoint) if rule.arguments <= given.keys()]
    names = {name: value for name, value in given.items() if value is not None}
    asked = {"amount_cents", "code", "q", "base", "stamp"} if endpoint in addresses(town) else set()
    needed = set().union(*(rule.arguments for rule in rules)) | (asked & addresses(town).get(endpoint, {}).keys())
    with town.app.test_request_context():
        return town.app.url_for(endpoint, **{name: names[name] for name in needed if name in names})


def ask(town: Town, role: str, method: str, endpoint: str) -> TestResponse:
    client = town.client(role)
    where = address(town, endpoint)
    if method == "GET":
        return client.get(where)
    till = where.startswith("/counter/") and "till" in role
    token = town.tokens[role] if till or "till" not in role else None
    if token is None:
        # A till at another door is nobody: its token is that of an empty session.
        for name, value in town.cookies["anonymous"].items():
            client.set_cookie(name, value)
        token = town.tokens["anonymous"]
    return client.post(where, data=forms(town, role).get(endpoint, {}) | {"csrf_token": token})
