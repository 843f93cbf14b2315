"""A client that looks at each answer it gets as a careful reader would: a page that is wrong fails its test.

Full pages and htmx's fragments alike: valid HTML, one heading, a title, a language, unique ids, fields with labels,
buttons with names, tokens in forms, the headers of every answer, and addresses that lead somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

LANGUAGES = ("en", "fr", "de", "lb")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
TILL_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_VERBS = {"hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-patch": "PATCH", "hx-delete": "DELETE"}
_UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
_FETCHED = {"link", "script", "img", "use", "image", "source", "audio", "video", "iframe", "embed", "object"}


@dataclass(slots=True)
class Sheet:
    """What was looked at: a page or a fragment, as a tree."""

    app: Flask
    text: str
    is_page: bool
    root: Element
    ids: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        return (one for one in self.root.iter() if isinstance(one.tag, str) and (not tags or one.tag in tags))

    def words(self, element: Element) -> str:
        """What an element is called: its label, else its text."""
        named = element.get("aria-label") or "".join(element.itertext())
        spoken = [one.get("aria-label") or one.get("alt") or "" for one in element.iter() if isinstance(one.tag, str)]
        return " ".join(f"{named} {' '.join(spoken)}".split())


def read(app: Flask, text: str) -> Sheet:
    """Parses a page or a fragment; what HTML's own parser objects to fails."""
    is_page = text.lstrip().lower().startswith("<!doctype html>")
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(text) if is_page else parser.parseFragment(text)
    wrong = [(place, kind, facts) for place, kind, facts in parser.errors if kind != "expected-doctype-but-got-eof"]
    assert wrong == [], "\n".join(f"{item}: {_near(text, item[0])}" for item in wrong)
    for element in root.iter():
        # Drawings have a namespace of their own; here only their names count.
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    sheet = Sheet(app, text, is_page, root)
    sheet.ids = [str(one.get("id")) for one in sheet.all() if one.get("id") is not None]
    return sheet


def check(app: Flask, response: TestResponse) -> Sheet | None:
    """Looks at an answer. Raises `AssertionError` with what is wrong; answers what was read, if it was HTML."""
    _headers(response)
    if response.mimetype != "text/html" or not response.data or response.status_code in range(300, 400):
        return None
    sheet = read(app, response.text)
    for rule in (_frame, _ids, _fields, _buttons, _pictures, _forms, _addresses, _nothing_inline):
        rule(sheet)
    return sheet


class PageClient(FlaskClient):
    """A test client whose every answer is checked."""

    last: Sheet | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        try:
            self.last = check(self.application, response)
        except AssertionError as error:
            raise AssertionError(f"{response.request.method} {response.request.path}: {error}") from None
        return response


def _near(text: str, place: tuple[int, int]) -> str:
    lines = text.splitlines() or [""]
    return lines[min(place[0], len(lines)) - 1][max(0, place[1] - 60) : place[1] + 20]


def _headers(response: TestResponse) -> None:
    policy = response.headers.get("Content-Security-Policy")
    if response.request.path.startswith(("/pictures/", "/artwork/")) and response.status_code in {200, 304}:
        assert policy == "default-src 'none'; sandbox"
    else:
        is_till = response.request.path.startswith("/counter/")
        assert policy == (TILL_POLICY if is_till else POLICY)
        camera = "camera=(self)" if is_till else "camera=()"
        assert camera in response.headers["Permissions-Policy"].split(", ")
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, name
    assert response.headers.get("X-Request-Id"), "no number"
    assert "Server" not in response.headers and "X-Powered-By" not in response.headers
    if response.mimetype == "text/html":
        kept = response.cache_control
        assert kept.no_store and not kept.public, f"a page is nobody's to keep: {response.headers['Cache-Control']}"
        assert response.mimetype_params == {"charset": "utf-8"}


def _frame(sheet: Sheet) -> None:
    headings = list(sheet.all("h1"))
    if not sheet.is_page:
        assert len(headings) <= 1, "more than one h1 in a fragment"
        return
    assert len(headings) == 1, f"{len(headings)} h1"
    assert sheet.words(headings[0]), "an empty h1"
    titles = ["".join(one.itertext()) for one in sheet.root.findall("head/title")]
    assert len(titles) == 1 and titles[0].partition("·")[0].strip(), f"title: {titles}"
    assert sheet.root.get("lang") in LANGUAGES, f"lang: {sheet.root.get('lang')}"
    assert len(list(sheet.all("main"))) == 1, "not one main"
    viewports = [one for one in sheet.all("meta") if one.get("name") == "viewport"]
    assert len(viewports) == 1 and "user-scalable" not in str(viewports[0].get("content"))


def _ids(sheet: Sheet) -> None:
    twice = {one for one in sheet.ids if sheet.ids.count(one) > 1}
    assert not twice, f"ids twice: {twice}"
    assert not any(re.search(r"\s", one) or not one for one in sheet.ids), sheet.ids
    known = set(sheet.ids)
    for element in sheet.all():
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "form", "list"):
            for one in (element.get(name) or "").split():
                # A fragment's neighbours stand in the page around it.
                assert one in known or not sheet.is_page, f"{name} of a {element.tag} points at nothing: {one}"
        href = element.get("href") or ""
        if element.tag == "a" and href.startswith("#") and sheet.is_page:
            assert href[1:] in known, f"a link to nothing: {href}"


def _fields(sheet: Sheet) -> None:
    labelled = {one.get("for") for one in sheet.all("label") if one.get("for")}
    inside = {id(one) for label in sheet.all("label") for one in label.iter()}
    for label in sheet.all("label"):
        assert sheet.words(label), "an empty label"
        assert not label.get("for") or label.get("for") in sheet.ids, f"a label for nothing: {label.get('for')}"
    for one in sheet.all("input", "select", "textarea"):
        if one.tag == "input" and one.get("type") in _UNLABELLED:
            continue
        named = one.get("id") in labelled or id(one) in inside or one.get("aria-label") or one.get("aria-labelledby")
        assert named, f"a field without a label: {one.attrib}"
        if one.get("aria-invalid") == "true":
            assert one.get("aria-describedby"), f"a wrong field that doesn't say why: {one.attrib}"
    for group in sheet.all("fieldset"):
        assert group.find("legend") is not None, "a fieldset without a legend"


def _buttons(sheet: Sheet) -> None:
    for one in sheet.all("button", "a", "summary"):
        assert sheet.words(one), f"a {one.tag} without a name: {one.attrib}"
    for one in sheet.all("a"):
        assert one.get("href"), "a link that leads nowhere"
    interactive = {"a", "button", "input", "select", "textarea", "label", "summary"}
    for outer in sheet.all("a", "button"):
        within = [one.tag for one in outer.iter() if one is not outer and one.tag in interactive]
        assert not within, f"a {outer.tag} with {within} in it"


def _pictures(sheet: Sheet) -> None:
    for one in sheet.all("img"):
        assert one.get("alt") is not None, f"a picture without alt: {one.attrib}"
    for one in sheet.all("svg"):
        if one.get("role") == "img":
            assert one.get("aria-label") or one.find("title") is not None, "a drawing without a name"


def _forms(sheet: Sheet) -> None:
    body = next(sheet.all("body"), None)
    sends = body is not None and "X-CSRFToken" in (body.get("hx-headers:inherited") or "")
    for form in sheet.all("form"):
        method = (form.get("method") or "get").lower()
        assert method in {"get", "post"}, method
        tokens = [one.get("value") for one in form.iter("input") if one.get("name") == "csrf_token"]
        if method == "post":
            assert len(tokens) == 1 and tokens[0], f"a form that posts without a token: {form.attrib}"
            assert "?csrf" not in (form.get("action") or "")
        else:
            assert not tokens, "a token in an address"
        if any(one.get("type") == "file" for one in form.iter("input")):
            assert form.get("enctype") == "multipart/form-data"
    for one in sheet.all():
        if any(one.get(name) for name in _VERBS if name != "hx-get") and one.tag != "form" and sheet.is_page:
            assert sends, "htmx would send without a token"


def _addresses(sheet: Sheet) -> None:
    for element in sheet.all():
        for name, verb in (("href", "GET"), ("src", "GET"), ("action", None), *_VERBS.items()):
            address = element.get(name)
            if address is None or address.startswith(("#", "data:", "mailto:", "tel:")):
                continue
            if name == "action":
                verb = (element.get("method") or "get").upper()
            parts = urlsplit(address)
            if parts.netloc:
                own = address.startswith("http://127.0.0.1:8000/")
                foreign = element.tag == "a" and parts.scheme == "https" and "noopener" in (element.get("rel") or "")
                assert own or foreign, f"{element.tag} leads to another host: {address}"
                assert own or element.tag not in _FETCHED, address
                if not own:
                    continue
            assert parts.path.startswith("/") or not parts.path, f"a relative address: {address}"
            _leads_somewhere(sheet.app, parts.path or "/", str(verb))


def _leads_somewhere(app: Flask, path: str, verb: str) -> None:
    try:
        endpoint, values = app.url_map.bind("").match(path, method=verb)
    except RequestRedirect:
        return
    except MethodNotAllowed:
        raise AssertionError(f"{path} takes no {verb}") from None
    except HTTPException:
        raise AssertionError(f"{path} leads nowhere") from None
    if endpoint == "static":
        from loyalty_portal.paths import STATIC

        assert (STATIC / values["filename"]).is_file(), f"no such file: {path}"


def _nothing_inline(sheet: Sheet) -> None:
    for element in sheet.all():
        names = [name.lower() for name in element.attrib if isinstance(name, str)]
        bad = [name for name in names if name == "style" or re.match(r"on[a-z]+$|hx-on|hx-vals$", name)]
        assert not bad, f"{element.tag} with {bad}"
        assert not any(str(value).lstrip().lower().startswith(("javascript:", "js:")) for value in
                       element.attrib.values()), element.attrib  # fmt: skip
    for one in sheet.all("script"):
        assert one.get("src") and not (one.text or "").strip(), "script in a page"
    assert not list(sheet.all("style")), "style in a page"
