"""Finding a customer by two letters of a name, the last digits of a phone, an address, or the card's code.

Each thing a customer can be found by is one row of `search_terms`, so that a prefix is one range of its index
(docs/decisions/0004).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import Select, and_, delete, insert, select

from loyalty_portal.models import SearchTerm
from loyalty_portal.services.ledger import AnySession

terms = SearchTerm.__table__
_LAST = "\U0010ffff"
LETTERS_NEEDED = 2
DIGITS_NEEDED = 3


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


def write_terms(session: AnySession, vendor_id: int, customer_id: int, found: set[str]) -> None:
    """Replaces a customer's terms."""
    session.execute(delete(terms).where(terms.c.customer_id == customer_id))
    if found:
        rows = [{"vendor_id": vendor_id, "customer_id": customer_id, "term": term} for term in sorted(found)]
        session.execute(insert(terms), rows)
