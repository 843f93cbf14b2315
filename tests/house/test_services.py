"""House rules 4 and 6: services never commit and know no HTTP; the ledger and the balances have one writer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from loyalty_portal.paths import PACKAGE

BENCH = PACKAGE / "bench"
"""The bench writes rows the usual way too, to compare; it works on a database of its own."""
SERVICES = sorted((PACKAGE / "services").glob("*.py"))
HTTP = {"flask", "flask_wtf", "wtforms", "flask_babel", "flask_security", "flask_limiter", "werkzeug", "jinja2"}
ENDS = {"commit", "rollback", "begin"}
READS_ON = {"ledger_audit.py": "it reads for minutes, so it lets each portion's snapshot go; it writes nothing"}
OTHER_WRITERS = {
    ("enrolment_service.py", "insert", "loyalty_cards"): "a card begins at nothing, then the ledger's first entry",
    ("program_service.py", "update", "loyalty_cards"): "archiving closes cards, new terms reach empty ones",
}
"""Who else writes a card's row, and why its balances stay the ledger's."""
BALANCES = {
    "stamp_count",
    "total_stamps_earned",
    "stamps_redeemed",
    "points_balance",
    "total_points_earned",
    "points_redeemed",
    "points_remainder",
    "visit_started_at",
    "visit_stamps",
    "stamp_day",
    "stamps_today",
    "seq",
    "head_hash",
}
"""What follows from the entries alone."""
TABLES = {"LoyaltyCard": "loyalty_cards", "LoyaltyTransaction": "loyalty_transactions"}


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_never_ends_a_transaction(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in ENDS, f"{path.name}:{node.lineno} calls {node.func.attr}()"
        if isinstance(node, ast.ImportFrom) and node.module == "loyalty_portal.database":
            named = {alias.name for alias in node.names}
            allowed = {"end_read"} if path.name in READS_ON else set()
            assert named.isdisjoint({"transaction", "end_read"} - allowed), f"{path.name} imports {named}"


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_knows_no_http(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in named}.isdisjoint(HTTP), f"{path.name}: {named}"


def _writes(paths: Iterable[Path] = tuple(PACKAGE.rglob("*.py"))) -> Iterator[tuple[Path, str, str, ast.Call]]:
    """(file, statement, table, the call) for each Core statement that writes a card or an entry."""
    for path in paths:
        if path.is_relative_to(BENCH):
            continue
        tree = ast.parse(path.read_text())
        names = dict(TABLES)
        for node in ast.walk(tree):
            # `cards = LoyaltyCard.__table__`, here or in the module it comes from.
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
                model = getattr(node.value.value, "id", "")
                if node.value.attr == "__table__" and model in TABLES and isinstance(node.targets[0], ast.Name):
                    names[node.targets[0].id] = TABLES[model]
            if isinstance(node, ast.ImportFrom) and node.module == "loyalty_portal.services.ledger":
                known = {"cards": "loyalty_cards", "entries": "loyalty_transactions"}
                names |= {alias.asname or alias.name: known[alias.name] for alias in node.names if alias.name in known}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"insert", "update", "delete"}:
                table = node.args[0]
                name = table.id if isinstance(table, ast.Name) else getattr(getattr(table, "value", None), "id", "")
                if name in names:
                    yield path, str(getattr(node.func, "id", "")), names[name], node


def test_the_ledger_is_the_only_writer() -> None:
    found = {(path.name, statement, table) for path, statement, table, _ in _writes()}
    assert {item for item in found if item[0] == "ledger.py"} == {
        ("ledger.py", "insert", "loyalty_transactions"),
        ("ledger.py", "update", "loyalty_cards"),
    }
    assert {item for item in found if item[0] != "ledger.py"} == set(OTHER_WRITERS)


def test_nobody_writes_them_in_plain_sql_or_by_the_orm() -> None:
    plain = re.compile(r"(insert\s+into|update|delete\s+from)\s+\W?loyalty_(cards|transactions)", re.IGNORECASE)
    for path in PACKAGE.rglob("*.py"):
        # The guards name what they guard.
        if path.name == "triggers.py" or path.is_relative_to(BENCH):
            continue
        source = path.read_text()
        assert not plain.search(source), path
        assert not re.search(r"\b(LoyaltyCard|LoyaltyTransaction)\(", re.sub(r"class \w+\(.*", "", source)), path


def test_the_other_writers_leave_the_balances_alone() -> None:
    """A new card's are nothing; a change of the program names none of them among the values it sets."""
    seen = 0
    for path in (PACKAGE / "services").glob("*.py"):
        if path.name == "ledger.py":
            continue
        for call in _values_set(path):
            seen += 1
            for keyword in call.keywords:
                if keyword.arg in BALANCES - {"head_hash"}:
                    assert isinstance(keyword.value, ast.Constant) and keyword.value.value == 0, keyword.arg
            for node in ast.walk(call.args[0]) if call.args else []:
                assert not (isinstance(node, ast.Constant) and node.value in BALANCES), ast.unparse(call)
    assert seen == 3


def _values_set(path: Path) -> Iterator[ast.Call]:
    """The `.values(…)` of statements that write cards."""
    ours = [ast.unparse(call) for _, _, _, call in _writes((path,))]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "values":
            continue
        if any(one in ast.unparse(node.func) for one in ours):
            yield node
