"""What a stamp may ask of the database: two statements before the lock, five inside, the PIN's own apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from loyalty_portal.database import db
from tests.counter.till import LUC, Till

ALONE = re.compile(r"^(SELECT|INSERT|UPDATE|DELETE)\b")


@contextmanager
def listening(till: Till) -> Iterator[list[str]]:
    """The statements that are run, in order, with BEGIN and COMMIT between them."""
    heard: list[str] = []
    with till.shop.app.app_context():
        engine = db.engine

    def statement(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        if ALONE.match(text):
            heard.append(" ".join(text.split()))

    def mark(word: str) -> object:
        return lambda _connection: heard.append(word)

    hooks = [
        ("before_cursor_execute", statement),
        ("begin", mark("BEGIN")),
        ("commit", mark("COMMIT")),
        ("rollback", mark("ROLLBACK")),
    ]
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield heard
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)


def transactions(heard: list[str]) -> list[list[str]]:
    """The statements of each transaction, each with how it ended; those without a statement are left out."""
    found: list[list[str]] = []
    for word in heard:
        if word == "BEGIN":
            found.append([])
        else:
            found[-1].append(word)
    return [one for one in found if len(one) > 1]


def verbs(statements: list[str]) -> list[str]:
    """`SELECT loyalty_cards`, `INSERT loyalty_transactions`, …; brackets belong to the statement around them."""
    bare = re.compile(r"\([^()]*\)")
    while any(bare.search(one) for one in statements):
        statements = [bare.sub("", one) for one in statements]
    pattern = r"^(?:(SELECT) .*? FROM|(INSERT) INTO|(UPDATE)) \"?(\w+)"
    return [
        " ".join(part for part in found.groups() if part) for one in statements if (found := re.match(pattern, one))
    ]


STAMP = [
    "SELECT loyalty_cards",
    "SELECT idempotency_keys",
    "INSERT loyalty_transactions",
    "UPDATE loyalty_cards",
    "INSERT idempotency_keys",
]


def test_a_stamp_costs_two_reads_and_five_statements(till: Till) -> None:
    till.change(require_staff_pin=False)
    card = till.card()
    with listening(till) as heard:
        assert till.stamp(card, None).status_code == 201
    asks, known, work = transactions(heard)
    assert verbs(asks) == ["SELECT counter_devices"] and asks[-1] == "ROLLBACK"
    assert verbs(known) == ["SELECT idempotency_keys"] and known[-1] == "ROLLBACK"
    assert verbs(work) == STAMP
    assert len(work) == 6 and work[-1] == "COMMIT"


def test_the_pin_has_transactions_of_its_own(till: Till) -> None:
    card = till.card()
    with listening(till) as heard:
        assert till.stamp(card, LUC).status_code == 201
    asks, known, charge, find, settle, work = transactions(heard)
    assert verbs(asks) == ["SELECT counter_devices"]
    assert verbs(known) == ["SELECT idempotency_keys"]
    assert verbs(charge) == ["SELECT counter_devices", "UPDATE counter_devices"] and charge[-1] == "COMMIT"
    assert verbs(find) == ["SELECT staff_pins"] and find[-1] == "ROLLBACK"
    assert verbs(settle)[:2] == ["SELECT counter_devices", "UPDATE counter_devices"] and settle[-1] == "COMMIT"
    assert verbs(work) == STAMP and len(work) == 6


def test_an_open_till_costs_no_more(till: Till) -> None:
    till.change(pin_unlock_minutes=10)
    till.send("/lock/open", pin=LUC)
    card = till.card()
    with listening(till) as heard:
        assert till.stamp(card, None).status_code == 201
    assert [len(one) - 1 for one in transactions(heard)] == [1, 1, 5]


def test_a_replay_costs_two_reads(till: Till) -> None:
    card = till.card()
    till.stamp(card, key="once")
    with listening(till) as heard:
        assert till.stamp(card, key="once").status_code == 201
    assert [verbs(one) for one in transactions(heard)] == [["SELECT counter_devices"], ["SELECT idempotency_keys"]]


def test_a_refusal_writes_only_its_key(strict: Till) -> None:
    strict.change(require_staff_pin=False)
    card = strict.card()
    strict.stamp(card, None)
    with listening(strict) as heard:
        assert strict.stamp(card, None).status_code == 409
    *_, work = transactions(heard)
    assert verbs(work) == ["SELECT loyalty_cards", "SELECT idempotency_keys", "INSERT idempotency_keys"]


@pytest.mark.parametrize("path", ["/", "/history", "/search?q=so"])
def test_lists_cost_the_same_with_two_rows_and_with_twenty(till: Till, path: str) -> None:
    def cost() -> int:
        with listening(till) as heard:
            assert till.get(path).status_code == 200
        return len([one for one in heard if ALONE.match(one)])

    for _ in range(2):
        till.stamp(till.card())
    few = cost()
    for _ in range(18):
        till.desk.stamp(till.card().code)
    assert cost() == few
