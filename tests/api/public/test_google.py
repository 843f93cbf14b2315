"""Google Wallet through the portal's doors: the save link, what Google then knows, its callbacks, and its absences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from loyalty_portal import jobs
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import transaction
from loyalty_portal.gateways import google_wallet
from loyalty_portal.schemas.programs import ProgramUpdate
from loyalty_portal.web.current import EXTENSION
from tests.api.programs import problem
from tests.desk import Desk, desk_of
from tests.google_server import ISSUER, Google, Root, cuts, does_and_cuts, google_server, says, service_key
from tests.shops import open_shop

__all__ = ["google_server", "service_key"]
CALLBACK = "/api/v1/loyalty/google/callback"


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between tries of one call: what is tried again is tried in `tests/gateways`."""
    monkeypatch.setattr(google_wallet, "TRIES", 1)


@pytest.fixture
def app(make_app: Callable[..., Flask], google_server: Google, tmp_path: Path, hurry: None) -> Flask:
    return make_app(**google_server.settings(tmp_path))


@pytest.fixture
def desk(app: Flask) -> Desk:
    return desk_of(open_shop(app, cooldown_minutes=0, max_daily_stamps=50, max_stamps_per_visit=20, locale="lb"))


@pytest.fixture
def hybrid(app: Flask) -> Desk:
    rewards = [{"id": "bag", "name": "Bag of beans", "points_required": 100}]
    return desk_of(
        open_shop(app, loyalty_type="hybrid", points_per_euro=10, points_rewards=rewards, cooldown_minutes=0)
    )


def door(client: FlaskClient, card: Any) -> TestResponse:
    return client.get(f"/api/v1/loyalty/cards/{card.link_token}/google")


def save(client: FlaskClient, card: Any) -> str:
    answer = door(client, card)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def only(google: Google) -> dict[str, Any]:
    (found,) = google.objects.values()
    return found


def sweep(app: Flask) -> None:
    jobs.sweep_passes(app, app.extensions[EXTENSION].services)


def post(client: FlaskClient, envelope: Any) -> TestResponse:
    data = envelope if isinstance(envelope, bytes) else json.dumps(envelope).encode()
    return client.post(CALLBACK, data=data, content_type="application/json")


def state(desk: Desk) -> str:
    return str(desk.shop.rows("SELECT state FROM wallet_passes WHERE platform = 'google'")[0].state)


def test_the_link_is_given_once_google_knows_class_and_object(
    client: FlaskClient, desk: Desk, google_server: Google
) -> None:
    card = desk.enrol(first_name="Mia")
    desk.stamp(card.code, 3)
    assert google_server.seen == [], "nobody asked for a pass"
    link = save(client, card)
    assert len(link) < 1800
    claims = google_server.claims(link)
    (named,) = claims["payload"]["loyaltyObjects"]
    assert named["id"] in google_server.objects and named["classId"] in google_server.classes
    assert claims["iat"] == 1794813120 and "exp" not in claims
    found = only(google_server)
    assert found["loyaltyPoints"]["balance"] == {"string": "3 / 10"}
    assert found["barcode"]["value"] == f"LC{card.code}" and found["accountName"] == "Mia"
    label = found["loyaltyPoints"]["localizedLabel"]
    languages = {label["defaultValue"]["language"], *(one["language"] for one in label["translatedValues"])}
    assert label["defaultValue"]["language"] == "lb" and languages == {"en", "fr", "de", "lb"}
    (made,) = google_server.classes.values()
    assert made["callbackOptions"]["url"] == f"http://127.0.0.1:8000{CALLBACK}"
    assert made["hexBackgroundColor"] == "#14453d"
    for address in (found["heroImage"]["sourceUri"]["uri"], made["programLogo"]["sourceUri"]["uri"]):
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).mimetype == "image/png"
    assert card.link_token not in json.dumps(made)


def test_a_second_link_asks_google_nothing(client: FlaskClient, desk: Desk, google_server: Google) -> None:
    card = desk.enrol()
    first, calls = save(client, card), len(google_server.seen)
    assert save(client, card) == first and len(google_server.seen) == calls


def test_each_change_is_patched_from_the_link_on(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock, app: Flask
) -> None:
    card = desk.enrol()
    save(client, card)
    heroes = {only(google_server)["heroImage"]["sourceUri"]["uri"]}
    for count in range(1, 4):
        clock.move(minutes=1)
        desk.stamp(card.code)
        assert only(google_server)["loyaltyPoints"]["balance"] == {"string": f"{count} / 10"}
        heroes.add(only(google_server)["heroImage"]["sourceUri"]["uri"])
    assert len(heroes) == 4
    assert google_server.calls["PATCH loyaltyObject"] == 3 and google_server.calls["PATCH loyaltyClass"] == 0


def test_ten_stamps_in_a_minute_are_few_updates(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock, app: Flask
) -> None:
    card = desk.enrol()
    save(client, card)
    clock.move(minutes=5)
    for _ in range(9):
        desk.stamp(card.code)
        clock.move(seconds=6)
    assert google_server.calls["PATCH loyaltyObject"] <= 3
    clock.move(minutes=1)
    sweep(app)
    assert only(google_server)["loyaltyPoints"]["balance"] == {"string": "9 / 10"}


def test_three_notices_a_day_and_the_rest_in_silence(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock
) -> None:
    card = desk.enrol()
    save(client, card)
    for _ in range(6):
        clock.move(hours=1)
        desk.stamp(card.code)
    name = only(google_server)["id"]
    assert len(google_server.notices[name]) == 3
    assert sum("notifyPreference" in body for body in google_server.bodies) == 3, "the quota was never run into"
    clock.move(hours=25)
    desk.stamp(card.code)
    assert len(google_server.notices[name]) >= 1 and sum("notifyPreference" in one for one in google_server.bodies) == 4


def test_points_are_a_number_and_both_are_shown(client: FlaskClient, hybrid: Desk, google_server: Google) -> None:
    card = hybrid.enrol()
    save(client, card)
    found = only(google_server)
    assert found["loyaltyPoints"]["balance"] == {"string": "0 / 10"}
    assert found["secondaryLoyaltyPoints"]["balance"] == {"int": 0}


def test_a_card_that_is_switched_off_is_inactive(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock
) -> None:
    card = desk.enrol()
    save(client, card)
    clock.move(minutes=1)
    desk.write(lambda s: s.card_service.switch(desk.origin(), card.id, on=False))
    assert only(google_server)["state"] == "INACTIVE"
    clock.move(minutes=1)
    desk.write(lambda s: s.card_service.switch(desk.origin(), card.id, on=True))
    assert only(google_server)["state"] == "ACTIVE"


@pytest.mark.parametrize("fault", [says(500), says(503), says(429), says(403), cuts])
def test_while_google_is_away_the_door_says_so_and_works_afterwards(
    client: FlaskClient, desk: Desk, google_server: Google, fault: Any
) -> None:
    card = desk.enrol()
    google_server.always = fault
    answer = door(client, card)
    problem(answer, 503, "wallet_away")
    assert int(answer.headers["Retry-After"]) > 0
    google_server.always = None
    save(client, card)
    assert only(google_server)["state"] == "ACTIVE"


def test_a_lost_answer_is_survived(client: FlaskClient, desk: Desk, google_server: Google) -> None:
    card = desk.enrol()
    google_server.plan = [does_and_cuts(google_server)]
    problem(door(client, card), 503, "wallet_away")
    google_server.plan = [says(409)]
    save(client, card)
    assert len(google_server.classes) == len(google_server.objects) == 1


def test_a_class_that_google_lost_is_made_again(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock
) -> None:
    card = desk.enrol()
    save(client, card)
    google_server.classes.clear()
    google_server.objects.clear()
    clock.move(minutes=1)
    desk.stamp(card.code)
    assert only(google_server)["loyaltyPoints"]["balance"] == {"string": "1 / 10"}
    assert len(google_server.classes) == 1


def test_a_day_without_google_loses_nothing(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock, app: Flask
) -> None:
    cards = [desk.enrol() for _ in range(6)]
    for card in cards:
        save(client, card)
    google_server.always = says(503)
    for hour in range(24):
        clock.move(hours=1)
        desk.stamp(cards[hour % 6].code)
        sweep(app)
    google_server.always = None
    clock.move(hours=1)
    sweep(app)
    balances = sorted(one["loyaltyPoints"]["balance"]["string"] for one in google_server.objects.values())
    assert balances == ["4 / 10"] * 6
    rows = desk.shop.rows("SELECT attempts, last_error, next_try_at FROM wallet_passes")
    assert {tuple(row) for row in rows} == {(0, None, None)}


def test_a_worker_that_died_in_the_middle_is_made_up_for(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock, app: Flask
) -> None:
    card = desk.enrol()
    save(client, card)
    clock.move(minutes=1)
    google_server.always = says(503)
    desk.stamp(card.code)
    clock.move(minutes=1)
    with app.app_context(), transaction():
        assert desk.shop.services.wallet_service.claim(), "and then nothing more was heard of it"
    google_server.always = None
    sweep(app)
    assert only(google_server)["loyaltyPoints"]["balance"] == {"string": "0 / 10"}
    clock.move(minutes=5)
    sweep(app)
    assert only(google_server)["loyaltyPoints"]["balance"] == {"string": "1 / 10"}


def test_a_changed_program_reaches_class_and_objects(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock, app: Flask
) -> None:
    cards = [desk.enrol() for _ in range(5)]
    for card in cards:
        save(client, card)
    clock.move(minutes=1)
    before = {one["heroImage"]["sourceUri"]["uri"] for one in google_server.objects.values()}
    changes = ProgramUpdate(card_color="#5B2352", terms_text="One stamp a visit.")
    desk.write(lambda s: s.program_service.update(desk.vendor_id, changes))
    sweep(app)
    (made,) = google_server.classes.values()
    assert made["hexBackgroundColor"] == "#5b2352" and made["textModulesData"][0]["body"] == "One stamp a visit."
    after = {one["heroImage"]["sourceUri"]["uri"] for one in google_server.objects.values()}
    assert len(after) == 1 and after != before
    assert google_server.calls["PATCH loyaltyClass"] == 1 and google_server.calls["PATCH loyaltyObject"] == 5
    sweep(app)
    assert google_server.calls["PATCH loyaltyObject"] == 5


# Callbacks


def told(google: Google, clock: FrozenClock, **message: Any) -> dict[str, Any]:
    found = only(google)
    return google.root.callback(clock.now(), **({"classId": found["classId"], "objectId": found["id"]} | message))


def test_saved_and_removed_are_recorded_once(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock
) -> None:
    save(client, desk.enrol())
    assert state(desk) == "offered"
    saved = told(google_server, clock, nonce="1")
    assert post(client, saved).status_code == 200 and state(desk) == "saved"
    clock.move(minutes=1)
    assert post(client, told(google_server, clock, nonce="2", eventType="del")).status_code == 200
    assert state(desk) == "removed"
    assert post(client, saved).status_code == 200
    assert state(desk) == "removed", "a copy changes nothing"


def test_an_older_event_that_arrives_late_changes_nothing(
    client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock
) -> None:
    save(client, desk.enrol())
    late = told(google_server, clock, nonce="1", eventType="del")
    clock.move(minutes=1)
    assert post(client, told(google_server, clock, nonce="2")).status_code == 200
    assert post(client, late).status_code == 200
    assert state(desk) == "saved"


def test_forgeries_are_refused(client: FlaskClient, desk: Desk, google_server: Google, clock: FrozenClock) -> None:
    save(client, desk.enrol())
    names = {"classId": only(google_server)["classId"], "objectId": only(google_server)["id"]}
    forged = [
        Root().callback(clock.now(), **names),
        told(google_server, clock, recipient="3388000000099999999"),
        told(google_server, clock, sender="GoogleWalletPasses"),
        b"",
        b"{",
        b"[]",
        b"x" * 20_000,
        b'{"signature": "\xff"}',
    ]
    for envelope in forged:
        assert 400 <= post(client, envelope).status_code < 500
    problem(post(client, told(google_server, clock, objectId=f"{ISSUER}.card-unknown")), 404, "not_found")
    clock.move(days=2)
    problem(post(client, google_server.root.callback(clock.now(), **names, expTimeMillis=1)), 400, "callback_denied")
    assert state(desk) == "offered"


def test_without_an_account_neither_is_there(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    desk = desk_of(open_shop(app))
    client = app.test_client()
    card = desk.enrol()
    problem(door(client, card), 404, "not_found")
    problem(post(client, {}), 404, "not_found")
    shown: Any = client.get(f"/api/v1/loyalty/cards/{card.link_token}").json
    assert shown["wallets"]["google"] is None
    assert "Google" not in client.get(f"/c/{card.link_token}").text


def test_the_card_says_where_it_is_saved(client: FlaskClient, desk: Desk) -> None:
    card = desk.enrol()
    shown: Any = client.get(f"/api/v1/loyalty/cards/{card.link_token}").json
    assert shown["wallets"]["google"] == f"http://127.0.0.1:8000/api/v1/loyalty/cards/{card.link_token}/google"


def test_the_customers_page_leads_there_too(client: FlaskClient, desk: Desk, google_server: Google) -> None:
    card = desk.enrol()
    assert f'href="/c/{card.link_token}/google"' in client.get(f"/c/{card.link_token}").text
    google_server.always = says(503)
    away = client.get(f"/c/{card.link_token}/google")
    assert away.status_code == 503 and away.mimetype == "text/html" and "Retry-After" in away.headers
    google_server.always = None
    assert google_server.claims(str(client.get(f"/c/{card.link_token}/google").location))["typ"] == "savetowallet"
