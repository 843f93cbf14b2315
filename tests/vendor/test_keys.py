"""The shop's API keys in the portal: shown once, listed with their last use, ended."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from tests.people import manager_of, owner_of
from tests.shops import Shop, open_shop, press

KEYS = "/vendor/keys"
PROGRAM = "/api/v1/vendor/loyalty/program"


def make(owner: FlaskClient, **typed: object) -> TestResponse:
    return press(owner, KEYS, KEYS, **({"name": "Register 7"} | typed))


def key_on(page: TestResponse) -> str:
    found = re.search(r'value="(lc_live_[A-Za-z0-9_-]{43})"', page.text)
    assert found, page.text
    return found[1]


def opens(shop: Shop, key: str) -> int:
    return shop.app.test_client().get(PROGRAM, headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_is_shown_once_and_opens_the_api(shop: Shop) -> None:
    owner = owner_of(shop)
    assert "No key yet" in owner.get(KEYS).text
    made = make(owner)
    key = key_on(made)
    assert made.status_code == 201 and made.headers["Cache-Control"] == "private, no-store"
    before = owner.get(KEYS).text
    assert key not in before and key[:12] in before and "not used yet" in before and "may do everything" in before
    assert opens(shop, key) == 200
    assert "last used: Mon, Nov 16, 08:12" in owner.get(KEYS).text


def test_a_key_may_be_narrowed_and_end_by_itself(shop: Shop, clock: FrozenClock) -> None:
    owner = owner_of(shop)
    staff_only = key_on(make(owner, scopes=["staff"]))
    assert opens(shop, staff_only) == 403
    short = key_on(make(owner, name="Guest", scopes=["read", "counter"], expires_days="30"))
    page = owner.get(KEYS).text
    assert "Read, Stamps and points at the counter" in page and "ends on Dec 16, 2026" in page
    assert opens(shop, short) == 200
    clock.move(days=30)
    assert opens(shop, short) == 401
    assert "Too old" in owner_of(shop).get(KEYS).text


def test_a_key_is_ended_at_once(shop: Shop) -> None:
    owner = owner_of(shop)
    key = key_on(make(owner))
    key_id = shop.rows("SELECT id FROM api_keys")[0][0]
    for _ in range(2):
        assert press(owner, KEYS, f"{KEYS}/{key_id}/revoke").status_code == 303
    assert opens(shop, key) == 401
    page = owner.get(KEYS).text
    assert "Register 7 is ended." in page and "End it" not in page


def test_what_was_typed_wrongly_is_said_at_its_field(shop: Shop) -> None:
    owner = owner_of(shop)
    for typed in ({"name": ""}, {"name": "x" * 81}, {"expires_days": "0"}, {"expires_days": "soon"},
                  {"scopes": ["everything"]}, {"scopes": ["platform"]}):  # fmt: skip
        answer = make(owner, **typed)
        assert answer.status_code == 422, typed
        assert f'href="#{next(iter(typed))}"' in answer.text, typed
    assert shop.rows("SELECT count(*) FROM api_keys")[0][0] == 0


def test_only_the_owner_and_only_of_this_shop(shop: Shop) -> None:
    key_id_page = make(owner_of(shop))
    key = key_on(key_id_page)
    key_id = shop.rows("SELECT id FROM api_keys")[0][0]
    manager = manager_of(shop)
    assert manager.get(KEYS).status_code == 403 and "/vendor/keys" not in manager.get("/vendor/").text
    stranger = owner_of(open_shop(shop.app, name="Salon Bleu", email="bea@example.com"), "bea@example.com")
    assert press(stranger, KEYS, f"{KEYS}/{key_id}/revoke").status_code == 404
    assert "Register 7" not in stranger.get(KEYS).text and opens(shop, key) == 200
