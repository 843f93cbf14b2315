"""The mailed link: a look changes nothing, a press verifies or makes one card of two, and nothing works twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from tests.public.customers import card_of, join
from tests.shops import Postbox, Shop, open_shop, press

MAIL = "sophie@example.com"
TABLES = ("customers", "loyalty_cards", "loyalty_transactions", "contact_links", "idempotency_keys")


def everything(shop: Shop) -> list[Any]:
    return [[tuple(row) for row in shop.rows(f"SELECT * FROM {table} ORDER BY 1")] for table in TABLES]


def opened(app: Flask, link: str) -> TestResponse:
    """Presses the button of a mailed link, in a browser of its own."""
    return press(app.test_client(), link, link)


def one_card(shop: Shop, code: str) -> Any:
    return shop.rows("SELECT * FROM loyalty_cards WHERE code = :code", code=code)[0]


def test_a_look_changes_nothing(shop: Shop, app: Flask, postbox: Postbox) -> None:
    card_of(app.test_client(), contact=MAIL)
    before = everything(shop)
    for _ in range(3):
        page = app.test_client().get(postbox.link())
        assert page.status_code == 200
        assert MAIL in page.text
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert app.test_client().head(postbox.link()).status_code == 200
    assert everything(shop) == before


def test_a_press_proves_the_address(shop: Shop, app: Flask, postbox: Postbox, clock: FrozenClock) -> None:
    address, _ = card_of(app.test_client(), contact=MAIL)
    clock.move(hours=2)
    answer = opened(app, postbox.link())
    assert answer.status_code == 303
    assert answer.location == f"{address}?confirmed=1"
    assert "Your address is confirmed" in app.test_client().get(answer.location).text
    (customer,) = shop.rows("SELECT email, email_verified_at FROM customers")
    assert customer.email == MAIL
    assert str(customer.email_verified_at).startswith("2026-11-16")


def test_a_press_without_the_forms_token_is_refused(shop: Shop, app: Flask, postbox: Postbox) -> None:
    card_of(app.test_client(), contact=MAIL)
    before = everything(shop)
    assert app.test_client().post(postbox.link()).status_code == 400
    assert everything(shop) == before


def test_a_known_address_makes_one_card_of_two(shop: Shop, app: Flask, postbox: Postbox, clock: FrozenClock) -> None:
    old_address, old_code = card_of(app.test_client(), contact=MAIL)
    opened(app, postbox.link())
    shop.stamp(old_code, quantity=3)
    clock.move(days=2)
    _, fresh_code = card_of(app.test_client(), contact=MAIL)
    assert fresh_code != old_code
    shop.stamp(fresh_code, quantity=2)

    page = app.test_client().get(postbox.link())
    assert "You have a card already" in page.text
    answer = opened(app, postbox.link())
    assert answer.location == f"{old_address}?confirmed=1"

    old, fresh = one_card(shop, old_code), one_card(shop, fresh_code)
    assert (old.stamp_count, old.total_stamps_earned, old.closed_at) == (5, 5, None)
    assert (fresh.stamp_count, fresh.merged_into_id) == (0, old.id)
    assert fresh.closed_at is not None
    moved = shop.rows("SELECT card_id, stamps_delta FROM loyalty_transactions WHERE kind = 'card_merged' ORDER BY id")
    assert [tuple(row) for row in moved] == [(fresh.id, -2), (old.id, 2)]
    sums = shop.rows("SELECT card_id, sum(stamps_delta) AS sum FROM loyalty_transactions GROUP BY card_id")
    assert {row.card_id: row.sum for row in sums} == {old.id: 5, fresh.id: 0}


def test_the_first_card_takes_the_stricter_limits_along(
    shop: Shop, app: Flask, postbox: Postbox, clock: FrozenClock
) -> None:
    _, old_code = card_of(app.test_client(), contact=MAIL)
    opened(app, postbox.link())
    clock.move(days=1)
    _, fresh_code = card_of(app.test_client(), contact=MAIL)
    shop.stamp(fresh_code, quantity=5)
    opened(app, postbox.link())
    assert one_card(shop, old_code).stamps_today == 5


def test_a_telephone_number_never_makes_one_of_two(shop: Shop, app: Flask, postbox: Postbox) -> None:
    for _ in range(2):
        card_of(app.test_client(), contact="621 123 456")
    assert postbox.mails == []
    assert shop.rows("SELECT count(*) FROM contact_links")[0][0] == 0
    assert shop.rows("SELECT count(*) FROM loyalty_cards WHERE closed_at IS NULL")[0][0] == 2


def test_an_unproved_address_never_makes_one_of_two(shop: Shop, app: Flask, postbox: Postbox) -> None:
    for _ in range(2):
        card_of(app.test_client(), contact=MAIL)
    assert "confirm that" in app.test_client().get(postbox.link(1)).text
    opened(app, postbox.link(1))
    assert shop.rows("SELECT count(*) FROM loyalty_cards WHERE closed_at IS NULL")[0][0] == 2
    # The other card's link now leads to the card that was proved first.
    opened(app, postbox.link(0))
    assert shop.rows("SELECT count(*) FROM loyalty_cards WHERE closed_at IS NULL")[0][0] == 1


def test_a_link_works_once(shop: Shop, app: Flask, postbox: Postbox) -> None:
    card_of(app.test_client(), contact=MAIL)
    client = app.test_client()
    first = press(client, postbox.link(), postbox.link())
    assert first.status_code == 303
    before = everything(shop)
    again = press(client, "/join/kaffi-haus", postbox.link())
    for page in (again, client.get(postbox.link())):
        assert page.status_code == 404
        assert "This link has done its work" in page.text
    assert everything(shop) == before


@pytest.mark.parametrize(("after", "status"), [(7 * 86400 - 1, 200), (7 * 86400, 404), (400 * 86400, 404)])
def test_a_link_works_for_seven_days(
    shop: Shop, app: Flask, postbox: Postbox, clock: FrozenClock, after: int, status: int
) -> None:
    card_of(app.test_client(), contact=MAIL)
    clock.move(seconds=after)
    client = app.test_client()
    assert client.get(postbox.link()).status_code == status
    before = everything(shop)
    answer = press(client, "/join/kaffi-haus", postbox.link())
    assert answer.status_code == (303 if status == 200 else 404)
    assert (everything(shop) == before) is (status == 404)


@pytest.mark.parametrize(
    "token",
    ["", "1", "1.", ".", "0.0", "1.0", "-1.x", "²." + "a" * 40, "9" * 60 + ".a", "é", "1.é", "{other}", "{short}"],
)
def test_a_forged_link_is_as_any_old_one(shop: Shop, app: Flask, postbox: Postbox, token: str) -> None:
    for contact in (MAIL, "tom@example.com"):
        card_of(app.test_client(), contact=contact)
    link_id, _, signature = postbox.link().removeprefix("/confirm/").partition(".")
    forged = token.format(other=f"{int(link_id) - 1}.{signature}", short=f"{link_id}.{signature[:-1]}")
    client = app.test_client()
    before = everything(shop)
    for page in (client.get(f"/confirm/{forged}"), press(client, "/join/kaffi-haus", f"/confirm/{forged}")):
        assert page.status_code == 404
        assert MAIL not in page.text
        if token:
            assert "This link has done its work" in page.text
    assert everything(shop) == before


def test_a_link_of_another_shop_opens_only_there(app: Flask, postbox: Postbox) -> None:
    here = open_shop(app)
    there = open_shop(app, name="Bäckerei Meyer", email="meyer@example.com")
    card_of(app.test_client(), contact=MAIL)
    opened(app, postbox.link())
    join(app.test_client(), f"/join/{there.vendor.slug}", contact=MAIL)
    assert "confirm that" in app.test_client().get(postbox.link()).text
    opened(app, postbox.link())
    rows = here.rows("SELECT vendor_id, closed_at FROM loyalty_cards ORDER BY vendor_id")
    assert [(row.vendor_id, row.closed_at) for row in rows] == [(here.vendor.id, None), (there.vendor.id, None)]


def test_the_same_work_is_done_for_known_and_unknown(shop: Shop, app: Flask, postbox: Postbox) -> None:
    card_of(app.test_client(), contact=MAIL)
    opened(app, postbox.link())
    counts = {contact: _statements(shop, app, contact) for contact in (MAIL, "nobody@example.com")}
    assert counts[MAIL] == counts["nobody@example.com"]


def _statements(shop: Shop, app: Flask, contact: str) -> list[str]:
    """The statements of joining, each by its first words."""
    found: list[str] = []

    def note(*args: object) -> None:
        found.append(" ".join(str(args[2]).split()[:3]))

    with shop.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert join(app.test_client(), contact=contact).status_code == 303
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def test_the_mail_says_what_it_is_in_the_readers_language(shop: Shop, app: Flask, postbox: Postbox) -> None:
    client = app.test_client()
    press(client, "/join/kaffi-haus", "/language", language="fr", next="/join/kaffi-haus")
    card_of(client, contact=MAIL)
    (mail,) = postbox.mails
    assert "Kaffi Haus" in mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Bonjour" in mail.get_content()
    assert postbox.link().startswith("/confirm/")


def test_pressing_too_often_is_slowed_down(make_app: Callable[..., Flask]) -> None:
    app = make_app(RATE_LIMITS=True)
    open_shop(app)
    client = app.test_client()
    answers = [press(client, "/join/kaffi-haus", "/confirm/1.x").status_code for _ in range(21)]
    assert answers == [404] * 20 + [429]
