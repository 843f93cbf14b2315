"""Recomputes every chain and every balance from the entries, and names the rows where something is wrong.

Reads one moment of the database in batches of cards, so that memory stays flat whatever the ledger's length.
`docs/ledger.md` says what is checked, and what a chain alone can't show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Select, String, func, insert, literal, select, tuple_, type_coerce
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from loyalty_portal.clock import Clock
from loyalty_portal.database import is_writing, one_moment
from loyalty_portal.enums import EntryKind
from loyalty_portal.models import EntryNote, LoyaltyCard, LoyaltyTransaction, SecurityEvent
from loyalty_portal.schemas.ledger import BrokenRow, LastAudit, LedgerReport
from loyalty_portal.services import chain
from loyalty_portal.services.ledger import AnySession

cards = LoyaltyCard.__table__
entries = LoyaltyTransaction.__table__
notes = EntryNote.__table__
events = SecurityEvent.__table__
_voided = entries.alias("voided")

PROBLEMS = (
    "entry_changed",
    "entry_missing",
    "chain_broken",
    "balance_broken",
    "entry_unreadable",
    "card_missing",
    "head_differs",
    "stamps_differ",
    "points_differ",
    "remainder_differs",
    "totals_differ",
    "note_changed",
    "void_broken",
)
MOST_NAMED = 100
AUDITED = "ledger_verified"
_CARDS_A_BATCH = 200
_ENTRIES_A_FETCH = 500

Progress = Callable[[int], object]


def _stored(column: Any) -> Any:
    """The column as the database holds it: a damaged day or moment is compared, not refused by its type."""
    if column.name in {"at", "local_day"}:
        return type_coerce(column, String).label(column.name)
    return type_coerce(column, Integer).label(column.name) if column.name == "is_override" else column


_CARD = [
    cards.c[name]
    for name in (
        "id",
        "vendor_id",
        "code",
        "genesis_nonce",
        "seq",
        "head_hash",
        "stamp_count",
        "points_balance",
        "points_remainder",
        "total_stamps_earned",
        "stamps_redeemed",
        "total_points_earned",
        "points_redeemed",
    )
]
_ENTRY = [
    entries.c.id,
    *(_stored(entries.c[name]) for name in chain.FIELDS),
    entries.c.hash_version,
    entries.c.prev_hash,
    entries.c.hash,
    notes.c.text.label("note"),
    notes.c.salt.label("note_salt"),
    _voided.c.kind.label("voided_kind"),
    _voided.c.card_id.label("voided_card_id"),
    _voided.c.seq.label("voided_seq"),
]
_ENTRIES = select(*_ENTRY).select_from(
    entries.outerjoin(notes, notes.c.entry_id == entries.c.id).outerjoin(_voided, _voided.c.id == entries.c.voids_id)
)


_TOTALS = {
    "total_stamps_earned": ("stamps_delta", 1),
    "stamps_redeemed": ("stamps_delta", -1),
    "total_points_earned": ("points_delta", 1),
    "points_redeemed": ("points_delta", -1),
}
_COUNTED = {
    "total_stamps_earned": {EntryKind.STAMP_EARNED},
    "stamps_redeemed": {EntryKind.STAMP_REDEEMED},
    "total_points_earned": {EntryKind.POINTS_EARNED},
    "points_redeemed": {EntryKind.POINTS_REDEEMED},
}


@dataclass(slots=True)
class _Sums:
    """What a card must hold, by the entries read so far."""

    hash: str
    seq: int = 0
    after: tuple[int, int] = (0, 0)
    stamps: int = 0
    points: int = 0
    remainder: int = 0
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_TOTALS, 0))

    def add(self, entry: Any) -> None:
        self.hash, self.seq = entry["hash"], entry["seq"]
        self.after = (entry["stamps_after"], entry["points_after"])
        self.stamps += entry["stamps_delta"]
        self.points += entry["points_delta"]
        self.remainder += entry["remainder_delta"]
        kind = entry["voided_kind"] or entry["kind"]
        for name, (column, sign) in _TOTALS.items():
            self.totals[name] += sign * entry[column] if kind in _COUNTED[name] else 0
            if kind == EntryKind.CARD_MERGED and sign > 0:
                # What comes from another card was earned there; the other keeps its own count.
                self.totals[name] += max(0, entry[column])


class LedgerAudit:
    """Proves the ledger, one vendor's or all of it, as it is at one moment; what was read before is ended."""

    def __init__(self, session: AnySession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def count(self, vendor_id: int | None = None) -> int:
        """How many entries there are."""
        query = select(func.count()).select_from(entries)
        return self._session.execute(_of(query, entries, vendor_id)).scalar_one()

    def verify(self, vendor_id: int | None = None, progress: Progress | None = None) -> LedgerReport:
        """Reads every card and entry. `progress` is told how many entries each batch had."""
        self._see_one_moment()
        found = _Findings()
        read = total = 0
        for batch in self._batches(vendor_id):
            total += len(batch)
            count = self._verify_batch(batch, found)
            read += count
            if progress is not None:
                progress(count)
        read += self._find_strays(vendor_id, found)
        return LedgerReport(cards=total, transactions=read, ok=found.count == 0, broken=found.named)

    def rows(self, vendor_id: int) -> Iterator[dict[str, Any]]:
        """The vendor's entries for an export, card by card in their order, each with what its chain begins and
        ends with; values as they are hashed.
        """
        self._see_one_moment()
        for batch in self._batches(vendor_id):
            for entry in self._entries(list(batch)):
                card = batch[entry["card_id"]]
                yield {
                    "id": entry["id"],
                    **{name: chain.plain(entry[name]) for name in chain.FIELDS},
                    **{name: entry[name] for name in ("hash_version", "prev_hash", "hash", "note", "note_salt")},
                    "card_code": card["code"],
                    "card_genesis_nonce": card["genesis_nonce"],
                    "card_seq": card["seq"],
                    "card_head_hash": card["head_hash"],
                    "card_stamp_count": card["stamp_count"],
                    "card_points_balance": card["points_balance"],
                    "card_points_remainder": card["points_remainder"],
                }

    # What was found last

    def remember(self, vendor_id: int, report: LedgerReport) -> None:
        """Keeps the result for the portal's page."""
        values = {
            "vendor_id": vendor_id,
            "kind": AUDITED,
            "facts": report.model_dump_json(),
            "at": self._clock.now(),
            # Good news waits for nobody.
            "seen_at": self._clock.now() if report.ok else None,
        }
        self._session.execute(insert(events).values(values))

    def last(self, vendor_id: int) -> LastAudit | None:
        """The vendor's latest result."""
        row = self._session.execute(
            select(events.c.at, events.c.facts)
            .where(events.c.vendor_id == vendor_id, events.c.kind == AUDITED)
            .order_by(events.c.id.desc())
            .limit(1)
        ).first()
        return LastAudit(at=row.at, report=LedgerReport.model_validate_json(row.facts)) if row else None

    # Inside

    def _see_one_moment(self) -> None:
        """Begins the one read that sees no write made meanwhile."""
        if is_writing():
            raise RuntimeError("an audit has no place in a transaction")
        one_moment(self._session)

    def _batches(self, vendor_id: int | None) -> Iterator[dict[int, Any]]:
        """The cards by their ids, some at a time."""
        last = 0
        while True:
            query = _of(select(*_CARD), cards, vendor_id).where(cards.c.id > last)
            rows = self._session.execute(query.order_by(cards.c.id).limit(_CARDS_A_BATCH)).mappings().all()
            if not rows:
                return
            yield {row["id"]: row for row in rows}
            last = rows[-1]["id"]

    def _entries(self, card_ids: list[int]) -> Iterator[dict[str, Any]]:
        """The entries of these cards in the order of their chains, fetched as they are needed."""
        query = _ENTRIES.where(entries.c.card_id.in_(card_ids)).order_by(entries.c.card_id, entries.c.seq)
        for row in self._session.execute(query, execution_options={"yield_per": _ENTRIES_A_FETCH}).mappings():
            yield _typed(row)

    def _verify_batch(self, batch: dict[int, Any], found: _Findings) -> int:
        sums = {
            card_id: _Sums(chain.genesis(row["vendor_id"], row["code"], row["genesis_nonce"]))
            for card_id, row in batch.items()
        }
        count = 0
        for entry in self._readable(batch, found):
            count += 1
            before = sums[entry["card_id"]]
            for problem in _problems(entry, before):
                found.add(batch[entry["card_id"]], problem, entry)
            before.add(entry)
        for card_id, row in batch.items():
            for problem in _card_problems(row, sums[card_id]):
                found.add(row, problem)
        return count

    def _readable(self, batch: dict[int, Any], found: _Findings) -> Iterator[dict[str, Any]]:
        """The cards' entries, without those that can't even be read: bytes in a SQLite file that are no text, a
        moment that no calendar has.
        """
        last = (0, 0)
        try:
            for entry in self._entries(list(batch)):
                last = (entry["card_id"], entry["seq"])
                yield entry
            return
        except (DataError, OperationalError) as error:
            if _is_lost(error):
                raise
        place = tuple_(entries.c.card_id, entries.c.seq)
        which = select(entries.c.id, entries.c.card_id, entries.c.seq).where(
            entries.c.card_id.in_(list(batch)), place > tuple_(*map(literal, last))
        )
        for row in self._session.execute(which.order_by(entries.c.card_id, entries.c.seq)).mappings().all():
            try:
                found_row = self._session.execute(_ENTRIES.where(entries.c.id == row["id"])).mappings().one()
            except (DataError, OperationalError) as error:
                if _is_lost(error):
                    raise
                found.add(batch[row["card_id"]], "entry_unreadable", row)
                continue
            yield _typed(found_row)

    def _find_strays(self, vendor_id: int | None, found: _Findings) -> int:
        """Entries that belong to no card of their vendor."""
        query = (
            select(entries.c.id, entries.c.card_id, entries.c.seq, cards.c.id.label("other"))
            .select_from(entries.outerjoin(cards, cards.c.id == entries.c.card_id))
            .where(cards.c.id.is_(None) | (cards.c.vendor_id != entries.c.vendor_id))
        )
        count = 0
        for row in self._session.execute(_of(query, entries, vendor_id), execution_options={"yield_per": 500}):
            found.add({"id": row.card_id, "code": None}, "card_missing", {"id": row.id, "seq": row.seq})
            count += row.other is None
        return count


class _Findings:
    """Counts what is wrong, and names the first hundred."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[BrokenRow] = []

    def add(self, card: Any, problem: str, entry: Any = None) -> None:
        self.count += 1
        if len(self.named) < MOST_NAMED:
            which = {"transaction_id": entry["id"], "seq": entry["seq"]} if entry is not None else {}
            self.named.append(BrokenRow(card_id=card["id"], code=card["code"], problem=problem, **which))


def _of(query: Select[Any], table: Any, vendor_id: int | None) -> Select[Any]:
    return query if vendor_id is None else query.where(table.c.vendor_id == vendor_id)


def _is_lost(error: DBAPIError) -> bool:
    """Whether the database is the trouble, rather than a row in it."""
    return isinstance(error, OperationalError) and "decode" not in str(error.orig)


def _typed(row: Any) -> dict[str, Any]:
    """The row with its truth value as one: anything but 0 and 1 stays what it is and fits no hash."""
    entry = dict(row)
    if entry["is_override"] in (0, 1):
        entry["is_override"] = bool(entry["is_override"])
    return entry


def _problems(entry: dict[str, Any], before: _Sums) -> Iterator[str]:
    """What is wrong with an entry, given the one before it."""
    if entry["hash_version"] != chain.HASH_VERSION or entry["hash"] != chain.entry_hash(entry["prev_hash"], entry):
        yield "entry_changed"
    if entry["seq"] != before.seq + 1:
        yield "entry_missing"
    elif entry["prev_hash"] != before.hash:
        yield "chain_broken"
    stamps, points = before.after
    moved = (stamps + entry["stamps_delta"], points + entry["points_delta"])
    if (entry["stamps_after"], entry["points_after"]) != moved:
        yield "balance_broken"
    if entry["voids_id"] is not None and (
        entry["voided_card_id"] != entry["card_id"] or entry["voided_seq"] >= entry["seq"]
    ):
        yield "void_broken"
    if entry["note"] is not None:
        digest = hashlib.sha256((entry["note_salt"] + entry["note"]).encode()).hexdigest()
        if digest != entry["note_digest"]:
            yield "note_changed"


def _card_problems(card: Any, sums: _Sums) -> Iterator[str]:
    """What is wrong with a card, given all its entries."""
    if (card["seq"], card["head_hash"]) != (sums.seq, sums.hash):
        yield "head_differs"
    if card["stamp_count"] != sums.stamps:
        yield "stamps_differ"
    if card["points_balance"] != sums.points:
        yield "points_differ"
    if card["points_remainder"] != sums.remainder:
        yield "remainder_differs"
    if any(card[name] != total for name, total in sums.totals.items()):
        yield "totals_differ"
