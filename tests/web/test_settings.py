"""The settings explain themselves, and development's secrets are made once."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from loyalty_portal.app import create_app
from loyalty_portal.settings import Settings, SettingsError, load_settings

LONG = "0123456789abcdef" * 3
PRODUCTION = {
    "ENV": "production",
    "SECRET_KEY": LONG,
    "PIN_PEPPER": LONG + "p",
    "TOTP_SECRETS": LONG + "t",
    "DATABASE_URL": "postgresql+psycopg://portal@db/portal",
    "BASE_URL": "https://cards.example.com",
}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine, no `.env` of this checkout."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PORTAL_{name}", raising=False)


def refusal(**given: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_development_needs_nothing_and_keeps_its_secrets(tmp_path: Path) -> None:
    first = load_settings(INSTANCE_DIR=tmp_path / "instance")
    again = load_settings(INSTANCE_DIR=tmp_path / "instance")
    assert len(first.SECRET_KEY) > 40
    assert (first.SECRET_KEY, first.PIN_PEPPER, first.TOTP_SECRETS) == (
        again.SECRET_KEY,
        again.PIN_PEPPER,
        again.TOTP_SECRETS,
    )
    assert len({first.SECRET_KEY, first.PIN_PEPPER, first.TOTP_SECRETS}) == 3
    assert stat.S_IMODE((tmp_path / "instance/secrets.json").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secrets.json"]


def test_starts_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _n: load_settings(INSTANCE_DIR=tmp_path / "i").SECRET_KEY, range(32)))
    assert len(keys) == 1


def test_production_names_everything_that_is_missing_in_one_line() -> None:
    text = refusal(ENV="production")
    for name in ("SECRET_KEY", "PIN_PEPPER", "TOTP_SECRETS", "DATABASE_URL", "BASE_URL"):
        assert f"PORTAL_{name}" in text
    assert "PORTAL_PIN_PEPPER" not in refusal(**{**PRODUCTION, "SECRET_KEY": ""})


def test_production_starts_with_everything() -> None:
    assert load_settings(**PRODUCTION).is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "http://cards.example.com"),
        ("DEBUG", True),
        ("BCRYPT_COST", 4),
        ("WEBHOOK_PRIVATE", True),
        ("SECRET_KEY", "short"),
        ("PIN_PEPPER", "short"),
    ],
)
def test_production_refuses_what_is_only_good_for_development(name: str, value: object) -> None:
    assert f"PORTAL_{name}" in refusal(**{**PRODUCTION, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "prod"),
        ("BASE_URL", "cards.example.com"),
        ("BASE_URL", "https://cards.example.com/portal"),
        ("BASE_URL", "https://"),
        ("BCRYPT_COST", "ten"),
        ("PROXY_COUNT", "-1"),
        ("DATABASE_URL", "mysql://root@db/portal"),
        ("DATABASE_URL", "portal.db"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert text.startswith(f"PORTAL_{name}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUEUE_URL", "carrier-pigeon:"),
        ("QUEUE_URL", "sqlite:////nowhere/at/all/queue.db"),
        ("MAIL_URL", "carrier-pigeon:"),
        ("RATE_LIMIT_URL", "carrier-pigeon:"),
    ],
)
def test_a_place_that_cannot_be_used_is_named_at_the_start(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        create_app(load_settings(INSTANCE_DIR=tmp_path / "i", **{name: value}))
    text = str(caught.value)
    assert text.startswith(f"PORTAL_{name}: ")
    assert "\n" not in text


def test_an_unreadable_env_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORTAL_ENV=\xff\xfe")
    assert "can't be read" in refusal()


def test_the_environment_and_the_env_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORTAL_PLATFORM_NAME=Karte\nPORTAL_PROXY_COUNT=1\n")
    monkeypatch.setenv("PORTAL_PROXY_COUNT", "2")
    settings = load_settings(INSTANCE_DIR=tmp_path / "i")
    assert (settings.PLATFORM_NAME, settings.PROXY_COUNT) == ("Karte", 2)


def test_secrets_can_lie_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "PORTAL_SECRET_KEY").write_text(LONG + "\n")
    monkeypatch.setenv("PORTAL_SECRETS_DIR", str(tmp_path))
    assert load_settings(INSTANCE_DIR=tmp_path / "i").SECRET_KEY == LONG
    monkeypatch.setenv("PORTAL_SECRETS_DIR", str(tmp_path / "elsewhere"))
    assert "PORTAL_SECRETS_DIR" in refusal()


def test_damaged_secrets_say_so(tmp_path: Path) -> None:
    for text in ("{", "[]", json.dumps({"SECRET_KEY": LONG})):
        (tmp_path / "secrets.json").write_text(text)
        assert "secrets.json is damaged" in refusal(INSTANCE_DIR=tmp_path)


def test_an_instance_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(INSTANCE_DIR=tmp_path / "file/instance").startswith("PORTAL_INSTANCE_DIR: ")


def test_files_lie_where_they_are_expected(tmp_path: Path) -> None:
    settings = load_settings(INSTANCE_DIR=tmp_path / "data")
    assert settings.database_url == f"sqlite:///{tmp_path}/data/portal.db"
    assert settings.queue_url == f"sqlite:///{tmp_path}/data/queue.db"
    relative = load_settings(INSTANCE_DIR=tmp_path / "data", DATABASE_URL="sqlite:///data/other.db")
    assert relative.database_url == f"sqlite:///{tmp_path}/data/other.db"
    absolute = load_settings(INSTANCE_DIR=tmp_path / "data", DATABASE_URL="sqlite:////var/x.db")
    assert absolute.database_url == "sqlite:////var/x.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_hosts_postgresql_address_gets_our_driver(scheme: str, tmp_path: Path) -> None:
    settings = load_settings(INSTANCE_DIR=tmp_path, DATABASE_URL=f"{scheme}://portal:s3cret@db:5432/portal")
    assert settings.database_url == "postgresql+psycopg://portal:s3cret@db:5432/portal"


def test_keys_rotate_with_the_newest_first(tmp_path: Path) -> None:
    settings = load_settings(
        INSTANCE_DIR=tmp_path, TOTP_SECRETS="new, old", PIN_PEPPER="now", PIN_PEPPER_FALLBACKS="before,long before"
    )
    assert settings.totp_secrets == {"2": "new", "1": "old"}
    assert settings.peppers == ["now", "before", "long before"]


def test_secrets_never_stand_in_an_error(tmp_path: Path) -> None:
    text = refusal(DATABASE_URL="mysql://root:s3cret@db/portal", SECRET_KEY="s3cret")
    assert "s3cret" not in text
