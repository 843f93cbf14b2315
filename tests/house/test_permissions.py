"""House rule 8: every route names its permission, and one table (`tests/roles.py`) says what each role gets there.

Each request is really made, writes with a valid token and a form that fits; before each everything is as it was.
A foreign owner and a foreign till find nothing: 404.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask

from loyalty_portal.web.guards import LIBRARY_ENDPOINTS, MARK, check_every_route, permission_of
from loyalty_portal.web.permissions import GRANTS, ActorKind, Permission
from tests.roles import ask, prepare, table
from tests.town import ROLES, Town


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
        if method not in {"HEAD", "OPTIONS"} and not rule.rule.startswith("/api/")
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
