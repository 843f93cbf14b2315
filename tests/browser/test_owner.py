"""What the owner's pages do beyond a plain form: the card that follows the hand, the menu on a phone, the till here."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.people import Owner
from tests.browser.served import Served
from tests.shops import OWNER, PASSWORD


@pytest.fixture
def page(portal: Served, visit: Visit) -> Page:
    page = visit(portal)
    Owner(page).sign_in()
    return page


def colour_of(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('#preview .card')).backgroundColor"))


def test_the_card_follows_what_is_typed_and_chosen(page: Page) -> None:
    Owner(page).go("Your card")
    card = page.locator("#preview .card")
    expect(card).to_contain_text("6 of 10")
    page.locator(".usual").get_by_text("8", exact=True).click()
    expect(card).to_contain_text("6 of 8")
    expect(page.locator("#stamps_target")).to_have_value("8")
    expect(page.locator("#shown")).to_have_attribute("max", "8")
    plum = page.get_by_role("button", name="Plum")
    plum.click()
    expect(plum).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Pine")).to_have_attribute("aria-pressed", "false")
    page.wait_for_function(
        "getComputedStyle(document.querySelector('#preview .card')).backgroundColor === 'rgb(91, 35, 82)'"
    )
    page.locator("#card_name").fill("Night shift")
    expect(card).to_contain_text("Night shift")
    page.get_by_label("Scissors").check(force=True)
    expect(card.locator("use[href$='#i-scissors']").first).to_be_attached()
    page.locator("#stamps_reward_cost_cents").fill("1,20")
    expect(page.locator("#preview")).to_contain_text("Each stamp costs you about €0.15.")


def test_before_publishing_it_says_what_will_change(page: Page) -> None:
    owner = Owner(page)
    owner.publish()
    assert page.locator("#preview").get_by_text("When you publish").count() == 0
    page.locator("#card_name").fill("Another name")
    expect(page.locator("#preview")).to_contain_text("When you publish")
    expect(page.locator("#preview")).to_contain_text("0 cards get the new look.")


def test_a_form_that_came_back_begins_at_its_list_of_errors(page: Page) -> None:
    Owner(page).go("Your card")
    page.locator("#stamps_target").fill("99")
    page.get_by_role("button", name="Publish").first.click()
    expect(page.locator(".summary")).to_be_focused()
    page.locator(".summary").get_by_role("link").click()
    expect(page.locator("#stamps_target")).to_be_focused()
    expect(page.locator("#stamps_target")).to_have_value("99")


def test_the_search_answers_while_one_types(page: Page) -> None:
    Owner(page).publish()
    Owner(page).go("Customers")
    page.locator("#search").press_sequentially("zz")
    expect(page.locator("#hits")).to_contain_text("Nobody found")
    expect(page.locator("#search")).to_be_focused()


def test_the_till_opens_here_and_only_once(page: Page) -> None:
    Owner(page).publish()
    for _ in range(2):
        page.goto("/vendor/")
        page.get_by_role("button", name="Open the till").click()
        page.wait_for_url("**/counter/")
    page.goto("/vendor/tills")
    expect(page.locator(".people > li")).to_have_count(1)


def test_a_phone_has_a_menu_and_never_scrolls_sideways(portal: Served, visit: Visit) -> None:
    page = visit(portal, phone=True)
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/vendor/")
    menu = page.get_by_role("navigation", name="Main")
    for area in ("Your card", "Customers", "Staff and PINs", "Tills", "Poster and share", "Overview"):
        expect(menu).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        expect(menu).to_be_visible()
        menu.get_by_role("link", name=area).click()
        expect(page.locator("[aria-current=page]")).to_be_attached()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{area} scrolls sideways"
    page.get_by_role("button", name="Menu").click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
