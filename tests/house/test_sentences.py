"""House rule 7: errors carry code and facts; every code has a sentence, and so has every kind of bad input."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from pydantic import BaseModel, ValidationError

from loyalty_portal.errors import DomainError
from loyalty_portal.paths import PACKAGE
from loyalty_portal.schemas.base import Command
from loyalty_portal.web import problems
from loyalty_portal.web.messages import FIELD_SENTENCES, SENTENCES, field_sentence, sentence
from tests.house.test_forms import subclasses

# Facts of every kind, so that no sentence lacks its own.
FACTS = {"retry_at": datetime(2026, 11, 16, 12, tzinfo=UTC), "limit": 5, "balance": 3, "needed": 10, "tries_left": 2}
BAD: list[Any] = [
    None, "", " ", "x", "x" * 5000, "x\0y", "\x1b[0m", "\ud800", "\n", "١٢٣٤", "-1", "0", "1", "1.5", "1e9", "9" * 30,
    "9" * 5000, "inf", "nan", "2026-13-01", "2026-11-16T25:00", "@", "a@b", "+352", "#12", "ftp://x", "https://", "A B",
    -1, 0, 1, 3, 5, 10**30, -(10**30), 1.5, float("nan"), float("inf"), True, False, [], ["x"], {}, {"a": 1}, b"\xff",
    object(),
]  # fmt: skip


def refusals() -> set[str]:
    """The codes of all refusals: what the rules and the services say no with."""
    found = set()
    for path in (PACKAGE / "services").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            code = node.args[0] if node.args else None
            if called == "No":
                assert isinstance(code, ast.Constant), f"{path.name}:{node.lineno}: the code is no plain word"
                found.add(str(code.value))
    return found


def answered() -> set[str]:
    """The codes that `web/problems.py` gives by itself."""
    source = (PACKAGE / "web" / "problems.py").read_text()
    return {*re.findall(r'answer\("(\w+)"', source), *problems._HTTP_CODES.values(), "bad_request", "server_error"}


def test_the_codes_of_refusals_are_found() -> None:
    assert {"cooling_down", "daily_limit", "visit_limit", "not_enough_stamps", "card_inactive"} <= refusals()


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    raised = {error.code for error in subclasses(DomainError)}
    assert raised | refusals() | answered() == set(SENTENCES)


def test_a_code_says_what_happens_in_one_line(frame: Flask) -> None:
    with frame.test_request_context():
        for code in SENTENCES:
            for facts in (FACTS, {}):
                said = sentence(code, facts)
                assert said and said == said.strip() and said[-1] in ".!?", code
                assert "%(" not in said, code


def test_errors_hold_no_sentences() -> None:
    """A code is a word, its facts are data."""
    for error in subclasses(DomainError):
        assert re.fullmatch(r"[a-z_]+", error.code), error
        assert 400 <= error.status < 600, error


def commands() -> list[type[BaseModel]]:
    return sorted(
        (schema for schema in subclasses(Command) if schema.__module__.startswith("loyalty_portal.")),
        key=lambda schema: schema.__qualname__,
    )


def kinds(schema: type[BaseModel]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(field, kind, its facts) of everything that the schema objects to."""
    for given in [*({name: bad} for name in schema.model_fields for bad in BAD), {"unasked": 1}, {}]:
        try:
            schema.model_validate(given)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                yield ".".join(map(str, item["loc"])), item["type"], item.get("ctx") or {}


@pytest.mark.parametrize("schema", commands(), ids=lambda schema: schema.__name__)
def test_every_objection_of_a_schema_has_a_sentence(schema: type[BaseModel], frame: Flask) -> None:
    with frame.test_request_context():
        for field, kind, facts in kinds(schema):
            assert kind in FIELD_SENTENCES, f"{field}: {kind}"
            said = field_sentence(kind, facts)
            assert said and "%(" not in said and "None" not in said, f"{field}: {kind}: {said}"
            assert not said.endswith((" .", "least .", "most .")), f"{field}: {kind}: {said}"


def test_a_pattern_is_said_in_words_of_its_own(frame: Flask) -> None:
    """A pattern's error has one kind for all: each field's pattern is told apart."""
    plain = {"key", "id", "reward_id"}
    with frame.test_request_context():
        fallback = field_sentence("string_pattern_mismatch", {"pattern": ""})
        said = {
            (field, facts["pattern"]): field_sentence(kind, facts)
            for schema in commands()
            for field, kind, facts in kinds(schema)
            if kind == "string_pattern_mismatch"
        }
    assert said
    assert {field for (field, _), words in said.items() if words == fallback} <= plain
