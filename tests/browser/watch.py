"""Looks over a page's shoulder: errors in its scripts, requests that fail, what its policy had to stop."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# What a form is told in words (a refusal, a wrong PIN) comes with a 4xx; the browser logs it, and that is all.
_TOLD = "Failed to load resource: the server responded with a status of 4"
_ANSWERS = {"document", "fetch", "xhr"}


class Watch:
    """Collects the problems of every page that it follows. A test that cuts a line says so with `cut = True`."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.cut = False

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"} or message.text.startswith(_TOLD) or self.cut:
            return
        self.problems.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # A search that is overtaken by the next letter, and a page that is left, give up their requests themselves.
        if not self.cut and request.failure != "net::ERR_ABORTED":
            self.problems.append(f"request: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind not in _ANSWERS):
            self.problems.append(f"answer: {response.status} {response.url}")
        if not response.url.startswith(("http://127.0.0.1:", "data:")):
            self.problems.append(f"outside: {response.url}")
