"""Every page that each role can open, full and as the fragment that htmx asks for."""

from __future__ import annotations

from collections.abc import Iterator

from tests.pages import PageClient, Sheet
from tests.roles import address, prepare, table
from tests.town import Town

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
SIGHTS = ("anonymous", "admin", "owner", "manager", "till")


def places(town: Town, role: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of all that this role can open."""
    for (method, endpoint), statuses in table().items():
        if method == "GET" and statuses[role] in {200, 401} and endpoint not in {"static", "security.static"}:
            yield endpoint, address(town, endpoint)


def visit(town: Town, role: str, language: str = "en", *, fragment: bool = False) -> Iterator[tuple[str, Sheet]]:
    """Opens all of them; each is checked, and read when it is HTML."""
    client = town.client(role)
    assert isinstance(client, PageClient)
    client.set_cookie("language", language)
    headers = FRAGMENT if fragment else {}
    for endpoint, where in places(town, role):
        if endpoint.startswith("counter.lock."):
            prepare(town, endpoint)
        client.get(where, headers=headers)
        if client.last is not None:
            yield endpoint, client.last
