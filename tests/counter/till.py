"""A till in the tests: a browser that was paired, and a shop with people behind the counter."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from loyalty_portal.enums import StaffRole
from loyalty_portal.schemas.cards import CardView
from loyalty_portal.schemas.programs import ProgramUpdate
from loyalty_portal.web.actors import TILL_COOKIE
from loyalty_portal.web.csrf import till_token
from tests.desk import Desk, desk_of
from tests.pages import PageClient
from tests.shops import Shop

LUC, MIA, ANNE = "2580", "1470", "3690"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@dataclass(frozen=True)
class Till:
    """A paired browser. `get` and `post` ask for pages, `fragment` and `send` for what htmx asks for."""

    desk: Desk
    client: PageClient

    @property
    def shop(self) -> Shop:
        return self.desk.shop

    @property
    def token(self) -> str:
        """What the pages' forms carry against forged requests."""
        cookie = self.client.get_cookie(TILL_COOKIE, path="/counter")
        assert cookie is not None
        return till_token(cookie.value)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/counter{path}")

    def fragment(self, path: str) -> TestResponse:
        return self.client.get(f"/counter{path}", headers=HTMX)

    def post(self, path: str, key: str | None = "", **data: Any) -> TestResponse:
        """A plain form. `key`: None leaves it out, empty makes one."""
        return self.client.post(f"/counter{path}", data=self._typed(key, data))

    def send(self, path: str, key: str | None = "", **data: Any) -> TestResponse:
        """The same form by htmx."""
        return self.client.post(f"/counter{path}", data=self._typed(key, data), headers=HTMX)

    def stamp(self, card: CardView, pin: str | None = LUC, key: str = "", **data: Any) -> TestResponse:
        return self.send(f"/cards/{card.code}/stamps", key, **({"pin": pin} if pin else {}), **data)

    def redeem(self, card: CardView, pin: str | None = LUC, key: str = "") -> TestResponse:
        return self.send(f"/cards/{card.code}/rewards", key, **({"pin": pin} if pin else {}))

    def card(self, name: str = "Sophie", stamps: int = 0, **fields: Any) -> CardView:
        """A customer's card; its stamps were given without asking the rules about today."""
        card = self.desk.enrol(first_name=name, **fields)
        for _ in range(stamps):
            self.desk.stamp(card.code)
        return card

    def count(self, card: CardView) -> int:
        return self.desk.card(card.id).stamp_count

    def last(self, card: CardView) -> int:
        return self.desk.last_entry_id(card.id)

    def change(self, **changes: Any) -> None:
        """Changes the program."""

        command = ProgramUpdate.model_validate(changes)
        self.desk.write(lambda services: services.program_service.update(self.desk.vendor_id, command))

    def close_card(self, card: CardView) -> None:
        self.desk.write(lambda services: services.card_service.switch(self.desk.origin(), card.id, on=False))

    def stop_program(self) -> None:
        self.desk.write(lambda services: services.program_service.switch(self.shop.program_id, on=False))

    def _typed(self, key: str | None, data: dict[str, Any]) -> dict[str, Any]:
        sent = {} if key is None else {"key": key or str(uuid.uuid4())}
        return {"csrf_token": self.token, **sent, **data}


def till_of(app: Flask, shop: Shop, name: str = "Till 1", *, staffed: bool = True) -> Till:
    """Pairs a browser; Luc and Mia work here, Anne is the manager."""
    desk = desk_of(shop, name)
    if staffed:
        desk.add_staff("Luc", LUC)
        desk.add_staff("Mia", MIA)
        desk.add_staff("Anne", ANNE, StaffRole.MANAGER)
    return Till(desk, pair(app, desk))


def pair(app: Flask, desk: Desk) -> PageClient:
    """A browser that became the desk's till."""
    code = desk.write(lambda services: services.device_service.new_pairing(desk.vendor_id, desk.till_id)).code
    client = PageClient(app, app.response_class)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/counter/pair").text)[-1]
    answer = client.post("/counter/pair", data={"csrf_token": token, "code": code})
    assert answer.status_code == 303, answer.text
    return client


def steady(text: str) -> str:
    """A page or fragment without what is new in each answer."""
    text = re.sub(r'name="key" value="[^"]+"', 'name="key"', text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def same_text(page: TestResponse, fragment: TestResponse) -> bool:
    """Whether the page is the fragment with a frame around it."""
    assert "<html" in page.text
    assert "<html" not in fragment.text
    return steady(fragment.text) in steady(page.text)


def words(answer: TestResponse) -> str:
    """What the stage says, without its tags."""
    stage = answer.text.partition("<main")[2].partition("</main>")[0] or answer.text
    return " ".join(re.sub(r"<[^>]+>", " ", stage).replace("&#39;", "'").split())


def clock_words(moment: datetime, zone_hours: int = 1) -> str:
    """The shop's time of day, in winter."""
    return f"{(moment.hour + zone_hours) % 24:02}:{moment.minute:02}"
