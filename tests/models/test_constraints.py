"""What the database holds without the application, tried by a client of its own on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from loyalty_portal.cli import start_problems
from loyalty_portal.database import db
from loyalty_portal.models.triggers import TRIGGERS, missing_triggers
from tests.clients import Client, client_of
from tests.desk import Desk, desk_of
from tests.shops import Shop, open_shop


@pytest.fixture
def raw(app: Flask) -> Iterator[Client]:
    with client_of(app) as found:
        yield found


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


@pytest.fixture
def card(desk: Desk) -> int:
    """A card with two entries: made, stamped."""
    made = desk.enrol()
    desk.stamp(made.code)
    return made.id


def history(raw: Client) -> list[dict[str, Any]]:
    return raw.run("SELECT * FROM loyalty_transactions ORDER BY id")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE loyalty_transactions SET stamps_after = 9",
        "UPDATE loyalty_transactions SET terms = terms",
        "DELETE FROM loyalty_transactions",
        "DELETE FROM loyalty_transactions WHERE seq = 2",
    ],
)
def test_the_ledger_refuses_changes_and_deletions(raw: Client, card: int, statement: str) -> None:
    before = history(raw)
    raw.refuses(statement, because="append-only")
    assert history(raw) == before


def test_the_ledger_refuses_an_upsert(raw: Client, card: int) -> None:
    last = raw.last_entry(card)
    insertion, *values = Client.insertion("loyalty_transactions", last)
    raw.refuses(f"{insertion} ON CONFLICT (id) DO UPDATE SET stamps_after = 9", *values)
    raw.refuses(f"{insertion} ON CONFLICT (card_id, seq) DO UPDATE SET stamps_after = 9", *values)
    assert raw.last_entry(card) == last


def test_truncating_is_refused(raw: Client, card: int) -> None:
    before = history(raw)
    if raw.is_sqlite:
        # SQLite's truncation: a DELETE without a condition.
        raw.refuses("DELETE FROM loyalty_transactions", because="append-only")
    else:
        raw.refuses("TRUNCATE loyalty_transactions CASCADE", because="append-only")
        raw.refuses("TRUNCATE loyalty_cards CASCADE")
        raw.refuses("TRUNCATE vendors CASCADE")
    assert history(raw) == before


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE INTO", "REPLACE INTO"])
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_replacing_an_entry_is_refused(
    raw: Client, desk: Desk, card: int, engine: str, verb: str, recursive: str
) -> None:
    if engine != "sqlite":
        raw.refuses(*Client.insertion("loyalty_transactions", raw.last_entry(card)))
        return
    raw.run(f"PRAGMA recursive_triggers={recursive}")
    void = desk.void(desk.last_entry_id(card))
    before = history(raw)
    stamped = next(row for row in before if row["kind"] == "stamp_earned")
    for row in (
        stamped | {"stamps_delta": 5, "stamps_after": 5},
        # It takes the seq, the void or the id of another.
        stamped | {"id": 999},
        raw.next_entry(card, kind="stamp_voided", voids_id=void.transaction.voids_id),
        raw.next_entry(card, id=stamped["id"]),
    ):
        raw.refuses(*Client.insertion("loyalty_transactions", row, verb))
    assert history(raw) == before


def test_a_purchase_reference_is_booked_once_a_vendor(raw: Client, desk: Desk, card: int) -> None:
    row = {"vendor_id": desk.vendor_id, "reference": "bill 7"}
    raw.insert("purchase_references", row)
    raw.refuses(*Client.insertion("purchase_references", row))


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 4},
        {"seq": 2},
        {"stamps_after": 7},
        {"stamps_delta": 2},
        {"points_after": 3},
        {"prev_hash": "f" * 64},
        {"card_id": 987654},
    ],
    ids=str,
)
def test_an_entry_continues_the_one_before(raw: Client, card: int, changes: dict[str, Any]) -> None:
    before = history(raw)
    raw.refuses(*Client.insertion("loyalty_transactions", raw.next_entry(card, **changes)))
    assert history(raw) == before
    # The same entry without the change is welcome: nothing else was wrong with it.
    raw.insert("loyalty_transactions", raw.next_entry(card))
    assert raw.last_entry(card)["seq"] == 3


@pytest.mark.parametrize("changes", [{"seq": 2}, {"stamps_after": 1}, {"prev_hash": "f" * 64}], ids=str)
def test_a_first_entry_continues_the_cards_genesis(raw: Client, card: int, changes: dict[str, Any]) -> None:
    row = raw.run("SELECT * FROM loyalty_cards WHERE id = ?", card)[0]
    fresh = row | {"code": "00000000", "link_token": "other", "apple_serial": "other", "seq": 0, "stamp_count": 0}
    del fresh["id"]
    raw.insert("loyalty_cards", fresh | {"head_hash": "a" * 64})
    fresh_id = raw.run("SELECT id FROM loyalty_cards WHERE code = '00000000'")[0]["id"]
    first = raw.next_entry(card) | {
        "card_id": fresh_id,
        "kind": "card_created",
        "seq": 1,
        "stamps_delta": 0,
        "stamps_after": 0,
        "prev_hash": "a" * 64,
    }
    raw.refuses(*Client.insertion("loyalty_transactions", first | changes))
    raw.insert("loyalty_transactions", first)


@pytest.mark.parametrize(
    "changes",
    [
        {"stamps_delta": -1, "stamps_after": 0},
        {"kind": "stamp_redeemed"},
        {"kind": "points_earned"},
        {"kind": "points_redeemed"},
        {"kind": "stamps_expired"},
        {"kind": "points_adjusted"},
        {"kind": "card_created"},
        {"kind": "stamp_voided"},
        {"kind": "gift"},
        {"source": "moon"},
        {"kind": "stamps_adjusted", "stamps_delta": -5, "stamps_after": -4},
        {"stamps_delta": 1_000_000, "stamps_after": 1_000_001},
        {"remainder_delta": 100},
        {"amount_cents": -1},
        {"amount_cents": 100_000_001},
        {"hash": "short"},
        {"terms": None},
        {"at": None},
        {"staff_pin_id": 4711},
        {"acting_user_id": 4711},
    ],
    ids=str,
)
def test_an_entry_that_makes_no_sense_is_refused(desk: Desk, card: int, changes: dict[str, Any], app: Flask) -> None:
    with client_of(app) as raw:
        if raw.is_sqlite:
            raw.run("PRAGMA foreign_keys=ON")
        raw.refuses(*Client.insertion("loyalty_transactions", raw.next_entry(card, **changes)))
        assert len(history(raw)) == 2


def test_a_void_is_for_an_entry_of_its_own_card_and_once(raw: Client, desk: Desk, card: int) -> None:
    other = desk.enrol()
    foreign = desk.stamp(other.code).transaction.id
    void = {"kind": "stamp_voided", "stamps_delta": -1, "stamps_after": 0}
    raw.refuses(*Client.insertion("loyalty_transactions", raw.next_entry(card, **void, voids_id=foreign)))
    stamped = desk.last_entry_id(card)
    raw.insert("loyalty_transactions", raw.next_entry(card, **void, voids_id=stamped))
    again = raw.next_entry(card, voids_id=stamped, kind="stamp_voided")
    raw.refuses(*Client.insertion("loyalty_transactions", again))
    # Nor is a void voided.
    of_void = raw.next_entry(card, voids_id=raw.last_entry(card)["id"], kind="stamp_voided")
    raw.refuses(*Client.insertion("loyalty_transactions", of_void))


# Vendors


@pytest.fixture
def strangers(app: Flask) -> Desk:
    """Another vendor's counter, with a card."""
    other = desk_of(open_shop(app, "Other", "bob@example.com"))
    other.enrol()
    return other


Breach = Callable[[Client, Desk, Desk, int], tuple[Any, ...]]


def _entry_on_foreign_card(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    return Client.insertion("loyalty_transactions", raw.next_entry(card, vendor_id=strangers.vendor_id))


def _entry_of_foreign_program(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    return Client.insertion("loyalty_transactions", raw.next_entry(card, program_id=strangers.shop.program_id))


def _entry_by_foreign_staff(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    pin = strangers.add_staff("Bob", "7391")
    return Client.insertion("loyalty_transactions", raw.next_entry(card, staff_pin_id=pin.id))


def _card_of_foreign_customer(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    theirs = raw.run("SELECT id FROM customers WHERE vendor_id = ?", strangers.vendor_id)[0]["id"]
    return ("UPDATE loyalty_cards SET customer_id = ? WHERE id = ?", theirs, card)


def _card_into_foreign_card(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    theirs = raw.run("SELECT id FROM loyalty_cards WHERE vendor_id = ?", strangers.vendor_id)[0]["id"]
    return ("UPDATE loyalty_cards SET merged_into_id = ? WHERE id = ?", theirs, card)


def _key_of_foreign_card(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    row = {"vendor_id": strangers.vendor_id, "key": "k", "request_hash": "0" * 64, "status": 201, "card_id": card}
    at = raw.last_entry(card)["at"]
    return Client.insertion("idempotency_keys", row | {"created_at": at})


def _note_of_foreign_entry(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    entry_id = raw.last_entry(card)["id"]
    row = {"vendor_id": strangers.vendor_id, "entry_id": entry_id, "salt": "s", "text": "hello"}
    return Client.insertion("entry_notes", row)


def _till_opened_by_foreign_staff(raw: Client, desk: Desk, strangers: Desk, card: int) -> tuple[Any, ...]:
    pin = strangers.add_staff("Bob", "7391")
    return ("UPDATE counter_devices SET unlocked_pin_id = ? WHERE id = ?", pin.id, desk.till_id)


@pytest.mark.parametrize(
    "breach",
    [
        _entry_on_foreign_card,
        _entry_of_foreign_program,
        _entry_by_foreign_staff,
        _card_of_foreign_customer,
        _card_into_foreign_card,
        _key_of_foreign_card,
        _note_of_foreign_entry,
        _till_opened_by_foreign_staff,
    ],
)
def test_a_row_across_vendors_cannot_exist(raw: Client, desk: Desk, strangers: Desk, card: int, breach: Breach) -> None:
    if raw.is_sqlite:
        raw.run("PRAGMA foreign_keys=ON")
    raw.refuses(*breach(raw, desk, strangers, card))


@pytest.mark.parametrize("breach", [_entry_on_foreign_card, _entry_of_foreign_program])
def test_not_even_for_a_client_without_foreign_keys(
    raw: Client, desk: Desk, strangers: Desk, card: int, breach: Breach
) -> None:
    raw.refuses(*breach(raw, desk, strangers, card), because="continue" if raw.is_sqlite else "")


# Cards


def test_a_card_with_a_history_stays(raw: Client, card: int) -> None:
    for statement in ("DELETE FROM loyalty_cards", "DELETE FROM loyalty_cards WHERE id = 1"):
        raw.refuses(statement, because="history")
    row = raw.run("SELECT * FROM loyalty_cards WHERE id = ?", card)[0]
    verb = "INSERT OR REPLACE INTO" if raw.is_sqlite else "INSERT INTO"
    for changes in ({}, {"id": 99}, {"id": 99, "code": "00000000"}, {"id": 99, "code": "00000000", "link_token": "x"}):
        raw.refuses(*Client.insertion("loyalty_cards", row | changes, verb))
    assert raw.run("SELECT * FROM loyalty_cards") == [row]


def test_an_update_replaces_no_other_card(raw: Client, desk: Desk, card: int) -> None:
    other = desk.enrol()
    verb = "UPDATE OR REPLACE" if raw.is_sqlite else "UPDATE"
    raw.refuses(f"{verb} loyalty_cards SET link_token = ? WHERE id = ?", other.link_token, card)
    serial = "(SELECT apple_serial FROM loyalty_cards WHERE id = ?)"
    raw.refuses(f"{verb} loyalty_cards SET apple_serial = {serial} WHERE id = ?", other.id, card)
    assert len(raw.run("SELECT id FROM loyalty_cards")) == 2


@pytest.mark.parametrize(
    "change", ["id = id + 50", "vendor_id = vendor_id + 1", "program_id = program_id + 1", "code = '00000000'"]
)
def test_what_a_chain_begins_with_does_not_change(raw: Client, card: int, change: str) -> None:
    raw.refuses(f"UPDATE loyalty_cards SET {change}", because="does not change")


@pytest.mark.parametrize(
    "change",
    [
        "stamp_count = -1",
        "stamp_count = 1000001",
        "points_balance = -1",
        "points_remainder = 100",
        "total_stamps_earned = -1",
        "stamps_redeemed = -1",
        "stamps_target = 1",
        "stamps_target = 51",
        "visit_stamps = -1",
        "seq = -1",
        "head_hash = NULL",
    ],
)
def test_a_card_out_of_bounds_is_refused(raw: Client, card: int, change: str) -> None:
    raw.refuses(f"UPDATE loyalty_cards SET {change}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE loyalty_programs SET cooldown_minutes = 1441",
        "UPDATE loyalty_programs SET max_daily_stamps = 0",
        "UPDATE loyalty_programs SET stamps_target = NULL",
        "UPDATE loyalty_programs SET loyalty_type = 'lottery'",
        "UPDATE loyalty_programs SET loyalty_type = 'points'",
        "UPDATE loyalty_programs SET card_color = 'red'",
        "UPDATE vendors SET pin_length = 5",
        "UPDATE vendors SET currency = 'EURO'",
        "UPDATE counter_devices SET pin_tries = 6",
        "UPDATE counter_devices SET pin_wrong = 1",
        "UPDATE customers SET email_verified_at = created_at, email = NULL",
    ],
)
def test_other_rows_out_of_bounds_are_refused(raw: Client, card: int, statement: str) -> None:
    raw.refuses(statement)


def test_a_vendor_has_one_live_program(raw: Client, card: int) -> None:
    row = raw.run("SELECT * FROM loyalty_programs")[0]
    del row["id"]
    raw.refuses(*Client.insertion("loyalty_programs", row))
    raw.insert("loyalty_programs", row | {"archived_at": row["created_at"]})


def test_a_key_is_used_once_a_vendor(raw: Client, desk: Desk, card: int) -> None:
    row = {"vendor_id": desk.vendor_id, "key": "k", "request_hash": "0" * 64, "status": 201}
    row["created_at"] = raw.last_entry(card)["at"]
    raw.insert("idempotency_keys", row)
    raw.refuses(*Client.insertion("idempotency_keys", row))


def test_a_verified_address_is_one_customers(raw: Client, desk: Desk, card: int) -> None:
    desk.enrol()
    raw.run("UPDATE customers SET email = 'a@example.com'")
    raw.refuses("UPDATE customers SET email_verified_at = created_at")


@pytest.mark.parametrize(
    "change",
    ["stamp_count = 'many'", "stamp_count = 1.5", "is_active = 'maybe'", "link_token = x'00'", "stamp_day = x'00'"],
)
def test_columns_keep_their_types(raw: Client, card: int, change: str) -> None:
    """SQLite would store anything in any column if its tables weren't STRICT."""
    if not raw.is_sqlite:
        change = {"stamp_count = 1.5": "stamp_count = 'NaN'", "link_token = x'00'": "link_token = NULL"}.get(
            change, change
        )
    raw.refuses(f"UPDATE loyalty_cards SET {change}")


def test_every_table_is_strict_and_every_constraint_named(raw: Client, app: Flask) -> None:
    for table in db.metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
        if raw.is_sqlite:
            found = raw.run("SELECT strict FROM pragma_table_list WHERE name = ?", table.name)
            assert found == [{"strict": 1}], table.name


# The guards themselves


@pytest.mark.parametrize("name", sorted(TRIGGERS))
def test_a_missing_guard_stops_the_start(raw: Client, app: Flask, name: str) -> None:
    assert start_problems(app) == []
    raw.run(f"DROP TRIGGER {name}" + ("" if raw.is_sqlite else f" ON {TRIGGERS[name]}"))
    assert start_problems(app) == [f"the ledger's guards are missing: {name}"]
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503


def test_a_guard_that_is_switched_off_stops_the_start(raw: Client, app: Flask) -> None:
    if raw.is_sqlite:
        # SQLite knows no switched-off triggers; one of the same name on another table doesn't count either.
        raw.run("DROP TRIGGER ledger_no_delete")
        raw.run("CREATE TRIGGER ledger_no_delete BEFORE DELETE ON roles BEGIN SELECT 1; END")
    else:
        raw.run("ALTER TABLE loyalty_transactions DISABLE TRIGGER ledger_no_delete")
    with app.app_context(), db.engine.connect() as connection:
        assert missing_triggers(connection) == {"ledger_no_delete"}
        connection.execute(text("SELECT 1"))
    assert start_problems(app)
