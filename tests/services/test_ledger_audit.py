"""The audit finds whatever was done to the ledger behind the triggers' back, and names the row."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, end_read
from loyalty_portal.enums import EntryKind, StaffRole
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.ledger import LedgerReport
from loyalty_portal.services import chain
from loyalty_portal.services.ledger import Ledger
from loyalty_portal.services.ledger_audit import MOST_NAMED, PROBLEMS
from tests.clients import Client, client_of
from tests.desk import Desk, desk_of
from tests.shops import Shop, open_shop

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_ledger.py"


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return desk_of(shop)


@pytest.fixture
def card(desk: Desk, clock: FrozenClock) -> CardView:
    """A card with six entries: made, stamped thrice, one of it taken back with a note, stamped again."""
    made = desk.enrol(first_name="Zoé")
    for _ in range(3):
        entry = desk.stamp(made.code).transaction.id
        clock.move(minutes=20)
    desk.void(entry, "=Wrong card", staff_role=StaffRole.MANAGER)
    desk.stamp(made.code)
    return made


@pytest.fixture
def raw(app: Flask) -> Iterator[Client]:
    with client_of(app) as found:
        yield found


def audit(desk: Desk, vendor_id: int | None = None) -> LedgerReport:
    return desk.read(lambda s: s.ledger_audit.verify(vendor_id))


def found(desk: Desk) -> list[tuple[str, int | None]]:
    """(problem, seq) of each row that is wrong; the audit says the same of the shop and of everything."""
    report = audit(desk)
    assert report == audit(desk, desk.vendor_id)
    assert report.ok == (not report.broken)
    return [(row.problem, row.seq) for row in report.broken]


def change(raw: Client, statement: str, *values: Any) -> None:
    with raw.unguarded():
        raw.run(statement, *values)


def rehashed(raw: Client, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with a hash that fits it, as somebody who knows the chain would write it."""
    with_flag = entry | {"is_override": bool(entry["is_override"])}
    return entry | {"hash": chain.entry_hash(entry["prev_hash"], with_flag)}


def test_a_ledger_that_nobody_touched_is_well(desk: Desk, card: CardView, app: Flask) -> None:
    report = audit(desk)
    assert report == LedgerReport(cards=1, transactions=6, ok=True)
    other = desk_of(open_shop(app, "Other", "bob@example.com"))
    other.enrol()
    assert audit(desk) == LedgerReport(cards=2, transactions=7, ok=True)
    assert audit(desk, other.vendor_id) == LedgerReport(cards=1, transactions=1, ok=True)


def test_an_empty_ledger_is_well(desk: Desk) -> None:
    assert audit(desk) == LedgerReport(cards=0, transactions=0, ok=True)


@pytest.mark.parametrize("column", chain.FIELDS)
def test_a_change_of_any_field_is_found(raw: Client, desk: Desk, card: CardView, column: str, engine: str) -> None:
    other = desk_of(open_shop(desk.shop.app, "Other", "bob@example.com"))
    values: dict[str, Any] = {
        "vendor_id": other.vendor_id,
        "program_id": other.shop.program_id,
        "card_id": desk.enrol().id,
        "seq": 99,
        "kind": "stamps_adjusted",
        "source": "portal",
        "is_override": True,
        "terms": '{"target":9}',
        "reward_id": "r",
        "reward_name": "x",
        "reference": "x",
        "batch_id": "x",
        "note_digest": "0" * 64,
        "local_day": "2026-11-15",
        "at": "2026-11-16T07:12:00.000001Z",
        "voids_id": 2,
        "acting_user_id": 1,
        "staff_pin_id": 1,
    }
    # What the CHECKs would refuse of the owner of the database, too, comes with a kind that allows it.
    kinds = {"voids_id": "stamp_voided", "stamps_delta": "stamps_adjusted", "points_delta": "card_merged"}
    changes = f"{column} = ?" + (f", kind = '{kinds[column]}'" if column in kinds else "")
    value = values.get(column, 9)
    change(raw, f"UPDATE loyalty_transactions SET {changes} WHERE card_id = ? AND seq = 4", value, card.id)
    report = audit(desk)
    named = [row for row in report.broken if row.problem == "entry_changed"]
    assert len(named) == 1, report.broken
    assert named[0].seq == (99 if column == "seq" else 4)
    assert named[0].transaction_id == 4 or engine == "postgresql"


def test_a_damaged_moment_is_found_and_not_stumbled_over(raw: Client, desk: Desk, card: CardView) -> None:
    if raw.is_sqlite:
        change(raw, "UPDATE loyalty_transactions SET at = 'yesterday', local_day = '', is_override = 7 WHERE seq = 3")
    else:
        change(raw, "UPDATE loyalty_transactions SET at = 'infinity' WHERE seq = 3")
    problem, *others = found(desk)
    assert problem == ("entry_changed" if raw.is_sqlite else "entry_unreadable", 3)
    assert not raw.is_sqlite or not others


def test_bytes_that_are_no_text_are_found(raw: Client, desk: Desk, card: CardView) -> None:
    if not raw.is_sqlite:
        raw.refuses("SELECT convert_from('\\xff'::bytea, 'UTF8')")
        return
    change(raw, "UPDATE loyalty_transactions SET terms = CAST(x'ff00fe' AS TEXT) WHERE seq = 3")
    assert found(desk) == [("entry_unreadable", 3), ("entry_missing", 4), ("balance_broken", 4), *SUMS]


SUMS = [("stamps_differ", None), ("totals_differ", None)]


def test_a_changed_entry_with_a_fitting_hash_is_found_at_the_next(raw: Client, desk: Desk, card: CardView) -> None:
    entry = raw.run("SELECT * FROM loyalty_transactions WHERE seq = 3")[0] | {"reference": "forged"}
    entry = rehashed(raw, entry)
    change(raw, "UPDATE loyalty_transactions SET reference = 'forged', hash = ? WHERE seq = 3", entry["hash"])
    assert found(desk) == [("chain_broken", 4)]


def test_a_changed_hash_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "UPDATE loyalty_transactions SET hash = ? WHERE seq = 3", "f" * 64)
    assert found(desk) == [("entry_changed", 3), ("chain_broken", 4)]


def test_another_version_of_the_hash_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "UPDATE loyalty_transactions SET hash_version = 2 WHERE seq = 3")
    assert found(desk) == [("entry_changed", 3)]


def test_a_removed_entry_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "DELETE FROM loyalty_transactions WHERE seq = 3")
    assert found(desk) == [("entry_missing", 4), ("balance_broken", 4), *SUMS]


def test_a_removed_first_entry_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "DELETE FROM loyalty_transactions WHERE seq = 1")
    assert found(desk) == [("entry_missing", 2)]


def test_a_cut_tail_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "DELETE FROM loyalty_transactions WHERE seq = 6")
    assert found(desk) == [("head_differs", None), *SUMS]


def test_a_removed_history_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "DELETE FROM entry_notes")
    change(raw, "DELETE FROM loyalty_transactions")
    assert found(desk) == [("head_differs", None), *SUMS]


def test_an_added_entry_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    """The triggers let it pass, for it continues the chain; the card doesn't know of it."""
    entry = raw.next_entry(card.id) | {"note_digest": None}
    raw.insert("loyalty_transactions", rehashed(raw, entry))
    assert found(desk) == [("head_differs", None), *SUMS]


def test_an_added_entry_is_found_though_the_card_was_raised_with_it(raw: Client, desk: Desk, card: CardView) -> None:
    raw.insert("loyalty_transactions", raw.next_entry(card.id))
    raw.run(
        "UPDATE loyalty_cards SET seq = 7, head_hash = ?, stamp_count = stamp_count + 1,"
        " total_stamps_earned = total_stamps_earned + 1",
        "0" * 64,
    )
    assert found(desk) == [("entry_changed", 7)]


def test_reordered_entries_are_found(raw: Client, desk: Desk, card: CardView) -> None:
    for seq, other in ((3, 50), (4, 3), (50, 4)):
        change(raw, "UPDATE loyalty_transactions SET seq = ? WHERE seq = ?", other, seq)
    problems = found(desk)
    assert {("entry_changed", 3), ("entry_changed", 4), ("chain_broken", 3), ("chain_broken", 4)} <= set(problems)


def test_an_entry_moved_to_another_card_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    other = desk.enrol()
    change(raw, "UPDATE loyalty_transactions SET card_id = ?, seq = 2 WHERE seq = 6", other.id)
    report = audit(desk)
    assert {(row.code, row.problem) for row in report.broken} >= {
        (other.code, "entry_changed"),
        (other.code, "chain_broken"),
        (other.code, "head_differs"),
        (card.code, "head_differs"),
    }


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ("stamp_count", "stamps_differ"),
        ("points_balance", "points_differ"),
        ("points_remainder", "remainder_differs"),
        ("total_stamps_earned", "totals_differ"),
        ("stamps_redeemed", "totals_differ"),
        ("total_points_earned", "totals_differ"),
        ("points_redeemed", "totals_differ"),
        ("seq", "head_differs"),
    ],
)
def test_a_changed_balance_is_found(raw: Client, desk: Desk, card: CardView, column: str, problem: str) -> None:
    raw.run(f"UPDATE loyalty_cards SET {column} = {column} + 1")
    report = audit(desk)
    assert [(row.code, row.transaction_id, row.problem) for row in report.broken] == [(card.code, None, problem)]


def test_a_changed_genesis_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    change(raw, "UPDATE loyalty_cards SET genesis_nonce = ?", "a" * 64)
    assert found(desk) == [("chain_broken", 1)]


def test_a_changed_note_is_found_and_an_erased_one_is_fine(raw: Client, desk: Desk, card: CardView) -> None:
    raw.run("UPDATE entry_notes SET text = 'Another reason'")
    assert found(desk) == [("note_changed", 5)]
    raw.run("DELETE FROM entry_notes")
    assert found(desk) == []


def test_a_note_on_an_entry_that_had_none_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    row = raw.run("SELECT id, vendor_id FROM loyalty_transactions WHERE seq = 2")[0]
    raw.insert("entry_notes", {"vendor_id": row["vendor_id"], "entry_id": row["id"], "salt": "s", "text": "added"})
    assert found(desk) == [("note_changed", 2)]


def test_an_entry_without_its_card_is_found(raw: Client, desk: Desk, card: CardView) -> None:
    if not raw.is_sqlite:
        for table in ("idempotency_keys", "contact_links", "loyalty_cards"):
            change(raw, f"DELETE FROM {table}")
    else:
        change(raw, "DELETE FROM loyalty_cards")
    assert found(desk) == [("card_missing", seq) for seq in range(1, 7)]


def test_a_hundred_rows_are_named_and_all_are_counted(
    raw: Client, desk: Desk, card: CardView, clock: FrozenClock
) -> None:
    for _ in range(MOST_NAMED):
        clock.move(days=1)
        desk.stamp(card.code)
    change(raw, "UPDATE loyalty_transactions SET reference = CAST(seq AS TEXT) WHERE seq > 2")
    report = audit(desk)
    assert not report.ok and len(report.broken) == MOST_NAMED and report.transactions == MOST_NAMED + 6


def test_totals_follow_from_entries_of_every_kind(desk: Desk, clock: FrozenClock) -> None:
    card, other = desk.enrol(), desk.enrol()
    for _ in range(3):
        desk.stamp(card.code, 5)
        clock.move(days=1)
    redeemed = desk.redeem(card.code).transaction.id
    desk.void(redeemed)
    desk.redeem(card.code)
    desk.stamp(other.code, 3)
    desk.write(lambda s: s.enrolment_service.merge(desk.origin(), other.id, card.id))
    clock.move(hours=1)
    desk.void(desk.stamp(card.code).transaction.id)
    assert found(desk) == []
    assert desk.card(card.id).total_stamps_earned == 18


def test_every_problem_has_words_for_people() -> None:
    from loyalty_portal.vendor.ledger import WORDS

    assert WORDS.keys() == set(PROBLEMS)


def test_the_audit_sees_one_moment(desk: Desk, card: CardView, app: Flask, clock: FrozenClock) -> None:
    """A stamp that comes between reading the cards and their entries is not seen in one and missed in the other."""
    for _ in range(3):
        desk.enrol()

    with app.app_context():
        service = desk.services.ledger_audit
        rows = service.rows(desk.vendor_id)
        first = next(rows)
        with client_of(app) as raw:
            raw.insert("loyalty_transactions", raw.next_entry(card.id))
        seen = [first, *rows]
        end_read()
    assert len([row for row in seen if row["card_id"] == card.id]) == 6


def test_an_audit_ends_the_read_before_it_and_has_no_place_in_a_transaction(desk: Desk, app: Flask) -> None:
    with app.app_context():
        desk.services.vendor_service.get(desk.vendor_id)
        assert desk.services.ledger_audit.verify().ok
        end_read()
    with pytest.raises(RuntimeError):
        desk.write(lambda s: s.ledger_audit.verify())


def peak(desk: Desk, app: Flask) -> int:
    """The most memory that an audit takes, in bytes."""
    with app.app_context():
        desk.services.ledger_audit.verify()
        end_read()
        tracemalloc.start()
        try:
            assert desk.services.ledger_audit.verify().ok
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            end_read()


def grow(desk: Desk, card_id: int, entries: int) -> None:
    """Entries written as fast as the ledger writes them."""

    def write(_services: Any) -> None:
        ledger = Ledger(db.session)
        card = ledger.lock(desk.vendor_id, card_id=card_id)
        now = desk.services.clock.now()
        for _ in range(entries):
            ledger.append(card, desk.origin(), EntryKind.STAMPS_ADJUSTED, now, stamps=1)

    desk.write(write)


def test_memory_stays_flat(desk: Desk, app: Flask) -> None:
    card = desk.enrol()
    grow(desk, card.id, 1000)
    small = peak(desk, app)
    grow(desk, card.id, 9000)
    large = peak(desk, app)
    assert large < small * 1.3 + 200_000, (small, large)


# The export


@pytest.fixture(params=["jsonl", "csv"])
def exported(request: pytest.FixtureRequest, desk: Desk, card: CardView, app: Flask, tmp_path: Path) -> Path:
    desk.enrol()
    file = tmp_path / f"ledger.{request.param}"
    slug = desk.shop.vendor.slug
    arguments = ["ledger", "export", "--vendor", slug, "--format", request.param, "--output", str(file)]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    return file


def offline(file: Path) -> subprocess.CompletedProcess[str]:
    """The script, run with nothing but Python's own library."""
    return subprocess.run([sys.executable, "-I", "-S", SCRIPT, file], capture_output=True, text=True, check=False)


def test_the_script_is_short_and_stands_alone() -> None:
    assert len(SCRIPT.read_text().splitlines()) <= 60


def test_an_export_is_verified_offline(exported: Path) -> None:
    result = offline(exported)
    assert (result.returncode, result.stdout) == (0, "2 cards: all is well\n"), result.stderr


Tamper = Callable[[list[str]], list[str]]
TAMPERED: dict[str, tuple[Tamper, str]] = {
    "changed": (lambda lines: [line.replace("07:32", "07:33") for line in lines], "the entry was changed"),
    "removed": (lambda lines: lines[:2] + lines[3:], "an entry is missing before it"),
    "cut": (lambda lines: [line for line in lines if line != LAST(lines)], "the card doesn't end here"),
    "reordered": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "an entry is missing before it"),
    "doubled": (lambda lines: [*lines[:3], lines[2], *lines[3:]], "an entry is missing before it"),
    "note": (lambda lines: [line.replace("Wrong card", "Right card") for line in lines], "the note was changed"),
}


def LAST(lines: list[str]) -> str:  # noqa: N802
    """The first card's last entry: the one before the second card's first."""
    return lines[-2]


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_export_is_refused(exported: Path, name: str) -> None:
    tamper, problem = TAMPERED[name]
    lines = exported.read_text().splitlines(keepends=True)
    head, body = (lines[:1], lines[1:]) if exported.suffix == ".csv" else ([], lines)
    after = tamper(body)
    assert after != body
    exported.write_text("".join([*head, *after]))
    result = offline(exported)
    assert result.returncode == 1
    assert problem in result.stdout


def test_a_cell_that_says_something_else_is_refused(exported: Path) -> None:
    if exported.suffix != ".csv":
        return
    text = exported.read_text()
    exported.write_text(text.replace(",stamp_earned,1,", ",stamp_earned,9,", 1))
    assert exported.read_text() != text
    assert "a cell was changed" in offline(exported).stdout


def test_a_table_holds_no_formula(exported: Path) -> None:
    if exported.suffix == ".csv":
        assert ",'=Wrong card," in exported.read_text()


# The command


def test_the_command_says_that_all_is_well(desk: Desk, card: CardView, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert result.exit_code == 0
    assert "1 cards, 6 entries: all is well" in result.output


def test_the_command_names_the_rows(raw: Client, desk: Desk, card: CardView, app: Flask) -> None:
    change(raw, "UPDATE loyalty_transactions SET reference = 'forged' WHERE seq = 3")
    entry_id = raw.run("SELECT id FROM loyalty_transactions WHERE seq = 3")[0]["id"]
    other = open_shop(app, "Other", "bob@example.com")
    for arguments in ([], ["--vendor", desk.shop.vendor.slug]):
        result = app.test_cli_runner().invoke(args=["ledger", "verify", *arguments])
        assert result.exit_code == 1
        assert f"card {card.code}: entry {entry_id} (seq 3): entry_changed" in result.output
    result = app.test_cli_runner().invoke(args=["ledger", "verify", "--vendor", other.vendor.slug])
    assert result.exit_code == 0
    unknown = app.test_cli_runner().invoke(args=["ledger", "verify", "--vendor", "nobody"])
    assert unknown.exit_code == 1 and "not_found" in unknown.output
