"""Joining a program, proving an address, and making one card of two."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from loyalty_portal.clock import Clock
from loyalty_portal.enums import EntryKind, ProgramType, Source
from loyalty_portal.errors import LinkExpired, NotFound
from loyalty_portal.models import ContactLink, Customer, LoyaltyCard, LoyaltyProgram, Vendor
from loyalty_portal.schemas.cards import CardView, ContactLinkView, Enrolment
from loyalty_portal.schemas.counter import Keyed, Origin, Receipt
from loyalty_portal.services import chain, rules
from loyalty_portal.services.codes import new_code, new_token
from loyalty_portal.services.idempotency import Idempotency
from loyalty_portal.services.ledger import AnySession, CardState, Ledger, visit_columns
from loyalty_portal.services.search import customer_terms, matching, write_terms
from loyalty_portal.services.views import card_view

cards = LoyaltyCard.__table__
customers = Customer.__table__
links = ContactLink.__table__
programs = LoyaltyProgram.__table__
vendors = Vendor.__table__
LINK_LASTS = timedelta(days=7)


class EnrolmentService:
    """Makes cards. Everyone who joins gets a fresh one and sees the same, whether the address is known or not."""

    def __init__(
        self, session: AnySession, clock: Clock, ledger: Ledger, idempotency: Idempotency, secret: str
    ) -> None:
        self._session = session
        self._clock = clock
        self._ledger = ledger
        self._idempotency = idempotency
        self._secret = secret.encode()

    def enrol(
        self, origin: Origin, command: Enrolment, *, consent_text: str | None = None, keyed: Keyed | None = None
    ) -> tuple[CardView, int | None]:
        """A fresh card, and the id of the link to mail when an address was given. Raises `NotFound` when the
        vendor has no program that is switched on.

        The address is unverified; one that is verified at this vendor already stays with its first card alone.
        """
        self._idempotency.wait(origin.vendor_id, keyed)
        if (known := self._idempotency.replay(origin.vendor_id, keyed)) is not None and isinstance(known, Receipt):
            return known.card, None
        now = self._clock.now()
        program = self._session.execute(
            select(programs).where(
                programs.c.vendor_id == origin.vendor_id, programs.c.archived_at.is_(None), programs.c.is_active
            )
        ).first()
        if program is None:
            raise NotFound
        taken = command.email is not None and self._verified_owner(origin.vendor_id, command.email) is not None
        customer_id = self._add_customer(origin.vendor_id, command, None if taken else command.email, consent_text, now)
        card = self._add_card(origin.vendor_id, customer_id, program, now)
        entry = self._ledger.append(card, origin, EntryKind.CARD_CREATED, now)
        link_id = self._add_link(card, command.email, now) if command.email else None
        view = card_view(card, origin.time_zone, now)
        self._idempotency.store(
            origin.vendor_id, keyed, Receipt(transaction=entry, card=view, reward_ready=False), card.id, now
        )
        return view, link_id

    def known_card(self, origin: Origin, command: Enrolment) -> CardView | None:
        """The card that this e-mail or phone has at the vendor already, the verified and older first. For the
        vendor's own eyes only. Enrolments of one vendor wait for each other from here to the commit.
        """
        same: list[Any] = []
        if command.email is not None:
            # By the index of search terms, which holds unverified addresses too.
            term = matching(origin.vendor_id, ["e" + command.email[:60]])
            same.append(select(customers.c.id).where(customers.c.id.in_(term), customers.c.email == command.email))
        if command.phone is not None:
            own = customers.c.vendor_id == origin.vendor_id
            same.append(select(customers.c.id).where(own, customers.c.phone == command.phone))
        if not same:
            return None
        self._session.execute(
            select(vendors.c.id).where(vendors.c.id == origin.vendor_id).with_for_update(key_share=True)
        )
        card_id = self._session.execute(
            select(cards.c.id)
            .join(customers, customers.c.id == cards.c.customer_id)
            .where(
                cards.c.vendor_id == origin.vendor_id,
                cards.c.closed_at.is_(None),
                or_(*(cards.c.customer_id.in_(found) for found in same)),
            )
            .order_by(customers.c.email_verified_at.is_(None), cards.c.id)
            .limit(1)
        ).scalar()
        if card_id is None:
            return None
        return card_view(self._ledger.read(origin.vendor_id, card_id=card_id), origin.time_zone, self._clock.now())

    # The mailed link

    def link_token(self, link_id: int, nonce: str) -> str:
        """What stands in the mailed address: the link's id and a signature over its nonce."""
        signature = hmac.new(self._secret, f"contact-link:{link_id}:{nonce}".encode(), hashlib.sha256).hexdigest()
        return f"{link_id}.{signature[:40]}"

    def read_link(self, token: str) -> ContactLinkView:
        """What a mailed link stands for. Raises `LinkExpired` when it is unknown, used or too old."""
        link_id = int(token.split(".")[0]) if token.split(".")[0].isascii() and token.split(".")[0].isdigit() else 0
        view = self.link(link_id) if 0 < link_id < 2**62 else None
        if view is None or not hmac.compare_digest(token.encode(), self.link_token(link_id, view.nonce).encode()):
            raise LinkExpired
        return view

    def link(self, link_id: int) -> ContactLinkView | None:
        """A link that still works, with what its mail and its page need."""
        row = self._session.execute(
            select(
                links.c.id,
                links.c.vendor_id,
                links.c.email,
                links.c.nonce,
                links.c.sent_at.is_not(None).label("is_sent"),
                vendors.c.name.label("vendor_name"),
                programs.c.card_name,
                customers.c.locale,
            )
            .join(cards, cards.c.id == links.c.card_id)
            .join(customers, customers.c.id == cards.c.customer_id)
            .join(programs, programs.c.id == cards.c.program_id)
            .join(vendors, vendors.c.id == links.c.vendor_id)
            .where(
                links.c.id == link_id,
                links.c.used_at.is_(None),
                links.c.email.is_not(None),
                links.c.expires_at > self._clock.now(),
            )
        ).first()
        if row is None:
            return None
        known = self._verified_owner(row.vendor_id, row.email) is not None
        return ContactLinkView.model_validate(dict(row._mapping) | {"known": known}, from_attributes=False)

    def unsent_links(self, limit: int = 50) -> list[int]:
        """Links whose mail didn't go out and is due another try: what the sweep sends, the youngest first, so that
        addresses that no server takes never stand in the way of a new one.
        """
        now = self._clock.now()
        query = select(links.c.id, links.c.created_at).where(
            links.c.sent_at.is_(None), links.c.used_at.is_(None), links.c.expires_at > now
        )
        rows = self._session.execute(query.order_by(links.c.id.desc()).limit(20 * limit))
        return [row.id for row in rows if _is_due(now - row.created_at)][:limit]

    def mark_sent(self, link_id: int) -> None:
        self._session.execute(update(links).where(links.c.id == link_id).values(sent_at=self._clock.now()))

    def open_link(self, token: str) -> str:
        """Proves the address: verifies it for the card, or closes the card and moves what it holds to the
        older verified one. Answers the link token of the card that remains.
        """
        view = self.read_link(token)
        now = self._clock.now()
        used = self._session.execute(
            update(links)
            .where(links.c.id == view.id, links.c.used_at.is_(None))
            .values(used_at=now)
            .returning(links.c.card_id)
        ).first()
        if used is None:
            raise LinkExpired
        zone = self._session.execute(select(vendors.c.time_zone).where(vendors.c.id == view.vendor_id)).scalar_one()
        owner = self._verified_owner(view.vendor_id, view.email)
        if owner is None and not self._verify(view, used.card_id, now):
            # Another link to this address was opened at the same moment, and came first.
            owner = self._verified_owner(view.vendor_id, view.email)
        if owner is None or owner.card_id == used.card_id:
            return self._ledger.read(view.vendor_id, card_id=used.card_id).link_token
        origin = Origin(vendor_id=view.vendor_id, time_zone=zone, source=Source.SYSTEM)
        return self.merge(origin, used.card_id, owner.card_id)

    def merge(self, origin: Origin, from_id: int, into_id: int) -> str:
        """Closes one card and moves its balance to the other, by an entry on each. Limits carry over as the
        stricter of the two. Answers the link token of the card that remains.
        """
        if from_id == into_id:
            return self._ledger.read(origin.vendor_id, card_id=into_id).link_token
        now = self._clock.now()
        # Always locked in the same order, so that two merges never wait for each other.
        locked = {
            card_id: self._ledger.lock(origin.vendor_id, card_id=card_id) for card_id in sorted((from_id, into_id))
        }
        fresh, old = locked[from_id], locked[into_id]
        if fresh.closed_at is not None or old.closed_at is not None:
            return old.link_token
        stamps, points, rest = fresh.stamp_count, fresh.points_balance, fresh.points_remainder
        visit = rules.stricter(fresh.visit, old.visit)
        carried, remainder = divmod(old.points_remainder + rest, 100)
        self._ledger.append(
            fresh,
            origin,
            EntryKind.CARD_MERGED,
            now,
            stamps=-stamps,
            points=-points,
            remainder=-rest,
            # It keeps what it earned: the totals of the card that remains count what comes to it.
            changes={"closed_at": now, "merged_into_id": old.id},
        )
        self._ledger.append(
            old,
            origin,
            EntryKind.CARD_MERGED,
            now,
            stamps=stamps,
            points=points + carried,
            remainder=remainder - old.points_remainder,
            changes=visit_columns(visit)
            | {
                "visited_at": max((at for at in (fresh.visited_at, old.visited_at) if at), default=None),
                "total_stamps_earned": old.total_stamps_earned + stamps,
                "total_points_earned": old.total_points_earned + points + carried,
            },
        )
        return old.link_token

    # Inside

    def _verified_owner(self, vendor_id: int, email: str) -> Any:
        """The open card whose customer proved this address."""
        return self._session.execute(
            select(customers.c.id, cards.c.id.label("card_id"), cards.c.link_token)
            .join(cards, cards.c.customer_id == customers.c.id)
            .where(
                customers.c.vendor_id == vendor_id,
                customers.c.email == email,
                customers.c.email_verified_at.is_not(None),
                cards.c.closed_at.is_(None),
            )
            .order_by(cards.c.id)
        ).first()

    def _verify(self, view: ContactLinkView, card_id: int, now: datetime) -> bool:
        """Makes the address the card's own. False when it has become another card's meanwhile."""
        card = self._ledger.lock(view.vendor_id, card_id=card_id)
        try:
            with self._session.begin_nested():
                self._session.execute(
                    update(customers)
                    .where(customers.c.id == card.customer_id)
                    .values(email=view.email, email_verified_at=now)
                )
        except IntegrityError:
            return False
        self._index(view.vendor_id, card.customer_id)
        return True

    def _index(self, vendor_id: int, customer_id: int) -> None:
        row = self._session.execute(
            select(customers.c.first_name, customers.c.last_name, customers.c.phone, customers.c.email).where(
                customers.c.id == customer_id
            )
        ).one()
        found = customer_terms(row.first_name, row.last_name, row.phone, row.email)
        write_terms(self._session, vendor_id, customer_id, found)

    def _add_customer(
        self, vendor_id: int, command: Enrolment, email: str | None, consent_text: str | None, now: datetime
    ) -> int:
        customer_id: int = self._session.execute(
            insert(customers)
            .values(
                vendor_id=vendor_id,
                first_name=command.first_name,
                last_name=command.last_name,
                email=email,
                phone=command.phone,
                birth_date=command.birth_date,
                locale=command.locale or "en",
                marketing_consent_at=now if command.marketing_consent else None,
                marketing_consent_text=consent_text if command.marketing_consent else None,
                created_at=now,
            )
            .returning(customers.c.id)
        ).scalar_one()
        # Also an address that stays with its first card is looked for here: known or not, the same work is done.
        found = customer_terms(command.first_name, command.last_name, command.phone, command.email)
        write_terms(self._session, vendor_id, customer_id, found)
        return customer_id

    def _add_card(self, vendor_id: int, customer_id: int, program: Any, now: datetime) -> CardState:
        code = self._free_code(vendor_id)
        nonce = secrets.token_hex(32)
        stamps = program.loyalty_type != ProgramType.POINTS
        card_id: int = self._session.execute(
            insert(cards)
            .values(
                vendor_id=vendor_id,
                program_id=program.id,
                customer_id=customer_id,
                code=code,
                link_token=new_token(128),
                apple_serial=secrets.token_hex(16),
                apple_token=secrets.token_hex(32),
                stamps_target=program.stamps_target if stamps else None,
                reward_description=program.stamps_reward_description if stamps else None,
                reward_value_cents=program.stamps_reward_value_cents if stamps else None,
                reward_cost_cents=program.stamps_reward_cost_cents if stamps else None,
                stamp_count=0,
                total_stamps_earned=0,
                stamps_redeemed=0,
                points_balance=0,
                total_points_earned=0,
                points_redeemed=0,
                points_remainder=0,
                visit_stamps=0,
                stamps_today=0,
                seq=0,
                head_hash=chain.genesis(vendor_id, code, nonce),
                genesis_nonce=nonce,
                revision=0,
                is_active=True,
                last_activity_at=now,
                created_at=now,
            )
            .returning(cards.c.id)
        ).scalar_one()
        return self._ledger.read(vendor_id, card_id=card_id)

    def _free_code(self, vendor_id: int) -> str:
        while True:
            code = new_code()
            query = select(cards.c.id).where(cards.c.vendor_id == vendor_id, cards.c.code == code)
            if self._session.execute(query).first() is None:
                return code

    def _add_link(self, card: CardState, email: str, now: datetime) -> int:
        link_id: int = self._session.execute(
            insert(links)
            .values(
                vendor_id=card.vendor_id,
                card_id=card.id,
                email=email,
                nonce=secrets.token_hex(32),
                created_at=now,
                expires_at=now + LINK_LASTS,
            )
            .returning(links.c.id)
        ).scalar_one()
        return link_id


def _is_due(age: timedelta) -> bool:
    """Whether a mail that isn't out is tried in this minute: each minute at first, then every ten, then every hour."""
    minutes = int(age.total_seconds() // 60)
    pause = 1 if minutes < 10 else 10 if minutes < 120 else 60
    return minutes >= 1 and minutes % pause == 0
