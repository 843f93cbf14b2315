"""The settings, each with the prefix `PORTAL_`: from the environment, a `.env` file, or a folder of secrets
(`PORTAL_SECRETS_DIR`, one file a setting, as container engines mount them). Development needs none.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from loyalty_portal.paths import default_instance

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE)
_SAFE_URL = re.compile(r"https://[^/]|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/|$)", re.IGNORECASE)
SECRETS = ("SECRET_KEY", "PIN_PEPPER", "TOTP_SECRETS")


class SettingsError(Exception):
    """The settings don't allow a start; the message says what to do."""


class Settings(BaseSettings):
    """Every setting of the portal. Lists are separated by commas."""

    model_config = SettingsConfigDict(
        env_prefix="PORTAL_",
        env_file=".env",
        extra="ignore",
        case_sensitive=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    ENV: Literal["development", "production"] = "development"
    DEBUG: bool = False
    PLATFORM_NAME: str = "Stempel"
    BASE_URL: str = "http://127.0.0.1:8000"
    INSTANCE_DIR: Path = Field(default_factory=default_instance)

    SECRET_KEY: str = ""
    SECRET_KEY_FALLBACKS: str = ""
    PIN_PEPPER: str = ""
    PIN_PEPPER_FALLBACKS: str = ""
    TOTP_SECRETS: str = ""
    BCRYPT_COST: int = Field(default=10, ge=4, le=15)

    DATABASE_URL: str = ""
    QUEUE_URL: str = ""
    RATE_LIMIT_URL: str = "memory://"
    RATE_LIMITS: bool = True
    API_RATE_LIMIT: int = Field(default=1200, ge=1, le=1_000_000)
    MAIL_URL: str = "console:"
    MAIL_FROM: str = ""

    GOOGLE_ISSUER_ID: str = ""
    GOOGLE_CREDENTIALS: str = ""
    GOOGLE_API_URL: str = "https://walletobjects.googleapis.com"
    GOOGLE_KEYS_URL: str = "https://pay.google.com/gp/m/issuer/keys"

    PROXY_COUNT: int = Field(default=0, ge=0, le=5)
    WEBHOOK_PRIVATE: bool = False

    @field_validator("BASE_URL")
    @classmethod
    def _base_url(cls, value: str) -> str:
        value = value.rstrip("/")
        if not _ORIGIN.fullmatch(value):
            raise ValueError("must be an address like https://cards.example.com, without a path")
        return value

    @field_validator("GOOGLE_ISSUER_ID")
    @classmethod
    def _google_issuer_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"[0-9]{4,30}", value):
            raise ValueError("must be the issuer's number, as Google's console shows it")
        return value

    @field_validator("GOOGLE_API_URL", "GOOGLE_KEYS_URL")
    @classmethod
    def _google_url(cls, value: str) -> str:
        if not _SAFE_URL.match(value):
            raise ValueError("must begin with https://, or with http:// on this machine")
        return value

    @field_validator("DATABASE_URL")
    @classmethod
    def _database_url(cls, value: str) -> str:
        if not value:
            return value
        scheme, separator, rest = value.partition("://")
        if scheme in {"postgres", "postgresql"}:
            # What hosts hand out; the driver that we bring is psycopg.
            value = f"postgresql+psycopg{separator}{rest}"
        try:
            known = make_url(value).drivername in {"sqlite", "postgresql+psycopg"}
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @property
    def is_production(self) -> bool:
        return self.ENV == "production"

    @property
    def peppers(self) -> list[str]:
        """The PIN's peppers, the present one first."""
        return [self.PIN_PEPPER, *_list(self.PIN_PEPPER_FALLBACKS)]

    @property
    def totp_secrets(self) -> dict[str, str]:
        """The keys of the second factor's secrets, by their number; the newest stands first and has the highest."""
        keys = _list(self.TOTP_SECRETS)
        return {str(len(keys) - place): key for place, key in enumerate(keys)}

    @property
    def secret_key_fallbacks(self) -> list[str]:
        return _list(self.SECRET_KEY_FALLBACKS)

    @property
    def database_url(self) -> str:
        """The database's URL. A relative SQLite file lies relative to the folder that holds the instance."""
        return _in_place(self.DATABASE_URL or self._file("portal.db"), self.INSTANCE_DIR)

    @property
    def queue_url(self) -> str:
        return _in_place(self.QUEUE_URL or self._file("queue.db"), self.INSTANCE_DIR)

    def _file(self, name: str) -> str:
        return f"sqlite:///{self.INSTANCE_DIR.absolute() / name}"

    @property
    def mail_from(self) -> str:
        if self.MAIL_FROM:
            return self.MAIL_FROM
        host = self.BASE_URL.split("://", 1)[1].split("/")[0].split(":")[0]
        return f"{self.PLATFORM_NAME} <no-reply@{host}>"


def load_settings(**given: Any) -> Settings:
    """The settings, checked. In development missing secrets are made once and kept in the instance folder.

    Raises `SettingsError` with one readable line.
    """
    settings = _read(given)
    if bool(settings.GOOGLE_ISSUER_ID) != bool(settings.GOOGLE_CREDENTIALS):
        raise SettingsError(
            "PORTAL_GOOGLE_ISSUER_ID and PORTAL_GOOGLE_CREDENTIALS: Google Wallet needs both, or neither"
        )
    if settings.is_production:
        _check_production(settings)
        return settings
    missing = [name for name in SECRETS if not getattr(settings, name)]
    if missing:
        kept = _kept_secrets(settings.INSTANCE_DIR)
        settings = settings.model_copy(update={name: kept[name] for name in missing})
    return settings


def _read(given: dict[str, Any]) -> Settings:
    folder = os.environ.get("PORTAL_SECRETS_DIR")
    if folder and not Path(folder).is_dir():
        raise SettingsError(f"PORTAL_SECRETS_DIR: there is no folder {folder}")
    try:
        return Settings(_secrets_dir=folder, **given)  # type: ignore[call-arg]
    except ValidationError as error:
        lines = [f"PORTAL_{item['loc'][0]}: {item['msg'].removeprefix('Value error, ')}" for item in error.errors()]
        raise SettingsError("; ".join(lines)) from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings can't be read: {' '.join(str(error).split())}") from None


def _check_production(settings: Settings) -> None:
    missing = [f"PORTAL_{name}" for name in (*SECRETS, "DATABASE_URL") if not getattr(settings, name)]
    if "BASE_URL" not in settings.model_fields_set:
        missing.append("PORTAL_BASE_URL")
    if missing:
        raise SettingsError(f"production needs {', '.join(missing)}")
    weak = [f"PORTAL_{name}" for name in SECRETS if len(getattr(settings, name)) < 32]
    if weak:
        raise SettingsError(f"{', '.join(weak)}: at least 32 characters, made by chance")
    if not settings.BASE_URL.startswith("https://"):
        raise SettingsError("PORTAL_BASE_URL: production is served over https:// only")
    if settings.DEBUG:
        raise SettingsError("PORTAL_DEBUG: debug has no place in production")
    if settings.WEBHOOK_PRIVATE:
        raise SettingsError("PORTAL_WEBHOOK_PRIVATE: only development sends webhooks into private networks")
    if settings.BCRYPT_COST < 10:
        raise SettingsError("PORTAL_BCRYPT_COST: at least 10 in production")


def _kept_secrets(instance: Path) -> dict[str, str]:
    """The development secrets, made once. Two processes that start at once agree: the first to link its file wins."""
    path = instance / "secrets.json"
    try:
        if not path.exists():
            _make_secrets(path)
        kept = json.loads(path.read_text())
        return {name: str(kept[name]) for name in SECRETS}
    except OSError as error:
        raise SettingsError(f"PORTAL_INSTANCE_DIR: {path} can't be used: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{path} is damaged: delete it, and everyone signs in anew with new PINs") from None


def _make_secrets(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made with mode 0600, and complete before it gets its name.
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump({secret: secrets.token_urlsafe(48) for secret in SECRETS}, file)
    try:
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)


def _in_place(url: str, instance: Path) -> str:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{(instance.parent / url.removeprefix(prefix)).absolute()}"
    return url


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
