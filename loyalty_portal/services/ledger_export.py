"""The ledger as a table for spreadsheets. Its last column holds each row as JSON, because a table tells no
number from a text and nothing from an empty text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_row(row: Mapping[str, Any]) -> dict[str, str]:
    """A row of `LedgerAudit.rows` as text. What a spreadsheet would take for a formula begins with an apostrophe."""
    shown = {name: _shown(value) for name, value in row.items()}
    return shown | {"json": json.dumps(row, ensure_ascii=False, separators=(",", ":"))}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(_FORMULA) else text
