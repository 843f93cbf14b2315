"""Cards to look at: by code, by link, by search, with their history; and switching one off and on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind
from loyalty_portal.errors import CardNotFound, Invalid, NotFound
from loyalty_portal.models import Customer, EntryNote, LoyaltyCard, LoyaltyTransaction, StaffPin
from loyalty_portal.schemas.cards import CardHit, CardView, CustomerView
from loyalty_portal.schemas.counter import EntryView, HistoryRow, Origin
from loyalty_portal.services.codes import read_code
from loyalty_portal.services.ledger import CARD_STATE, AnySession, CardState, Ledger
from loyalty_portal.services.search import latest_cards, matching, prefixes
from loyalty_portal.services.views import card_hit, card_view

cards = LoyaltyCard.__table__
customers = Customer.__table__
entries = LoyaltyTransaction.__table__
notes = EntryNote.__table__
staff = StaffPin.__table__
PAGE = 50

_HITS = (
    select(
        cards.c.id,
        cards.c.code,
        customers.c.first_name,
        customers.c.last_name,
        customers.c.email,
        customers.c.email_verified_at,
        customers.c.phone,
        cards.c.stamp_count,
        cards.c.points_balance,
        cards.c.stamps_target,
        cards.c.visit_started_at,
        cards.c.last_activity_at,
        cards.c.is_active,
        cards.c.created_at,
    )
    .select_from(cards.join(customers, customers.c.id == cards.c.customer_id))
    .where(cards.c.closed_at.is_(None))
)
_void = entries.alias("void")
_ENTRIES = select(
    *(entries.c[name] for name in EntryView.model_fields if name in entries.c),
    staff.c.name.label("staff_name"),
    _void.c.id.label("voided_by_id"),
    notes.c.text.label("note"),
).select_from(
    entries.outerjoin(staff, staff.c.id == entries.c.staff_pin_id)
    .outerjoin(_void, _void.c.voids_id == entries.c.id)
    .outerjoin(notes, notes.c.entry_id == entries.c.id)
)


class CardService:
    """Reads cards, always of one vendor."""

    def __init__(self, session: AnySession, clock: Clock, ledger: Ledger) -> None:
        self._session = session
        self._clock = clock
        self._ledger = ledger

    def by_code(self, vendor_id: int, zone: str, typed: str) -> CardView:
        """The card whose code was typed or scanned.

        A wrong check character, an unknown code and another vendor's card are one `CardNotFound`.
        """
        code = read_code(typed)
        if code is None:
            raise CardNotFound("code")
        return card_view(self._ledger.read(vendor_id, code=code), zone, self._clock.now())

    def get(self, vendor_id: int, zone: str, card_id: int) -> CardView:
        return card_view(self._ledger.read(vendor_id, card_id=card_id), zone, self._clock.now())

    def vendor_of_link(self, link_token: str) -> tuple[int, int]:
        """(vendor, card) behind a customer's link. Raises `NotFound`."""
        query = select(cards.c.vendor_id, cards.c.id).where(cards.c.link_token == link_token)
        if (row := self._session.execute(query).first()) is None:
            raise NotFound
        return row.vendor_id, row.id

    def find(self, vendor_id: int, typed: str, limit: int = 8) -> list[CardHit] | None:
        """The cards that fit what was typed, latest activity first; None when it is too short to search for."""
        query = _HITS.where(cards.c.vendor_id == vendor_id)
        if code := read_code(typed):
            return self._hits(query.where(cards.c.code == code), 0, limit)
        if (found := prefixes(typed)) is None:
            return None
        ids = latest_cards(self._session, vendor_id, found, limit)
        # Few ids and no order: a planner that may sort by an index would read every card.
        rows = self._session.execute(query.where(cards.c.id.in_(ids))) if ids else ()
        return sorted((card_hit(row) for row in rows), key=lambda hit: ids.index(hit.id))

    def recent(self, vendor_id: int, limit: int = 3) -> list[CardHit]:
        """The cards that were at the counter last."""
        query = _HITS.where(cards.c.vendor_id == vendor_id, cards.c.is_active, cards.c.visit_started_at.is_not(None))
        return self._hits(query, 0, limit)

    def page(
        self, vendor_id: int, *, search: str = "", is_active: bool | None = None, skip: int = 0, limit: int = PAGE
    ) -> tuple[list[CardHit], int]:
        """A page of the vendor's cards, latest activity first, and how many there are in all."""
        if not 0 <= skip <= 1_000_000 or not 1 <= limit <= 100:
            raise Invalid(errors=[{"field": "skip", "type": "out_of_bounds", "ctx": {}}])
        query = _HITS.where(cards.c.vendor_id == vendor_id)
        if code := read_code(search):
            query = query.where(cards.c.code == code)
        elif search.strip():
            found = prefixes(search)
            if found is None:
                return [], 0
            query = query.where(cards.c.customer_id.in_(matching(vendor_id, found)))
        if is_active is not None:
            query = query.where(cards.c.is_active == is_active)
        total = self._session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        return self._hits(query, skip, limit), total

    def views(
        self,
        vendor_id: int,
        zone: str,
        *,
        search: str | None = None,
        is_active: bool | None = None,
        skip: int = 0,
        limit: int = PAGE,
    ) -> tuple[list[CardView], int]:
        """As `page`, with all that is known of each card."""
        query = CARD_STATE.where(cards.c.vendor_id == vendor_id, cards.c.closed_at.is_(None))
        if search is not None and (code := read_code(search)):
            query = query.where(cards.c.code == code)
        elif search is not None:
            if (found := prefixes(search)) is None:
                return [], 0
            query = query.where(cards.c.customer_id.in_(matching(vendor_id, found)))
        if is_active is not None:
            query = query.where(cards.c.is_active == is_active)
        total = self._session.execute(query.with_only_columns(func.count(cards.c.id))).scalar_one()
        ordered = query.order_by(cards.c.last_activity_at.desc(), cards.c.id.desc()).offset(skip).limit(limit)
        now = self._clock.now()
        return [card_view(CardState(*tuple(row)), zone, now) for row in self._session.execute(ordered)], total

    def transactions(
        self,
        vendor_id: int,
        *,
        card_id: int | None = None,
        kind: EntryKind | None = None,
        staff_id: int | None = None,
        first: date | None = None,
        last: date | None = None,
        skip: int = 0,
        limit: int = PAGE,
    ) -> tuple[list[EntryView], int]:
        """A page of entries, newest first, and how many fit in all. `first` and `last` are local days, included."""
        fits = [entries.c.vendor_id == vendor_id]
        wanted = ((entries.c.card_id, card_id), (entries.c.kind, kind), (entries.c.staff_pin_id, staff_id))
        fits += [column == value for column, value in wanted if value is not None]
        if first is not None:
            fits.append(entries.c.local_day >= first)
        if last is not None:
            fits.append(entries.c.local_day <= last)
        total = self._session.execute(select(func.count()).select_from(entries).where(*fits)).scalar_one()
        rows = self._session.execute(_ENTRIES.where(*fits).order_by(entries.c.id.desc()).offset(skip).limit(limit))
        return [EntryView.model_validate(row) for row in rows], total

    def customer(self, vendor_id: int, customer_id: int) -> CustomerView:
        row = self._session.execute(
            select(customers).where(customers.c.vendor_id == vendor_id, customers.c.id == customer_id)
        ).first()
        if row is None:
            raise NotFound
        return CustomerView.model_validate(
            dict(row._mapping) | {"email_verified": row.email_verified_at is not None}, from_attributes=False
        )

    def entries(self, vendor_id: int, card_id: int, *, skip: int = 0, limit: int = PAGE) -> list[EntryView]:
        """A card's entries, newest first."""
        query = _ENTRIES.where(entries.c.vendor_id == vendor_id, entries.c.card_id == card_id)
        rows = self._session.execute(query.order_by(entries.c.seq.desc()).offset(skip).limit(limit))
        return [EntryView.model_validate(row) for row in rows]

    def entry(self, vendor_id: int, entry_id: int) -> EntryView:
        row = self._session.execute(_ENTRIES.where(entries.c.vendor_id == vendor_id, entries.c.id == entry_id)).first()
        if row is None:
            raise NotFound
        return EntryView.model_validate(row)

    def history(self, origin: Origin, *, limit: int = 30, since: datetime | None = None) -> list[HistoryRow]:
        """The latest entries of one till, key or of all (`source_id` None), newest first, with their cards."""
        query = (
            _ENTRIES.add_columns(cards.c.code, cards.c.stamps_target, customers.c.first_name, customers.c.last_name)
            .join(cards, cards.c.id == entries.c.card_id)
            .join(customers, customers.c.id == cards.c.customer_id)
            .where(entries.c.vendor_id == origin.vendor_id)
        )
        if origin.source_id is not None:
            query = query.where(entries.c.source == origin.source.value, entries.c.source_id == origin.source_id)
        if since is not None:
            query = query.where(entries.c.at >= since)
        rows = self._session.execute(query.order_by(entries.c.id.desc()).limit(limit))
        return [
            HistoryRow(
                entry=EntryView.model_validate(row),
                code=row.code,
                first_name=row.first_name,
                last_name=row.last_name,
                stamps_target=row.stamps_target,
            )
            for row in rows
        ]

    def switch(self, origin: Origin, card_id: int, *, on: bool) -> CardView:
        """Switches a card off or on, by an entry of the ledger; doing what is done already is fine."""
        card = self._ledger.lock(origin.vendor_id, card_id=card_id)
        now = self._clock.now()
        if card.closed_at is not None:
            raise NotFound
        if card.is_active != on:
            kind = EntryKind.CARD_ACTIVATED if on else EntryKind.CARD_DEACTIVATED
            self._ledger.append(card, origin, kind, now, changes={"is_active": on})
        return card_view(card, origin.time_zone, now)

    def _hits(self, query: Any, skip: int, limit: int) -> list[CardHit]:
        ordered = query.order_by(cards.c.last_activity_at.desc(), cards.c.id.desc()).offset(skip).limit(limit)
        return [card_hit(row) for row in self._session.execute(ordered)]
