"""House rule 11: a fragment is an underscore file: one root, the id of its stem, included by a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from html5lib import HTMLParser

from loyalty_portal.paths import TEMPLATES
from tests.house.test_paths import PAGES
from tests.pages import Sheet
from tests.town import Town
from tests.visits import SIGHTS, visit

PARTS = {
    "counter/_person.html": "the person's line, in several screens at once",
    "public/card/_state.html": "a notice or none",
    "security/_macros.html": "macros",
    "layouts/_messages.html": "as many messages as there are",
}
"""Underscore files that htmx never asks for: parts of fragments, which need no root of their own."""
TARGETS_OF_HTMX = {"this", "body"}


def fragments() -> list[Path]:
    found = TEMPLATES.rglob("_*.html")
    return sorted(path for path in found if str(path.relative_to(TEMPLATES)) not in PARTS)


def name_of(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.fixture(scope="module")
def sheets(town: Town) -> list[tuple[str, str, bool, Sheet]]:
    """(role, endpoint, whether a fragment was asked for, what came)."""
    town.reset()
    return [
        (role, endpoint, fragment, sheet)
        for role in SIGHTS
        for fragment in (False, True)
        for endpoint, sheet in visit(town, role, fragment=fragment)
    ]


@pytest.mark.parametrize("path", fragments(), ids=name_of)
def test_a_fragment_has_one_root_with_the_id_of_its_stem(path: Path) -> None:
    """Read without what Jinja writes. Of two branches each has its root; what is drawn has one, as is tested below."""
    aside = r"\{#.*?#\}|\{%-? macro .*?endmacro -?%\}"
    markup = re.sub(aside, "", path.read_text(), flags=re.DOTALL)
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", markup, flags=re.DOTALL).strip()
    tree = HTMLParser(namespaceHTMLElements=False).parseFragment(bare)
    assert (tree.text or "").strip() == "" and all((child.tail or "").strip() == "" for child in tree)
    assert {child.get("id") for child in tree} == {path.stem.removeprefix("_")}
    assert len(list(tree)) <= 1 + markup.count("{% else %}") + markup.count("{% elif ")


@pytest.mark.parametrize("path", fragments(), ids=name_of)
def test_a_fragment_is_included_by_a_page(path: Path) -> None:
    included = f'include "{name_of(path)}"'
    where = [other for other in TEMPLATES.rglob("*.html") if other != path and included in other.read_text()]
    assert where, "by nobody"


@pytest.mark.parametrize(
    "path", sorted(path for path in (TEMPLATES / "errors", *(TEMPLATES / door for door in PAGES))
                   for path in path.rglob("[a-z]*.html")), ids=name_of
)  # fmt: skip
def test_a_page_includes_its_own_fragment(path: Path) -> None:
    """So that the first paint and the swap are one text. (A page of one list or of one question may have its own.)"""
    own = path.with_name(f"_{path.name}")
    assert own.exists(), f"{own} is what `render.page` answers to htmx"
    assert f'include "{name_of(own)}"' in path.read_text()


def test_the_parts_are_what_is_said_of_them() -> None:
    assert all((TEMPLATES / name).exists() for name in PARTS)


def test_htmx_gets_the_fragment_and_people_the_page(sheets: list[tuple[str, str, bool, Sheet]]) -> None:
    """Flask-Security's pages have no fragments; nothing of htmx leads there."""
    for role, endpoint, fragment, sheet in sheets:
        if not endpoint.startswith("security."):
            assert sheet.is_page is not fragment, (role, endpoint)
        if fragment and not sheet.is_page:
            roots = [child for child in sheet.root if isinstance(child.tag, str)]
            assert len(roots) == 1 and roots[0].get("id"), (role, endpoint)


def test_the_page_has_the_fragment_in_it(sheets: list[tuple[str, str, bool, Sheet]]) -> None:
    pages = {(role, endpoint): sheet for role, endpoint, fragment, sheet in sheets if not fragment}
    for role, endpoint, fragment, sheet in sheets:
        if fragment and not sheet.is_page:
            assert sheet.root[0].get("id") in pages[role, endpoint].ids, (role, endpoint)


def test_what_htmx_aims_at_is_in_the_page(sheets: list[tuple[str, str, bool, Sheet]]) -> None:
    """Targets and partials name ids of a page of the same role."""
    aimed = 0
    for role in SIGHTS:
        known = {one for who, _, fragment, sheet in sheets if who == role and not fragment for one in sheet.ids}
        for who, endpoint, _, sheet in sheets:
            for element in sheet.all() if who == role else ():
                for name in ("hx-target", "hx-partial", "hx-select"):
                    target = element.get(name)
                    if target and not target.startswith(("closest ", "find ", "next ", "previous ")):
                        aimed += 1
                        for one in target.split(","):
                            one = one.strip()
                            assert one in TARGETS_OF_HTMX or one.removeprefix("#") in known, (endpoint, target)
    assert aimed > 20


def test_targets_named_in_the_code_are_in_a_layout() -> None:
    """Errors and PIN answers choose their own target by a header."""
    package = TEMPLATES.parent / "loyalty_portal"
    named = {
        target
        for path in package.rglob("*.py")
        for target in re.findall(r'"HX-Retarget"\] = "#([\w-]+)"', path.read_text())
    }
    ids = {one for path in TEMPLATES.rglob("*.html") for one in re.findall(r'\bid="([\w-]+)"', path.read_text())}
    assert named
    assert named <= ids


def test_only_words_of_htmx_4_are_used() -> None:
    """htmx 2's names do nothing any more, silently."""
    gone = re.compile(r"\bhx-(disabled-elt|ext|history-elt|disinherit|inherit|request|on|vars|params|prompt)\b")
    for path in TEMPLATES.rglob("*.html"):
        assert not gone.search(path.read_text()), path
