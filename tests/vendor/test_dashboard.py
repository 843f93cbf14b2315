"""The overview: a new shop sees what is to do, a running one its figures."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.vendors import VendorCreate
from tests.people import give_password, manager_of, signed_in
from tests.public.customers import card_of
from tests.shops import OWNER, Shop, press, sign_in

HOME = "/vendor/"


def tiles(owner: FlaskClient) -> dict[str, str]:
    return dict(re.findall(r'<div class="tile"><h2>([^<]+)</h2><b>([^<]+)</b>', owner.get(HOME).text))


def test_a_new_shop_sees_three_steps_and_each_can_be_done(app: Flask, shop: Shop) -> None:
    shop.do(
        lambda services: services.vendor_service.create(
            VendorCreate(name="Salon", owner_email="lea@example.com", owner_name="Léa Weber")
        )
    )
    give_password(app, "lea@example.com")
    lea = signed_in(app, "lea@example.com")
    page = lea.get(HOME).text
    assert "Hello, Léa" in page and "Three steps to your first stamp" in page
    assert page.count("is-done") == 0
    assert tiles(lea) == {}, "figures of nothing"
    assert "Nothing yet" in page
    press(lea, "/vendor/program", "/vendor/program", card_name="Salon", stamps_target="8",
          stamps_reward_description="A free cut", card_color="#14453D", card_secondary_color="#FFE3B8",
          stamp_icon="scissors", pin_mode="each", max_daily_stamps="5", cooldown_minutes="15",
          max_stamps_per_visit="1")  # fmt: skip
    assert lea.get(HOME).text.count("is-done") == 1
    press(lea, "/vendor/staff/new", "/vendor/staff", name="Léa", role="manager", pin="")
    assert lea.get(HOME).text.count("is-done") == 2
    press(lea, HOME, "/vendor/tills/here")
    assert "Three steps" not in lea.get(HOME).text


def test_figures_are_net_and_of_four_weeks(
    shop: Shop, owner: FlaskClient, client: FlaskClient, clock: FrozenClock
) -> None:
    _, code = card_of(client, first_name="Sophie")
    shop.stamp(code, 5)
    clock.move(days=30)
    _, other = card_of(client, first_name="Tom")
    shop.stamp(code, 5)
    shop.undo(shop.stamp(other, 2))
    sign_in(owner, OWNER)
    assert tiles(owner) == {"Cards": "2", "Stamps given": "5", "Rewards enjoyed": "0", "Still to claim": "1"}
    page = owner.get(HOME).text
    assert "5 stamps and 0 rewards so far today." in page
    assert "1 new in four weeks" in page
    assert page.index("Tom") < page.index("Sophie"), "the latest entry is first"
    shop.redeem(code)
    assert tiles(owner) | {"Cards": "2"} == {
        "Cards": "2", "Stamps given": "5", "Rewards enjoyed": "1", "Still to claim": "0",
    }  # fmt: skip


def test_the_chart_and_its_table_say_the_same(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    shop.stamp(card_of(client)[1], 4)
    page = owner.get(HOME).text
    bars = re.findall(r'<rect class="bars__bar[^"]*"[^>]* height="([\d.]+)"', page)
    assert len(bars) == 28
    assert [height for height in bars if float(height) > 0] == [bars[-1]]
    assert re.search(r"<tr><td>[^<]*16[^<]*</td><td class=\"num\">4</td><td class=\"num\">0</td></tr>", page)


def test_a_program_that_is_off_is_told(shop: Shop, owner: FlaskClient) -> None:
    press(owner, "/vendor/program", "/vendor/program/switch", on="0")
    assert "Your program is off: nobody can join or get stamps." in owner.get(HOME).text


def test_a_manager_sees_it_and_somebody_without_a_shop_does_not(app: Flask, shop: Shop) -> None:
    assert manager_of(shop).get(HOME).status_code == 200
    shop.do(lambda services: services.vendor_service.add_user("nobody@example.com", "Nobody"))
    give_password(app, "nobody@example.com")
    assert signed_in(app, "nobody@example.com").get(HOME).status_code == 403
