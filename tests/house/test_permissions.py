"""House rule 8: every route names its permission, and one table says what each role gets at each endpoint.

The addresses name the objects of Kaffi Haus. Each request is really made, writes with a valid token and a form that
fits; after a write everything is as it was. A foreign owner and a foreign till find nothing: 404.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from loyalty_portal.web.guards import LIBRARY_ENDPOINTS, MARK, check_every_route, permission_of
from loyalty_portal.web.permissions import GRANTS, ActorKind, Permission
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

GET  counter.idle.show                    303   303   303     303  200           303          200
GET  counter.search.index                 303   303   303     303  200           303          200
GET  counter.codes.open                   303   303   303     303  303           303          404
GET  counter.cards.show                   303   303   303     303  200           303          404
GET  counter.cards.new                    303   303   303     303  200           303          200
POST counter.cards.add                    303   303   303     303  303           303          303
POST counter.stamps.add                   303   303   303     303  303           303          404
POST counter.rewards.redeem               303   303   303     303  303           303          404
GET  counter.entries.show                 303   303   303     303  200           303          404
GET  counter.entries.confirm              303   303   303     303  200           303          404
POST counter.entries.void                 303   303   303     303  303           303          404
GET  counter.history.index                303   303   303     303  200           303          200
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
GET  public.contact.show                  200   200   200     200  200           200          200
POST public.contact.confirm               303   303   303     303  303           303          303
POST public.language.choose               303   303   303     303  303           303          303
GET  public.pictures.show                 200   200   200     200  200           200          200
GET  public.theme.css                     200   200   200     200  200           200          200
GET  public.health.alive                  200   200   200     200  200           200          200
GET  public.health.ready                  200   200   200     200  200           200          200

GET  vendor.dashboard.show                303   403   200     200  303           200          303
GET  vendor.account.show                  303   403   200     200  303           200          303
POST vendor.account.update                303   403   303     303  303           303          303
GET  vendor.cards.index                   303   403   200     200  303           200          303
GET  vendor.cards.show                    303   403   200     200  303           404          303
POST vendor.cards.switch                  303   403   303     303  303           404          303
GET  vendor.poster.show                   303   403   200     200  303           200          303
GET  vendor.poster.qr                     303   403   200     200  303           200          303
GET  vendor.program.edit                  303   403   200     200  303           200          303
POST vendor.program.edit                  303   403   303     303  303           303          303
GET  vendor.program.preview               303   403   200     200  303           200          303
GET  vendor.program.preview_css           303   403   200     200  303           200          303
POST vendor.program.switch                303   403   303     303  303           303          303
GET  vendor.program.archive               303   403   200     403  303           200          303
POST vendor.program.archive               303   403   303     403  303           303          303
GET  vendor.staff.index                   303   403   200     200  303           200          303
GET  vendor.staff.new                     303   403   200     200  303           200          303
POST vendor.staff.create                  303   403   200     200  303           200          303
GET  vendor.staff.edit                    303   403   200     200  303           404          303
POST vendor.staff.update                  303   403   303     303  303           404          303
POST vendor.staff.reset                   303   403   200     200  303           404          303
POST vendor.staff.switch                  303   403   303     303  303           404          303
GET  vendor.tills.index                   303   403   200     200  303           200          303
POST vendor.tills.create                  303   403   200     200  303           200          303
GET  vendor.tills.edit                    303   403   200     200  303           404          303
POST vendor.tills.pairing                 303   403   200     200  303           404          303
POST vendor.tills.rename                  303   403   303     303  303           404          303
POST vendor.tills.unlock                  303   403   303     303  303           404          303
POST vendor.tills.revoke                  303   403   303     303  303           404          303

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
        "counter.codes.open": {"code": here.codes[0]},
        "counter.search.index": {"q": "so"},
        "counter.rewards.redeem": {"code": here.codes[-1]},
        "counter.pairing.show": {"code": None},
        "public.card.show": {"token": here.tokens[0]},
        "public.contact.show": {"token": here.link},
        "public.contact.confirm": {"token": here.link},
        "security.reset_password": {"token": town.reset_link},
        "vendor.program.preview_css": {"base": "14453D", "stamp": "FFE3B8"},
        "static": {"filename": "css/tokens.css"},
        "security.static": {"filename": "js/base.js"},
    }


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
            "max_daily_stamps": "5",
            "cooldown_minutes": "15",
            "max_stamps_per_visit": "2",
            "pin_mode": "each",
        },
        "vendor.program.switch": {"on": "0"},
        "vendor.staff.create": {"name": "Eva", "role": "staff"},
        "vendor.staff.update": {"name": "Eva", "role": "staff"},
        "vendor.staff.reset": {"name": "Eva", "role": "staff"},
        "vendor.staff.switch": {"on": "0"},
        "vendor.tills.create": {"name": "Bar"},
        "vendor.tills.rename": {"name": "Bar"},
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
    if endpoint == "counter.stamps.add":
        # The card's visit is over.
        town.clock.move(hours=1)


def address(town: Town, endpoint: str) -> str:
    """The address of an endpoint at Kaffi Haus."""
    given = values(town, town.shop) | addresses(town).get(endpoint, {})
    rules = [rule for rule in town.app.url_map.iter_rules(endpoint) if rule.arguments <= given.keys()]
    names = {name: value for name, value in given.items() if value is not None}
    asked = {"code", "q", "base", "stamp"} if endpoint in addresses(town) else set()
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


def test_every_route_is_marked(frame: Flask) -> None:
    for rule in frame.url_map.iter_rules():
        view = frame.view_functions[rule.endpoint]
        if rule.endpoint not in LIBRARY_ENDPOINTS:
            assert hasattr(view, MARK), rule.endpoint
            assert permission_of(view) is None or isinstance(permission_of(view), Permission)


def test_an_unmarked_route_stops_the_start(frame: Flask) -> None:
    frame.view_functions["public.health.bare"] = lambda: ""
    rule = frame.url_rule_class("/bare", endpoint="public.health.bare")
    frame.url_map.add(rule)
    try:
        with pytest.raises(RuntimeError, match=r"public\.health\.bare"):
            check_every_route(frame)
    finally:
        frame.url_map._rules.remove(rule)
        del frame.url_map._rules_by_endpoint["public.health.bare"], frame.view_functions["public.health.bare"]


def test_every_permission_is_asked_for_and_granted(frame: Flask) -> None:
    asked = {permission_of(view) for view in frame.view_functions.values()} - {None}
    granted = set().union(*GRANTS.values())
    assert set(GRANTS) == set(ActorKind)
    assert granted == set(Permission)
    # One's own account is guarded by the library that has its pages.
    assert set(Permission) - asked == {Permission.ACCOUNT}


def test_the_table_is_complete(frame: Flask) -> None:
    there = {
        (method, rule.endpoint)
        for rule in frame.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }
    assert sorted(there - table().keys()) == []
    assert sorted(table().keys() - there) == []


@pytest.mark.parametrize(("method", "endpoint"), table(), ids="{0}".format)
def test_each_role_gets_what_the_table_says(town: Town, method: str, endpoint: str) -> None:
    got = {}
    for role in ROLES:
        town.reset()
        prepare(town, endpoint)
        got[role] = ask(town, role, method, endpoint).status_code
    assert got == table()[method, endpoint]


def test_the_table_agrees_with_the_grants(frame: Flask) -> None:
    """Whoever has the permission isn't turned away at their own door, whoever lacks it is."""
    kinds = {"anonymous": ActorKind.ANONYMOUS, "admin": ActorKind.ADMIN, "owner": ActorKind.OWNER,
             "manager": ActorKind.MANAGER, "till": ActorKind.TILL}  # fmt: skip
    for (method, endpoint), statuses in table().items():
        permission = permission_of(frame.view_functions[endpoint])
        for role, kind in kinds.items():
            if permission is not None and permission not in GRANTS[kind]:
                assert statuses[role] in {303, 403}, (method, endpoint, role)
            if permission is not None and permission in GRANTS[kind]:
                assert statuses[role] not in {401, 403}, (method, endpoint, role)


def test_nothing_of_another_shop_is_shown(town: Town) -> None:
    """What a foreign owner and a foreign till are shown names nobody of Kaffi Haus."""
    town.reset()
    secrets = ["Kaffi", town.shop.codes[0], town.shop.tokens[0], "guest0@kaffi-haus.example", "+352621010000"]
    for (method, endpoint), statuses in table().items():
        for role in ("foreign owner", "foreign till"):
            if method == "GET" and statuses[role] == 200 and endpoint.startswith(("vendor.", "counter.")):
                page = ask(town, role, method, endpoint)
                # The search's own words come back.
                assert [word for word in secrets if word in page.text] == [], endpoint


def test_a_foreign_object_is_as_unknown_as_none(town: Town) -> None:
    """The answer for another shop's object is the answer for no object at all, to the letter."""
    town.reset()
    for role, here, nowhere in (
        ("foreign owner", f"/vendor/cards/{town.shop.card_ids[0]}", "/vendor/cards/999999"),
        ("foreign owner", f"/vendor/staff/{town.shop.staff_id}", "/vendor/staff/999999"),
        ("foreign owner", f"/vendor/tills/{town.shop.till_id}", "/vendor/tills/999999"),
        ("foreign till", f"/counter/entries/{town.shop.entries[0]}", "/counter/entries/999999"),
        ("foreign till", f"/counter/cards/{town.shop.codes[0]}", "/counter/cards/AAAAAAAA"),
    ):
        known, unknown = (town.client(role).get(path) for path in (here, nowhere))
        assert known.status_code == unknown.status_code == 404
        told = [re.sub(r'name="csrf_token" value="[^"]+"', "…", page.text) for page in (known, unknown)]
        assert told[0].replace(here, "…") == told[1].replace(nowhere, "…")
