"""House rule 7: whatever is said is said in every language, and the catalogues are in step with the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message

from loyalty_portal import translate
from loyalty_portal.enums import LANGUAGES
from loyalty_portal.paths import PACKAGE, TEMPLATES

OTHERS = [code for code in LANGUAGES if code != translate.SOURCE]
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]")
SAME_IN_EVERY_LANGUAGE = {"PIN", "K7Q2 M9XW", "PNG", "SVG", "/join/"}
"""What stands in templates as it is."""


@pytest.fixture(scope="module")
def said() -> Catalog:
    return translate.extracted()


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return translate.read(request.param)


def words(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple | list) else (message.id,)


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def placeholders(text: str) -> set[str]:
    return {match[0] for match in _PLACEHOLDER.finditer(text)}


def test_all_four_languages_have_a_catalogue() -> None:
    assert [code for code in LANGUAGES if not translate.catalogue(code).exists()] == []


def test_the_catalogue_is_in_step_with_the_code(catalogue: Catalog, said: Catalog) -> None:
    now = {(ids(message), message.context) for message in messages(said)}
    kept = {(ids(message), message.context) for message in messages(catalogue)}
    assert sorted(map(str, now - kept)) == [], "said in the code, not in the catalogue: make translations"
    assert sorted(map(str, kept - now)) == [], "in the catalogue, said nowhere: make translations"
    assert list(catalogue.obsolete) == []


def test_nothing_is_fuzzy(catalogue: Catalog) -> None:
    assert [message.id for message in messages(catalogue) if message.fuzzy] == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_has_its_words(code: str) -> None:
    missing = [message.id for message in messages(translate.read(code)) if not translate.is_said(message.string)]
    assert missing == []


def test_english_says_what_the_code_says() -> None:
    """Its catalogue is empty, or repeats the code word for word."""
    for message in messages(translate.read(translate.SOURCE)):
        assert words(message) == ids(message) or not any(words(message)), message.id


@pytest.mark.parametrize("code", OTHERS)
def test_every_plural_has_its_forms(code: str) -> None:
    catalogue = translate.read(code)
    needed = len(Locale.parse(code).plural_form.tags | {"other"})
    if code == "fr":
        # CLDR's "many" is for millions; gettext's French has two forms.
        needed = 2
    assert catalogue.num_plurals == needed
    for message in messages(catalogue):
        if len(ids(message)) > 1:
            assert len(words(message)) == needed, message.id


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_are_the_same(code: str) -> None:
    """A plural's form may leave the number out ("one stamp"), and nothing else."""
    for message in messages(translate.read(code)):
        if not translate.is_said(message.string):
            continue
        needed = set().union(*map(placeholders, ids(message)))
        for text in words(message):
            lacking = needed - placeholders(text)
            assert placeholders(text) <= needed, (message.id, text)
            assert lacking <= ({"%(num)s"} if len(ids(message)) > 1 else set()), (message.id, text)


@pytest.mark.parametrize("code", OTHERS)
def test_words_begin_and_end_as_the_english_do(code: str) -> None:
    ends = re.compile(r"(?<!w\.e\.g)[.?!:…]$")
    for message in messages(translate.read(code)):
        for text in filter(None, words(message)):
            assert text == text.strip(), message.id
            assert "<" not in text or "<" in "".join(ids(message)), message.id
            assert bool(ends.search(text)) == bool(ends.search(ids(message)[0])), (message.id, text)


# What the code says without asking a catalogue.


def _texts(source: str) -> Iterator[str]:
    """The words that stand in a template outside of tags and expressions, and those of spoken attributes."""
    pieces = []
    # A room's name is a class of its pages.
    source = re.sub(r"\{% block room %\}.*?\{% endblock %\}", "", source)
    for _, kind, value in jinja2.Environment(trim_blocks=True, lstrip_blocks=True).lex(source):
        # Where a block begins or ends, so does what stands on its own: a macro's piece of a tag, or a text.
        pieces.append(value if kind == "data" else "\x02" if kind.startswith("block_") else "\x01")
    markup = "".join(pieces)
    yield from re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"<>\x01\x02]+)"', markup)
    text = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>|<[^>]*>", "\x02", markup, flags=re.DOTALL)
    for piece in re.split(r"[\x01\x02]+", text):
        # `name="` and `"` are what a condition within a tag leaves behind.
        if re.search(r"[^\W\d_]", piece) and not re.search(r'["=]', piece):
            yield piece.strip()


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_says_nothing_by_itself(path: Path) -> None:
    found = set(_texts(path.read_text()))
    assert found - SAME_IN_EVERY_LANGUAGE == set()


def test_the_finder_of_bare_words_finds_them() -> None:
    source = '<p title="Hello"{% if a %} class="b"{% endif %}>{{ _("said") }} bare <b>words</b></p>{# not this #}'
    assert list(_texts(source)) == ["Hello", "bare", "words"]


def test_no_module_tells_people_something_bare() -> None:
    """`flash("…")` and a field's label are sentences for people."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "flash" or called.endswith("Field"):
                bare = isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
                assert not bare, f"{path}:{node.lineno}"
