"""Verifies a ledger that `flask ledger export` wrote, offline: python3 verify_ledger.py FILE.jsonl|FILE.csv

Exit status 0 when every entry is as it was written, else 1 with the rows that are not (ledger.md says what is checked).
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

FIELDS = """vendor_id program_id card_id seq kind stamps_delta points_delta remainder_delta stamps_after points_after
amount_cents reward_id reward_name reward_retail_cents reward_cost_cents terms staff_pin_id source source_id
acting_user_id is_override reference voids_id batch_id note_digest local_day at""".split()
ENDS = {"hash": "head_hash", "stamps_after": "stamp_count", "points_after": "points_balance"}


def text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sha(*parts):
    return hashlib.sha256("".join(map(text, parts)).encode()).hexdigest()


def same(cell, value):
    return cell.removeprefix("'") == ("" if value is None else text(value).removeprefix("'"))


def verify(name):
    cards, broken = {}, []
    with Path(name).open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file) if name.endswith(".csv") else file:
            row = json.loads(line if isinstance(line, str) else line["json"])
            begin = sha(["v1", "genesis", row["vendor_id"], row["card_code"], row["card_genesis_nonce"]])
            new = {**row, "seq": 0, "hash": begin, "stamps_after": 0, "points_after": 0, "rest": 0}
            card = cards.get(row["card_id"], new)
            checks = {
                "a cell was changed": isinstance(line, str) or all(same(line[key], row[key]) for key in row),
                "the entry was changed": row["hash"] == sha(row["prev_hash"], ["v1", *(row[key] for key in FIELDS)]),
                "an entry is missing before it": row["seq"] == card["seq"] + 1,
                "it doesn't continue the entry before": row["prev_hash"] == card["hash"],
                "the stamps don't add up": row["stamps_after"] == card["stamps_after"] + row["stamps_delta"],
                "the points don't add up": row["points_after"] == card["points_after"] + row["points_delta"],
                "the card's facts differ": all(row[key] == card[key] for key in row if key.startswith("card_")),
                "the note was changed": row["note"] is None or row["note_digest"] == sha(row["note_salt"], row["note"]),
            }
            broken += [(row, problem) for problem, fine in checks.items() if not fine]
            cards[row["card_id"]] = {**row, "rest": card["rest"] + row["remainder_delta"]}
    for card in cards.values():
        kept = {end: card["card_" + name] for end, name in ENDS.items()} | {"rest": card["card_points_remainder"]}
        if any(card[end] != value for end, value in kept.items()):
            broken.append((card, "the card doesn't end here"))
    return len(cards), [f"card {row['card_code']}, entry {row['id']} (seq {row['seq']}): {why}" for row, why in broken]


if __name__ == "__main__":
    count, problems = verify(sys.argv[1])
    sys.stdout.write("\n".join([*problems, f"{count} cards: {'BROKEN' if problems else 'all is well'}", ""]))
    sys.exit(bool(problems))
