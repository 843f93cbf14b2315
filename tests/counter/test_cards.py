"""A card on the stage, with its pad, its button, its reward, or why not; and a new one."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from tests.counter.till import ANNE, LUC, Till, same_text, till_of, words
from tests.shops import Shop, open_shop


def test_the_page_holds_the_fragment(till: Till) -> None:
    card = till.card("Sophie", stamps=3)
    page, fragment = till.get(f"/cards/{card.code}"), till.fragment(f"/cards/{card.code}")
    assert page.status_code == fragment.status_code == 200
    assert same_text(page, fragment)
    assert "no-store" in page.headers["Cache-Control"]
    assert "3 of 10" in words(page) and "Enter your PIN" in words(page)


def test_the_pad_is_ten_buttons_and_a_field_for_those_without_javascript(till: Till) -> None:
    text = till.get(f"/cards/{till.card().code}").text
    for digit in "0123456789":
        assert f'data-digit="{digit}">{digit}</button>' in text
    assert '<label for="pin">PIN</label><input id="pin" name="pin" type="password"' in text
    assert text.count('<button class="btn btn--primary btn--xl">') == 1


def test_how_many_may_be_given_is_offered(till: Till) -> None:
    card = till.card()

    def offered() -> int:
        return till.get(f"/cards/{card.code}").text.count('name="quantity"')

    assert offered() == 5
    till.stamp(card, quantity=3)
    assert offered() == 2
    till.stamp(card)
    assert offered() == 0


def test_a_full_card_offers_its_reward(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie", stamps=5)
    clock.move(days=1)
    for _ in range(5):
        till.stamp(card)
    text = words(till.get(f"/cards/{card.code}"))
    assert "Card full!" in text and "Sophie has earned: Free coffee." in text
    clock.move(days=1)
    assert "A stamp instead" in words(till.get(f"/cards/{card.code}"))
    assert "Enter your PIN" in words(till.get(f"/cards/{card.code}?stamp=1"))


def test_a_card_that_was_just_stamped_says_when_the_next_one_is(strict: Till, clock: FrozenClock) -> None:
    card = strict.card()
    strict.stamp(card)
    page = strict.get(f"/cards/{card.code}")
    # 07:12 in UTC is 08:12 in Luxembourg.
    assert "Just stamped Next one from 08:27." in words(page)
    assert "pad__key" not in page.text
    clock.move(minutes=15)
    assert "pad__key" in strict.get(f"/cards/{card.code}").text


def test_enough_for_today_says_the_day_of_the_next_one(till: Till) -> None:
    card = till.card(stamps=5)
    assert "Enough for today Next one from Tue, Nov 17, 00:00." in words(till.get(f"/cards/{card.code}"))


def test_a_card_and_a_program_that_are_off_take_nothing(till: Till) -> None:
    card, second = till.card(), till.card()
    till.close_card(card)
    page = till.get(f"/cards/{card.code}")
    assert "This card is switched off." in words(page) and "pad__key" not in page.text
    till.stop_program()
    page = till.get(f"/cards/{second.code}")
    assert "The program is switched off at the moment." in words(page) and "pad__key" not in page.text


def test_without_pins_there_is_one_button(till: Till) -> None:
    till.change(require_staff_pin=False, max_stamps_per_visit=1)
    page = till.get(f"/cards/{till.card().code}")
    assert "Give 1 stamp" in words(page) and "pad__key" not in page.text


# A new one


def new(till: Till, pin: str | None = LUC, key: str = "", **typed: str) -> str:
    answer = till.post("/cards", key, **({"pin": pin} if pin else {}), **typed)
    assert answer.status_code == 303, words(answer)
    return str(answer.location)


def test_the_page_of_a_new_one_holds_its_fragment_and_the_join_qr(till: Till) -> None:
    page, fragment = till.get("/cards/new"), till.fragment("/cards/new")
    assert same_text(page, fragment)
    assert "127.0.0.1:8000/join/kaffi-haus" in page.text
    assert 'aria-label="QR code to join"' in page.text


def test_staff_type_a_new_customer(till: Till) -> None:
    location = new(till, first_name=" Sophie ", contact="621 123 456", marketing_consent="y")
    page = till.client.get(location)
    assert "Sophie" in words(page) and "New card" in words(page)
    (row,) = till.shop.rows("SELECT first_name, phone, marketing_consent_at, locale FROM customers")
    assert (row[0], row[1], row[3]) == ("Sophie", "+352621123456", "en") and row[2]
    (entry,) = till.shop.rows("SELECT kind, source, source_id, staff_pin_id FROM loyalty_transactions")
    assert entry[:3] == ("card_created", "counter", till.desk.till_id) and entry[3]


def test_the_same_key_makes_one_card(till: Till) -> None:
    key = str(uuid.uuid4())
    first = new(till, key=key, first_name="Sophie")
    assert new(till, None, key=key, first_name="Sophie") == first
    assert till.shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 1
    assert till.post("/cards", key, pin=LUC, first_name="Tom").status_code == 409


def test_a_new_card_needs_a_pin(till: Till) -> None:
    for pin in (None, "", "9999"):
        answer = till.send("/cards", pin=pin or "", first_name="Sophie")
        assert answer.status_code == (403 if pin else 422)
        assert answer.headers["HX-Retarget"] == "#pin-message"
    assert till.shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"contact": "nonsense"}, "This is neither an e-mail address nor a phone number."),
        ({"first_name": "x" * 81}, "At most 80 characters."),
        ({"first_name": "a\x00b"}, "There are characters in here that can't be shown."),
    ],
)
def test_wrong_input_is_said_at_its_field(till: Till, typed: dict[str, str], said: str) -> None:
    page, fragment = till.post("/cards", pin=LUC, **typed), till.send("/cards", pin=LUC, **typed)
    assert page.status_code == fragment.status_code == 422
    assert same_text(page, fragment)
    assert said in words(page)
    assert till.shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 0


@pytest.mark.parametrize("typed", [{}, {"key": ""}, {"key": "a b"}, {"key": "x" * 256}, {"key": "é"}])
def test_a_form_without_a_good_key_does_nothing(till: Till, typed: dict[str, str]) -> None:
    data = {"csrf_token": till.token, "pin": LUC, "first_name": "Sophie"} | typed
    assert till.client.post("/counter/cards", data=data).status_code == 422
    assert till.shop.rows("SELECT count(*) FROM loyalty_cards")[0][0] == 0


def test_no_new_cards_while_the_program_is_off(till: Till) -> None:
    till.stop_program()
    page = till.get("/cards/new")
    assert "No new cards at the moment" in words(page)
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert till.send("/cards", pin=LUC, first_name="Sophie").status_code == 404


def test_a_known_address_gives_nobody_away(till: Till) -> None:
    new(till, contact="sophie@example.com", first_name="Sophie")
    text = words(till.client.get(new(till, contact="sophie@example.com", first_name="Sophie")))
    assert "0 of 10" in text


def test_points_alone_offer_no_stamp(app: Flask, shop: Shop) -> None:
    points = open_shop(
        app, "Punkte", "punkte@example.com", loyalty_type="points", stamps_target=None,
        stamps_reward_description=None, points_per_euro=1,
    )  # fmt: skip
    till = till_of(app, points)
    card = till.card()
    page = till.get(f"/cards/{card.code}")
    assert page.status_code == 200
    assert f"/cards/{card.code}/stamps" not in page.text
    answer = till.stamp(card, ANNE)
    assert answer.status_code == 409
    assert "This card doesn't collect that." in words(answer)
