"""What customers do on these pages."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.shops import field_in

JOIN = "/join/kaffi-haus"


def join(client: FlaskClient, address: str = JOIN, **data: Any) -> TestResponse:
    """Opens the page and sends its form."""
    page = client.get(address)
    keys = {"csrf_token": field_in(page, "csrf_token"), "key": field_in(page, "key")}
    return client.post(address, data=keys | data)


def card_of(client: FlaskClient, **data: Any) -> tuple[str, str]:
    """Joins; answers the card's address and its code."""
    answer = join(client, **data)
    assert answer.status_code == 303, answer.text
    address = str(answer.location).partition("?")[0]
    return address, code_on(client.get(address))


def code_on(page: TestResponse) -> str:
    """The code as the page shows it, without its space."""
    found = re.search(r'class="mono">([0-9A-Z]{4}) ([0-9A-Z]{4})<', page.text)
    assert found, page.text
    return found[1] + found[2]
