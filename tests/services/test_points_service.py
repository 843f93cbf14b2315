"""Points: exact arithmetic, limits, references, rewards, corrections, and taking all of it back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import event

from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db, transaction
from loyalty_portal.enums import StaffRole
from loyalty_portal.errors import IdempotencyConflict, Invalid, ManagerRequired
from loyalty_portal.schemas.counter import AdjustPoints, Answer, Keyed, PointsCommand, Receipt
from loyalty_portal.schemas.programs import ProgramUpdate
from tests.services.points import CAKE, COFFEE, PointsShop, points_shop, receipt, refusal
from tests.shops import NOW

AMOUNTS = st.integers(1, 100_000)


@pytest.fixture
def points(app: Flask) -> PointsShop:
    return points_shop(app)


def sums(points: PointsShop) -> tuple[int, int]:
    """(points, hundredths) by the ledger."""
    query = "SELECT COALESCE(SUM(points_delta), 0), COALESCE(SUM(remainder_delta), 0) FROM loyalty_transactions"
    row = points.rows(query)[0]
    return int(row[0]), int(row[1])


def keyed(key: str, asked: str = "one") -> Keyed:
    return Keyed(key=key, request_hash=asked)


# What a purchase gives


def test_a_purchase_is_rounded_down_once_and_its_rest_counts_at_the_next(points: PointsShop):
    first = receipt(points.earn(amount_cents=1250))
    assert (first.transaction.points_delta, first.card.points_balance, first.card.points_remainder) == (12, 12, 50)
    second = receipt(points.earn(amount_cents=250))
    assert (second.transaction.points_delta, second.card.points_balance, second.card.points_remainder) == (3, 15, 0)
    assert second.transaction.amount_cents == 250
    assert second.card.total_points_earned == 15
    assert points.count() == 3


def test_a_purchase_below_one_point_is_kept_as_a_rest(points: PointsShop):
    assert receipt(points.earn(amount_cents=99)).transaction.points_delta == 0
    assert receipt(points.earn(amount_cents=1)).card.points_balance == 1


def test_points_can_be_given_as_they_are(points: PointsShop):
    points.earn(amount_cents=150)
    done = receipt(points.earn(points=30))
    assert (done.card.points_balance, points.remainder()) == (31, 50)
    assert done.transaction.amount_cents is None
    assert done.reward_ready


@given(st.lists(AMOUNTS, min_size=1, max_size=8), st.integers(1, 300))
@settings(max_examples=200)
def test_splitting_a_purchase_gains_and_loses_nothing(amounts: list[int], rate: int):
    from loyalty_portal.services.rules import points_for

    total = rest = 0
    for amount in amounts:
        gained, rest = points_for(amount, rate, rest)
        total += gained
    assert (total, rest) == points_for(sum(amounts), rate, 0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("earn"), st.integers(1, 9_000)),
        st.tuples(st.just("give"), st.integers(1, 60)),
        st.tuples(st.just("spend"), st.just(0)),
        st.tuples(st.just("adjust"), st.integers(-40, 40).filter(bool)),
        st.tuples(st.just("void"), st.integers(0, 9)),
    ),
    min_size=1,
    max_size=12,
)


@given(STEPS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_balance_is_the_sum_of_its_entries_whatever_happens(points: PointsShop, steps: list[tuple[str, int]]):
    done: list[Answer] = []
    for step, number in steps:
        if step == "void":
            if number < len(done):
                points.void(done[number], origin=points.manager, reason="By mistake")
            continue
        answers: dict[str, Callable[[], Answer]] = {
            "earn": lambda number=number: points.earn(amount_cents=number),
            "give": lambda number=number: points.earn(points=number),
            "spend": points.spend,
            "adjust": lambda number=number: points.adjust(number),
        }
        answer = answers[step]()
        if isinstance(answer, Receipt):
            done.append(answer)
    card = points.card()
    assert (card.points_balance, card.points_remainder) == sums(points)
    assert card.total_points_earned >= 0
    assert card.points_redeemed >= 0


@given(st.lists(AMOUNTS, max_size=4), AMOUNTS)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_taking_a_purchase_back_restores_the_card_exactly(points: PointsShop, before: list[int], amount: int):
    for earlier in before:
        points.earn(amount_cents=earlier)
    was = points.card()
    points.void(points.earn(amount_cents=amount))
    left_out = {"revision", "next_purchase_at"}
    assert points.card().model_dump(exclude=left_out) == was.model_dump(exclude=left_out)


# Limits


def test_one_purchase_a_visit(app: Flask, clock: FrozenClock):
    points = points_shop(app, cooldown_minutes=15)
    points.earn(amount_cents=500)
    again = refusal(points.earn(amount_cents=500), "cooling_down")
    assert again.facts.retry_at == NOW + timedelta(minutes=15)
    assert points.card().next_purchase_at == NOW + timedelta(minutes=15)
    clock.move(minutes=15)
    assert receipt(points.earn(amount_cents=500)).card.points_balance == 10


def test_a_hybrid_card_takes_one_stamp_and_one_purchase_in_a_visit(app: Flask, clock: FrozenClock):
    points = points_shop(app, loyalty_type="hybrid", cooldown_minutes=15, max_stamps_per_visit=1)
    receipt(points.earn(amount_cents=500))
    clock.move(minutes=5)
    stamped = receipt(points.give_stamp())
    assert (stamped.card.stamp_count, stamped.card.points_balance) == (1, 5)
    refusal(points.give_stamp(), "cooling_down")
    refusal(points.earn(amount_cents=500), "cooling_down")
    # The visit began with the purchase, so both are open again together.
    clock.move(minutes=10)
    receipt(points.give_stamp())
    receipt(points.earn(amount_cents=500))


def test_taking_a_purchase_back_gives_its_cooldown_back(app: Flask):
    points = points_shop(app, cooldown_minutes=15)
    points.void(points.earn(amount_cents=500))
    assert receipt(points.earn(amount_cents=600)).card.points_balance == 6


def test_a_large_purchase_needs_a_manager(app: Flask):
    points = points_shop(app, max_purchase_cents=10_000)
    staff = points.origin.model_copy(update={"staff_role": StaffRole.STAFF})
    assert receipt(points.earn(amount_cents=10_000, origin=staff)).card.points_balance == 100
    for asked in ({"amount_cents": 10_001}, {"points": 101}):
        for origin in (staff, points.origin):
            with pytest.raises(ManagerRequired):
                points.earn(origin=origin, **asked)
    assert receipt(points.earn(amount_cents=10_001, origin=points.manager)).card.points_balance == 200
    assert receipt(points.earn(points=101, origin=points.manager)).card.points_balance == 301


def test_more_than_a_card_can_hold_is_refused_in_words(app: Flask):
    points = points_shop(app, points_per_euro=10_000)
    with pytest.raises(Invalid) as caught:
        points.earn(amount_cents=100_000_000)
    assert caught.value.facts["errors"][0]["field"] == "amount_cents"
    assert points.count() == 1


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"amount_cents": 0},
        {"amount_cents": -1},
        {"amount_cents": 100_000_001},
        {"amount_cents": 1.5},
        {"amount_cents": "1e3"},
        {"amount_cents": "12,345"},
        {"points": 0},
        {"points": -3},
        {"points": 2**63},
        {"amount_cents": 100, "points": 1},
        {"amount_cents": 100, "reference": ""},
        {"amount_cents": 100, "reference": "a\x00b"},
        {"amount_cents": 100, "reference": "x" * 121},
        {"amount_cents": 100, "more": 1},
    ],
)
def test_what_is_no_purchase_is_none(asked: dict[str, Any]):
    with pytest.raises(ValidationError):
        PointsCommand(**asked)


@pytest.mark.parametrize("change", [{"points": 0}, {"points": 2_000_000}, {"points": 1, "reason": ""}])
def test_what_is_no_correction_is_none(change: dict[str, Any]):
    with pytest.raises(ValidationError):
        AdjustPoints(**({"reason": "Why"} | change))


def test_stamps_and_points_keep_to_their_programs(app: Flask):
    points = points_shop(app)
    refusal(points.give_stamp(), "wrong_program_type")
    stamps = points_shop(app, name="Stamps only", email="tom@example.com", loyalty_type="stamps", points_rewards=[])
    refusal(stamps.earn(amount_cents=100), "wrong_program_type")
    refusal(stamps.spend(), "wrong_program_type")
    refusal(stamps.adjust(5), "wrong_program_type")


def test_a_card_or_program_that_is_off_takes_no_points(points: PointsShop):
    points.do(lambda services: services.program_service.switch(points.program_id, on=False))
    refusal(points.earn(amount_cents=100), "program_inactive")
    points.do(lambda services: services.program_service.switch(points.program_id, on=True))
    points.do(lambda services: services.card_service.switch(points.origin, points.card().id, on=False))
    refusal(points.earn(amount_cents=100), "card_inactive")


# References


def test_a_reference_is_booked_once_for_the_whole_shop(points: PointsShop):
    first = receipt(points.earn(amount_cents=500, reference="R-1"))
    other = points.new_card()
    again = refusal(points.earn(amount_cents=500, reference="R-1", code=other.code), "reference_used")
    assert again.facts.transaction_id == first.transaction.id
    assert receipt(points.earn(amount_cents=500, reference="R-2")).transaction.reference == "R-2"


def test_a_void_frees_the_reference(points: PointsShop):
    points.void(points.earn(amount_cents=500, reference="R-1"))
    again = receipt(points.earn(amount_cents=700, reference="R-1"))
    used = refusal(points.earn(amount_cents=700, reference="R-1"), "reference_used")
    assert used.facts.transaction_id == again.transaction.id


def test_two_shops_may_use_one_reference(app: Flask):
    one = points_shop(app)
    other = points_shop(app, name="Next door", email="tom@example.com")
    receipt(one.earn(amount_cents=500, reference="R-1"))
    receipt(other.earn(amount_cents=500, reference="R-1"))


# Rewards


def test_a_reward_takes_its_points_and_is_kept_as_it_was(points: PointsShop):
    points.earn(points=70)
    done = receipt(points.spend("cake"))
    assert (done.card.points_balance, done.card.points_redeemed, done.transaction.points_delta) == (20, 50, -50)
    assert (done.transaction.reward_id, done.transaction.reward_name) == ("cake", "Cake")
    kept = points.rows("SELECT reward_retail_cents, reward_cost_cents FROM loyalty_transactions ORDER BY id DESC")[0]
    assert tuple(kept) == (420, 130)
    few = refusal(points.spend("cake"), "not_enough_points")
    assert (few.facts.balance, few.facts.needed) == (20, 50)


def test_a_reward_that_is_not_offered_is_unknown(points: PointsShop):
    points.earn(points=70)
    for reward_id in ("gone", "never-there"):
        assert refusal(points.spend(reward_id), "reward_unknown").status == 404


def test_taking_a_reward_back_gives_the_points_back(points: PointsShop):
    points.earn(points=70)
    back = receipt(points.void(points.spend("cake")))
    assert (back.transaction.kind, back.transaction.points_delta) == ("points_voided", 50)
    assert (back.card.points_balance, back.card.points_redeemed) == (70, 0)


def test_spent_points_are_not_taken_back(points: PointsShop):
    earned = points.earn(points=50)
    points.spend("cake")
    refusal(points.void(earned), "not_voidable")
    points.earn(points=50)
    # Points are alike: the balance covers it again.
    assert receipt(points.void(earned)).card.points_balance == 0
    refusal(points.void(earned), "already_voided")


def test_a_rest_that_was_used_since_is_taken_back_in_whole_points(points: PointsShop):
    first = points.earn(amount_cents=60)
    points.earn(amount_cents=60)
    assert (points.card().points_balance, points.remainder()) == (1, 20)
    points.void(first)
    assert (points.card().points_balance, points.remainder()) == (0, 60)


def test_a_void_later_than_a_minute_needs_a_manager_and_a_reason(points: PointsShop, clock: FrozenClock):
    earned = points.earn(amount_cents=500)
    clock.move(seconds=61)
    refusal(points.void(earned), "void_too_late")
    with pytest.raises(ManagerRequired):
        points.void(earned, origin=points.origin.model_copy(update={"staff_role": StaffRole.STAFF}))
    assert receipt(points.void(earned, origin=points.manager, reason="Typed wrong")).card.points_balance == 0


# Corrections


def test_a_manager_corrects_a_balance_with_a_reason(points: PointsShop):
    up = receipt(points.adjust(40))
    assert (up.transaction.kind, up.transaction.note, up.card.points_balance) == (
        "points_adjusted",
        "Forgotten yesterday",
        40,
    )
    assert receipt(points.adjust(-15)).card.points_balance == 25
    few = refusal(points.adjust(-26), "not_enough_points")
    assert (few.facts.balance, few.facts.needed) == (25, 26)
    assert points.card().total_points_earned == 0


def test_staff_correct_nothing(points: PointsShop):
    for origin in (points.origin, points.origin.model_copy(update={"staff_role": StaffRole.STAFF})):
        with pytest.raises(ManagerRequired):
            points.adjust(5, origin=origin)
    assert points.count() == 1


def test_a_correction_can_be_undone(points: PointsShop):
    points.earn(points=30)
    assert receipt(points.void(points.adjust(-30))).card.points_balance == 30
    assert receipt(points.void(points.adjust(7))).card.points_balance == 30


# Keys


def test_the_same_key_gives_the_same_answer_and_writes_nothing(points: PointsShop):
    first = points.earn(amount_cents=500, keyed=keyed("a"))
    count = points.count()
    assert points.earn(amount_cents=500, keyed=keyed("a")) == first
    assert points.count() == count
    with pytest.raises(IdempotencyConflict):
        points.earn(amount_cents=600, keyed=keyed("a", "other"))


def test_a_refusal_stays_refused(points: PointsShop):
    first = refusal(points.spend("coffee", keyed=keyed("b")), "not_enough_points")
    points.earn(points=100)
    assert points.spend("coffee", keyed=keyed("b")) == first


# Races


def at_once(points: PointsShop, tasks: list[Callable[[], Answer]]) -> list[Answer]:
    with ThreadPoolExecutor(10) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


def test_parallel_purchases_all_count_exactly(points: PointsShop):
    answers = at_once(points, [lambda: points.earn(amount_cents=133)] * 50)
    assert all(isinstance(answer, Receipt) for answer in answers)
    assert (points.card().points_balance, points.remainder()) == (66, 50)
    assert sums(points) == (66, 50)


def test_parallel_bookings_of_one_reference_count_once(points: PointsShop):
    codes = [points.new_card().code for _ in range(10)]
    answers = at_once(
        points, [lambda code=code: points.earn(amount_cents=500, reference="R-1", code=code) for code in codes]
    )
    made = [answer for answer in answers if isinstance(answer, Receipt)]
    assert len(made) == 1
    for answer in answers:
        if not isinstance(answer, Receipt):
            assert refusal(answer, "reference_used").facts.transaction_id == made[0].transaction.id
    assert points.rows("SELECT COUNT(*) FROM loyalty_transactions WHERE reference = 'R-1'")[0][0] == 1


def test_parallel_redemptions_never_spend_a_point_twice(points: PointsShop):
    points.earn(points=50)
    answers = at_once(points, [points.spend] * 10)
    assert sum(isinstance(answer, Receipt) for answer in answers) == 2
    assert points.card().points_balance == 10


# Cost


@pytest.mark.parametrize(("reference", "statements"), [(None, 5), ("R-9", 6)])
def test_a_purchase_costs_as_few_statements_as_a_stamp(points: PointsShop, reference: str | None, statements: int):
    counted: list[str] = []
    command = PointsCommand(amount_cents=500, reference=reference)
    with points.app.app_context():
        listener = lambda *args: counted.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        with transaction():
            points.services.points_service.earn(points.origin, points.code, command, keyed("s"))
        event.remove(db.engine, "before_cursor_execute", listener)
    asked = [text for text in counted if not text.startswith("BEGIN")]
    assert len(asked) == statements, asked


# The program


def test_new_rewards_get_an_id_that_they_keep(points: PointsShop):
    def change(*rewards: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        update = ProgramUpdate(points_rewards=list(rewards))
        points.do(
            lambda services: found.extend(services.program_service.update(points.vendor.id, update).points_rewards)
        )
        return found

    first = change(COFFEE, {"name": "Scone", "points_required": 10})
    made = first[1].id
    assert made
    second = change({"id": made, "name": "Large scone", "points_required": 12}, CAKE)
    assert [(reward.id, reward.name) for reward in second] == [(made, "Large scone"), ("cake", "Cake")]
    with pytest.raises(ValidationError):
        change(CAKE, CAKE)


def test_a_points_program_keeps_its_rate_and_needs_no_target(points: PointsShop):
    def change(update: ProgramUpdate) -> None:
        points.do(lambda services: services.program_service.update(points.vendor.id, update))

    change(ProgramUpdate(points_per_euro=3, stamps_target=None, stamps_reward_description=None))
    with pytest.raises(Invalid):
        change(ProgramUpdate(points_per_euro=None))
    assert receipt(points.earn(amount_cents=100)).card.points_balance == 3
