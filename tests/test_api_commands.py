"""`flask api-key` and `flask api`."""

from __future__ import annotations

import json
from pathlib import Path

from loyalty_portal.clock import FrozenClock
from tests.shops import Shop


def run(shop: Shop, *words: str) -> tuple[int, str, str]:
    done = shop.app.test_cli_runner().invoke(args=list(words))
    return done.exit_code, done.stdout, done.stderr


def test_a_key_is_made_listed_and_ended(shop: Shop, clock: FrozenClock) -> None:
    make = ("api-key", "create", "--vendor", "kaffi-haus", "--name", "Till 7", "--scope", "read", "--expires", "9")
    code, printed, _ = run(shop, *make)
    key = printed.splitlines()[-1]
    assert code == 0 and key.startswith("lc_live_") and len(key) == 51
    program = shop.app.test_client()
    headers = {"Authorization": f"Bearer {key}"}
    assert program.get("/api/v1/vendor/loyalty/program", headers=headers).status_code == 200
    assert program.post("/api/v1/vendor/loyalty/program/activate", headers=headers).status_code == 403
    code, listed, _ = run(shop, "api-key", "list", "--vendor", "kaffi-haus")
    assert "works  used 2026-11-16 07:12  read  Till 7" in listed and key not in listed
    key_id = listed.split()[0]
    assert run(shop, "api-key", "revoke", key_id, "--admin")[0] == 1
    assert run(shop, "api-key", "revoke", key_id, "--vendor", "kaffi-haus") == (0, "Till 7 is ended.\n", "")
    assert "revoked" in run(shop, "api-key", "list", "--vendor", "kaffi-haus")[1]
    assert program.get("/api/v1/vendor/loyalty/program", headers=headers).status_code == 401


def test_a_platforms_key(shop: Shop) -> None:
    code, printed, _ = run(shop, "api-key", "create", "--admin", "--name", "Dashboard")
    headers = {"Authorization": f"Bearer {printed.splitlines()[-1]}"}
    assert code == 0 and shop.app.test_client().get("/api/v1/admin/loyalty/stats", headers=headers).status_code == 200


def test_what_is_wrong_is_said_in_a_line(shop: Shop) -> None:
    for words, text in (
        (("create", "--name", "x"), "either --vendor SLUG or --admin"),
        (("create", "--name", "x", "--admin", "--vendor", "kaffi-haus"), "either --vendor SLUG or --admin"),
        (("create", "--name", "x", "--vendor", "nobody"), "not_found"),
        (("create", "--name", "", "--admin"), "name"),
        (("create", "--name", "x", "--admin", "--expires", "0"), "expires_days"),
        (("create", "--name", "x", "--admin", "--scope", "staff"), "scopes"),
    ):
        code, _, said = run(shop, "api-key", *words)
        assert code != 0 and text in said and "Traceback" not in said, words


def test_the_document_is_written(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    assert run(shop, "api", "document", str(path))[0] == 0
    assert json.loads(path.read_text())["openapi"].startswith("3.1")
