"""Finding a customer by two letters of a name, the last digits of a phone, an address, or the card's code.

Each thing a customer can be found by is one row of `search_terms`, so that a prefix is one range of its index
(docs/decisions/0004).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, insert, literal, select

from loyalty_portal.models import LoyaltyCard, SearchTerm
from loyalty_portal.services.ledger import AnySession

cards = LoyaltyCard.__table__
terms = SearchTerm.__table__
_LAST = "\U0010ffff"
LETTERS_NEEDED = 2
DIGITS_NEEDED = 3
COMMON = 800
"""More customers than this with one prefix are many."""
WINDOWS = (300, 2000)
"""So many of the latest cards are looked through for a common prefix: the second when the first has few."""


def folded(text: str) -> str:
    """Text without accents and case: "Müller" and "MULLER" are one."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in spread if not unicodedata.combining(character))


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", folded(text)) if word]


def customer_terms(first: str | None, last: str | None, phone: str | None, email: str | None) -> set[str]:
    """All terms that a customer is found by."""
    found = {"n" + word[:40] for word in _words(f"{first or ''} {last or ''}")}
    if phone:
        found.add("p" + re.sub(r"\D", "", phone)[::-1])
    if email:
        found.add("e" + email[:60])
    return found


def prefixes(query: str) -> list[str] | None:
    """The prefixes that all must match, or None when the query is too short to search for."""
    query = query.strip()[:80]
    if "@" in query:
        return ["e" + query.lower()]
    digits = re.sub(r"\D", "", query)
    if digits and not re.search(r"[^\W\d_]", query):
        if len(digits) < DIGITS_NEEDED:
            return None
        # A number without its country code: leading zeros aren't part of what is stored.
        return ["p" + digits.lstrip("0")[::-1]] if digits.lstrip("0") else None
    words = _words(query)
    return ["n" + word for word in words] if sum(map(len, words)) >= LETTERS_NEEDED else None


def matching(vendor_id: int, found: list[str]) -> Select[Any]:
    """The ids of the vendor's customers who have a term for each prefix."""
    queries = [
        select(terms.c.customer_id).where(
            and_(terms.c.vendor_id == vendor_id, terms.c.term >= prefix, terms.c.term < prefix + _LAST)
        )
        for prefix in found
    ]
    first, *others = queries
    for other in others:
        first = first.where(terms.c.customer_id.in_(other))
    return first


def latest_cards(session: AnySession, vendor_id: int, found: list[str], limit: int) -> list[int]:
    """The ids of the open cards whose customers have a term for each prefix, latest activity first.

    A common prefix is looked for among the cards that were here last, a rare one from its own end: either way few
    rows are touched, however many customers there are.
    """
    longest = max(found, key=len)
    others = [prefix for prefix in found if prefix is not longest]
    some = select(terms.c.customer_id).where(terms.c.vendor_id == vendor_id, _begins(terms, longest))
    many = session.execute(select(func.count()).select_from(some.limit(COMMON + 1).subquery())).scalar_one()
    for window in WINDOWS if many > COMMON else ():
        ids = list(session.execute(_among_latest(vendor_id, found, window).limit(limit)).scalars())
        if len(ids) == limit:
            return ids
    return list(session.execute(_among_terms(some, others).limit(limit)).scalars())


def _begins(table: Any, prefix: str) -> Any:
    return and_(table.c.term >= prefix, table.c.term < prefix + _LAST)


def _has(customer_id: Any, prefix: str) -> Any:
    """Whether the customer has such a term. The vendor follows from the customer: naming it would tempt a planner to
    read all of the vendor's terms instead of the customer's few.
    """
    own = terms.alias()
    return exists(select(literal(1)).where(own.c.customer_id == customer_id, _begins(own, prefix)))


def _among_latest(vendor_id: int, found: list[str], window: int) -> Select[Any]:
    latest = (
        select(cards.c.id, cards.c.customer_id, cards.c.last_activity_at)
        .where(cards.c.vendor_id == vendor_id, cards.c.closed_at.is_(None))
        .order_by(cards.c.last_activity_at.desc(), cards.c.id.desc())
        .limit(window)
        .subquery("latest")
    )
    fits = [_has(latest.c.customer_id, prefix) for prefix in found]
    return select(latest.c.id).where(*fits).order_by(latest.c.last_activity_at.desc(), latest.c.id.desc())


def _among_terms(some: Select[Any], others: list[str]) -> Select[Any]:
    fits = [_has(terms.c.customer_id, prefix) for prefix in others]
    people = some.where(*fits).distinct().cte("people").prefix_with("MATERIALIZED")
    hits = (
        select(cards.c.id, cards.c.last_activity_at)
        .select_from(people.join(cards, cards.c.customer_id == people.c.customer_id))
        .where(cards.c.closed_at.is_(None))
        .cte("hits")
        .prefix_with("MATERIALIZED")
    )
    return select(hits.c.id).order_by(hits.c.last_activity_at.desc(), hits.c.id.desc())


def write_terms(session: AnySession, vendor_id: int, customer_id: int, found: set[str]) -> None:
    """Replaces a customer's terms."""
    session.execute(delete(terms).where(terms.c.customer_id == customer_id))
    if found:
        rows = [{"vendor_id": vendor_id, "customer_id": customer_id, "term": term} for term in sorted(found)]
        session.execute(insert(terms), rows)
