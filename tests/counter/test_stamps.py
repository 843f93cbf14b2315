"""Giving stamps: the success, each refusal with its status and sentence, the key, the PIN."""

from __future__ import annotations

import uuid

import pytest

from loyalty_portal.clock import FrozenClock
from tests.counter.till import HTMX, LUC, MIA, Till, same_text, steady, words
from tests.people import give_password
from tests.shops import OWNER, press, sign_in


def guard(till: Till) -> tuple[int, int]:
    """(tries charged, wrong ones) of the till."""
    row = till.shop.rows("SELECT pin_tries, pin_wrong FROM counter_devices WHERE id = :id", id=till.desk.till_id)[0]
    return row[0], row[1]


def test_a_stamp_is_given_and_said(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie", stamps=1)
    clock.move(days=6)
    answer = till.stamp(card)
    assert answer.status_code == 201
    text = words(answer)
    assert "Stamped! Sophie has 2 of 10. 8 more until: Free coffee." in text
    assert "Last visit 6 days ago Rewards so far 0 Stamped by Luc, 08:12" in text
    assert "Undo" in text and "One more" in text and "Next customer" in text
    assert answer.text.count("stamp--new") == 1
    assert till.count(card) == 2
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_plain_form_is_sent_on_to_the_same_screen(till: Till) -> None:
    card = till.card("Sophie")
    answer = till.post(f"/cards/{card.code}/stamps", pin=LUC)
    assert answer.status_code == 303
    assert answer.location == f"/counter/entries/{till.last(card)}"
    page = till.client.get(answer.location)
    assert "Stamped! Sophie has 1 of 10." in words(page)
    assert "Undo" in words(page) and "One more" in words(page)


def test_the_answer_is_the_screen_that_one_comes_back_to(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie", stamps=1)
    clock.move(days=1)
    answer = till.stamp(card, quantity=2)
    shown = till.get(f"/entries/{till.last(card)}")
    assert same_text(shown, answer)


def test_a_first_visit_says_so(till: Till) -> None:
    assert "Last visit the first" in words(till.stamp(till.card()))


def test_the_stamp_that_fills_the_card_offers_the_reward(till: Till, clock: FrozenClock) -> None:
    card = till.card("Sophie", stamps=5)
    clock.move(days=1)
    answer = till.stamp(card, quantity=5)
    assert "Card full! Sophie has 10 of 10. Ready to enjoy: Free coffee." in words(answer)
    assert f'action="/counter/cards/{card.code}/rewards"' in answer.text
    assert "One more" not in answer.text


def test_one_more_is_offered_while_the_visit_has_room(till: Till, strict: Till) -> None:
    assert "One more" in till.stamp(till.card()).text
    assert "One more" not in till.stamp(till.card(), quantity=5).text
    assert "One more" not in strict.stamp(strict.card()).text


def test_one_more_skips_the_cooldown(till: Till) -> None:
    card = till.card()
    for expected in range(1, 6):
        assert till.stamp(card).status_code == 201
        assert till.count(card) == expected


# Refusals


def test_cooling_down(strict: Till, clock: FrozenClock) -> None:
    card = strict.card("Sophie")
    strict.stamp(card)
    clock.move(minutes=6)
    answer = strict.stamp(card)
    assert answer.status_code == 409
    assert "Just stamped Next one from 08:27. Next customer" in words(answer)
    assert "1 of 10" in words(answer)
    assert strict.count(card) == 1
    clock.move(minutes=9)
    assert strict.stamp(card).status_code == 201


def test_daily_limit(till: Till, clock: FrozenClock) -> None:
    card = till.card(stamps=5)
    clock.move(hours=1)
    answer = till.stamp(card)
    assert answer.status_code == 409
    assert "Enough for today This card has had its 5 stamps for today. Next one from Tue" in words(answer)
    clock.move(hours=15)
    assert till.stamp(card).status_code == 201


def test_visit_limit(strict: Till) -> None:
    card = strict.card()
    answer = strict.stamp(card, quantity=2)
    assert answer.status_code == 409
    assert "That's more than one visit allows One visit allows 1 stamp." in words(answer)
    assert strict.count(card) == 0


def test_cards_and_programs_that_are_off(till: Till) -> None:
    card, second = till.card(), till.card()
    till.close_card(card)
    answer = till.stamp(card)
    assert (answer.status_code, till.count(card)) == (409, 0)
    assert "This card is switched off." in words(answer)
    till.stop_program()
    answer = till.stamp(second)
    assert (answer.status_code, till.count(second)) == (409, 0)
    assert "The program is switched off at the moment." in words(answer)


def test_a_refusals_page_holds_its_fragment(strict: Till) -> None:
    card = strict.card()
    strict.stamp(card)
    page = strict.post(f"/cards/{card.code}/stamps", pin=LUC)
    fragment = strict.stamp(card)
    assert page.status_code == fragment.status_code == 409
    assert same_text(page, fragment)


@pytest.mark.parametrize("quantity", ["abc", "0", "-1", "21", "1.5", "9" * 40, "1e3"])
def test_a_quantity_that_is_none(till: Till, quantity: str) -> None:
    card = till.card()
    answer = till.stamp(card, quantity=quantity)
    assert answer.status_code in {409, 422}
    assert till.count(card) == 0


def test_an_empty_quantity_is_one(till: Till) -> None:
    card = till.card()
    assert till.stamp(card, quantity="").status_code == 201
    assert till.count(card) == 1


# The key


def test_the_same_key_gives_one_stamp_and_the_same_answer(till: Till) -> None:
    card, key = till.card(), str(uuid.uuid4())
    first, second = till.stamp(card, key=key), till.stamp(card, key=key)
    assert first.status_code == second.status_code == 201
    assert steady(first.text) == steady(second.text)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert till.count(card) == 1


def test_a_replay_needs_no_pin(till: Till) -> None:
    card, key = till.card(), str(uuid.uuid4())
    till.stamp(card, key=key)
    before = guard(till)
    for pin in (None, "9999"):
        assert till.stamp(card, pin, key=key).status_code == 201
    assert guard(till) == before
    assert till.count(card) == 1


def test_a_refusal_is_replayed_too(strict: Till, clock: FrozenClock) -> None:
    card, key = strict.card(), str(uuid.uuid4())
    strict.stamp(card)
    assert strict.stamp(card, key=key).status_code == 409
    clock.move(minutes=15)
    again = strict.stamp(card, key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (409, "true")
    assert strict.count(card) == 1


def test_a_key_stands_for_one_request(till: Till) -> None:
    card, second, key = till.card(), till.card(), str(uuid.uuid4())
    till.stamp(card, key=key)
    for answer in (
        till.stamp(card, key=key, quantity=2),
        till.stamp(second, key=key),
        till.redeem(card, key=key),
        till.send(f"/entries/{till.last(card)}/void", key),
    ):
        assert answer.status_code == 409
        assert "That button was already used." in words(answer)
    assert (till.count(card), till.count(second)) == (1, 0)


def test_another_vendor_may_use_the_same_key(till: Till, other: Till) -> None:
    key = str(uuid.uuid4())
    assert till.stamp(till.card(), key=key).status_code == 201
    answer = other.stamp(other.card("Nora"), key=key)
    assert answer.status_code == 201
    assert "Nora" in answer.text


@pytest.mark.parametrize("key", [None, " ", "a b", "x" * 256, "é", "a\n"])
def test_a_form_without_a_good_key_does_nothing(till: Till, key: str | None) -> None:
    card = till.card()
    answer = till.send(f"/cards/{card.code}/stamps", key, pin=LUC)
    assert answer.status_code == 422
    assert till.count(card) == 0


# The PIN


def test_a_wrong_pin_is_said_at_the_pad(till: Till) -> None:
    card, key = till.card(), str(uuid.uuid4())
    answer = till.stamp(card, "9999", key=key)
    assert answer.status_code == 403
    assert words(answer) == "Not that one. 4 tries left."
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#pin-message", "innerHTML")
    assert "3 tries left" in words(till.stamp(card, "0000", key=key))
    # The form's key isn't used up.
    assert till.stamp(card, LUC, key=key).status_code == 201
    assert till.count(card) == 1


def test_without_javascript_a_wrong_pin_is_a_page_with_a_way_back(till: Till) -> None:
    card = till.card()
    answer = till.post(f"/cards/{card.code}/stamps", pin="9999")
    assert answer.status_code == 403
    assert "Not that one. 4 tries left." in words(answer)
    assert f'href="/counter/cards/{card.code}"' in answer.text


@pytest.mark.parametrize("pin", ["", "25801", "258", "2580 ", "²⁵⁸⁰", "٢٥٨٠", "x" * 3000, "' OR 1=1 --"])
def test_what_is_no_pin(till: Till, pin: str) -> None:
    card = till.card()
    answer = till.send(f"/cards/{card.code}/stamps", pin=pin)
    assert answer.status_code == (403 if pin else 422)
    assert till.count(card) == 0


def test_a_wrong_pin_counts_although_the_stamp_would_be_refused(strict: Till) -> None:
    card = strict.card()
    strict.stamp(card)
    assert strict.stamp(card, "9999").status_code == 403
    assert guard(strict) == (1, 1)


def test_a_right_pin_forgives_only_itself(till: Till) -> None:
    card = till.card()
    till.stamp(card, "9999")
    till.stamp(card)
    assert guard(till) == (1, 1)


def test_the_fifth_wrong_one_locks_this_till_for_a_minute(till: Till, clock: FrozenClock) -> None:
    card = till.card()
    for _ in range(4):
        assert till.stamp(card, "9999").status_code == 403
    fifth = till.stamp(card, "9999")
    assert fifth.status_code == 403
    assert "Too many tries PIN entry opens again at 08:13." in words(fifth)
    assert 'data-opens-in="60"' in fifth.text and fifth.headers["Retry-After"] == "60"
    assert "HX-Retarget" not in fifth.headers
    locked = till.stamp(card, LUC)
    assert locked.status_code == 423
    assert "Too many tries" in words(locked)
    assert same_text(till.post(f"/cards/{card.code}/stamps", pin=LUC), locked)
    clock.move(seconds=60)
    assert till.stamp(card, LUC).status_code == 201


def test_the_entry_names_the_person(till: Till) -> None:
    card = till.card()
    assert "Mia, 08:12" in words(till.stamp(card, MIA))
    (row,) = till.shop.rows(
        "SELECT p.name FROM loyalty_transactions t JOIN staff_pins p ON p.id = t.staff_pin_id WHERE t.kind = :kind",
        kind="stamp_earned",
    )
    assert row[0] == "Mia"


def test_another_vendors_pin_is_a_wrong_one(till: Till, other: Till) -> None:
    other.desk.add_staff("Yves", "7418")
    card = till.card()
    assert other.stamp(other.card(), "7418").status_code == 201
    assert till.stamp(card, "7418").status_code == 403
    assert till.count(card) == 0


def test_without_pins_nobody_is_named(till: Till) -> None:
    till.change(require_staff_pin=False)
    card = till.card()
    answer = till.stamp(card, None)
    assert answer.status_code == 201
    assert "Stamped by 08:12" in words(answer)
    assert f'action="/counter/cards/{card.code}/stamps"' in answer.text


# The token


def test_a_stamp_needs_the_tills_token(till: Till) -> None:
    card = till.card()
    for token in ("", "x", "0" * 64):
        data = {"csrf_token": token, "key": str(uuid.uuid4()), "pin": LUC}
        answer = till.client.post(f"/counter/cards/{card.code}/stamps", data=data, headers=HTMX)
        assert answer.status_code == 400
        assert "This page was open for too long." in words(answer)
        assert answer.headers["HX-Retarget"] == "#stage"
    assert till.count(card) == 0


def test_the_token_comes_in_the_header_too(till: Till) -> None:
    card = till.card()
    data = {"key": str(uuid.uuid4()), "pin": LUC}
    headers = HTMX | {"X-CSRFToken": till.token}
    assert till.client.post(f"/counter/cards/{card.code}/stamps", data=data, headers=headers).status_code == 201


def test_an_owners_sign_out_in_the_same_browser_changes_nothing(till: Till) -> None:
    give_password(till.shop.app, OWNER)
    token = till.token
    sign_in(till.client, OWNER)
    press(till.client, "/vendor/", "/sign-out")
    card = till.card()
    data = {"csrf_token": token, "key": str(uuid.uuid4()), "pin": LUC}
    assert till.client.post(f"/counter/cards/{card.code}/stamps", data=data, headers=HTMX).status_code == 201


def test_two_tills_of_one_shop_have_tokens_of_their_own(till: Till, other: Till) -> None:
    card = till.card()
    data = {"csrf_token": other.token, "key": str(uuid.uuid4()), "pin": LUC}
    assert till.client.post(f"/counter/cards/{card.code}/stamps", data=data).status_code == 400
