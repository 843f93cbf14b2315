"""Who does what in the browser, by the names of buttons and fields as a screen reader says them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.shops import OWNER, PASSWORD

PIN = "2580"
MANAGER_PIN = "3690"


@dataclass(frozen=True)
class Owner:
    page: Page

    def sign_in(self) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("E-mail").fill(OWNER)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()

    def go(self, area: str) -> None:
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=area).click()

    def publish(self, *, target: int = 10, reward: str = "Free coffee", per_visit: int = 1) -> None:
        self.go("Your card")
        self.page.locator("#stamps_target").fill(str(target))
        self.page.locator("#stamps_reward_description").fill(reward)
        self.page.locator("#max_stamps_per_visit").fill(str(per_visit))
        self.page.get_by_role("button", name="Publish").first.click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        assert not self.page.title().startswith("Error"), self.page.locator("main").inner_text()

    def add_person(self, name: str, pin: str, *, manager: bool = False) -> None:
        self.go("Staff and PINs")
        self.page.locator("main").get_by_role("link", name=re.compile("Add a person|Give yourself a PIN")).first.click()
        self.page.get_by_label("Name").fill(name)
        self.page.locator(f"[name=role][value={'manager' if manager else 'staff'}]").check()
        self.page.locator("#pin").fill(pin)
        self.page.locator("main").get_by_role("button", name="Add", exact=True).click()
        expect(self.page.locator("main")).to_contain_text(name)
        assert not self.page.title().startswith("Error"), self.page.locator("main").inner_text()

    def add_till(self, name: str) -> str:
        """Answers the code that pairs it."""
        self.go("Tills")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_role("button", name="Add a till").click()
        code = self.page.get_by_text(re.compile(r"^[0-9A-Z]{4} [0-9A-Z]{4}$"))
        expect(code).to_be_visible()
        return code.inner_text()

    def join_link(self) -> str:
        self.go("Poster and share")
        return self.page.locator("main").get_by_role("textbox").first.input_value()


@dataclass(frozen=True)
class Till:
    page: Page
    js: bool = True

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def pair(self, code: str) -> None:
        self.page.goto("/counter/pair")
        self.page.get_by_label("Code", exact=False).fill(code)
        self.page.get_by_role("button", name="Pair this browser").click()
        self.is_idle()

    def is_idle(self) -> None:
        expect(self.page.get_by_role("searchbox")).to_be_visible()

    def idle(self) -> None:
        self.page.goto("/counter/")
        self.is_idle()

    def search(self, typed: str) -> None:
        box = self.page.get_by_role("searchbox")
        box.click()
        if self.js:
            box.press_sequentially(typed)
        else:
            box.fill(typed)
            box.press("Enter")

    def find(self, typed: str, name: str) -> None:
        """Searches and opens the card of `name`."""
        self.search(typed)
        self.main.get_by_role("link", name=name).or_(self.main.get_by_role("button", name=name)).first.click()
        expect(self.main.get_by_role("heading", level=1)).to_contain_text(name)

    def enter(self, pin: str = PIN) -> None:
        """By touch; without JavaScript into the password field."""
        if not self.js:
            self.page.get_by_label("PIN").fill(pin)
            self.page.get_by_label("PIN").press("Enter")
            return
        for digit in pin:
            self.page.get_by_role("button", name=digit, exact=True).tap()

    def press(self, name: str) -> None:
        button = self.main.get_by_role("button", name=name)
        button.or_(self.main.get_by_role("link", name=name)).first.click()

    def says(self, *words: str | re.Pattern[str]) -> None:
        for word in words:
            expect(self.main).to_contain_text(word)


@dataclass(frozen=True)
class Customer:
    page: Page

    def join(self, link: str, name: str) -> str:
        """Answers the card's short code, with its space."""
        self.page.goto(link)
        self.page.get_by_label("name").fill(name)
        self.page.get_by_role("button", name="Get my card").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
        return self.page.get_by_text(re.compile(r"^[0-9A-Z]{4} [0-9A-Z]{4}$")).inner_text()

    def sees(self, *words: str) -> None:
        """After a look at the page anew."""
        self.page.reload()
        for word in words:
            expect(self.page.get_by_role("main")).to_contain_text(word)
