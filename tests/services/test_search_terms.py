from __future__ import annotations

import pytest

from loyalty_portal.services.search import customer_terms, prefixes


def finds(query: str, **person: str | None) -> bool:
    found = prefixes(query)
    terms = customer_terms(person.get("first"), person.get("last"), person.get("phone"), person.get("email"))
    return found is not None and all(any(term.startswith(prefix) for term in terms) for prefix in found)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("so", True),
        ("MÜL", True),
        ("mul", True),
        ("muller so", True),
        ("s m", True),
        ("456", True),
        ("621 123 456", True),
        ("0621123456", True),
        ("+352 621 123 456", True),
        ("sophie@", True),
        ("tom", False),
        ("654", False),
        ("so to", False),
    ],
)
def test_what_staff_type_finds_the_person(query, is_found):
    person = {"first": "Sophie", "last": "Müller", "phone": "+352621123456", "email": "sophie@kaffi.example"}
    assert finds(query, **person) is is_found


@pytest.mark.parametrize("query", ["", " ", "s", "é", "1", "12", "--", "000", "😀"])
def test_too_short_a_query_is_no_query(query):
    assert prefixes(query) is None


@pytest.mark.parametrize("name", ["Ангела", "王小明", "ναι", "José-María", "Đặng", "נועה"])
def test_names_in_any_script_are_found_by_their_beginning(name):
    assert finds(name[:2], first=name)
