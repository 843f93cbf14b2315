"""Google Wallet's REST API: classes and objects, and the signature of save links. Knows no models.

A key file of a service account says who we are; google-auth makes its assertions, httpx carries them.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import google.auth.exceptions
import google.auth.jwt
import google.auth.transport
import httpx
import structlog
from google.oauth2 import service_account

from loyalty_portal.clock import pause, stopwatch

log = structlog.get_logger(__name__)
API_URL = "https://walletobjects.googleapis.com"
SAVE_URL = "https://pay.google.com/gp/v/save/"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
PER_SECOND = 20
"""What Google allows a project."""
TRIES = 3
"""How often one call is sent before its job gives up for now; the pauses between jobs are the queue's."""
FIRST_PAUSE = 0.5
"""Seconds; each further pause is twice as long, and up to half of it is chance."""
CONNECT_SECONDS, ANSWER_SECONDS = 5, 10
_KEPT = 300


class GoogleError(Exception):
    """Google didn't do what was asked.

    `reason` is one word: `unreachable`, `timeout`, `busy` (429), `broken` (5xx), `credentials`, `forbidden`,
    `not_found`, `exists`, `quota` (of notifications) or `refused`. `status` is None where nothing was answered.
    """

    def __init__(self, reason: str, status: int | None = None, text: str = "") -> None:
        super().__init__(f"{reason} {status or ''} {text}".strip())
        self.reason = reason
        self.status = status
        self.text = text

    @property
    def is_passing(self) -> bool:
        """Whether it may work when it is simply tried again later."""
        return self.reason in {"unreachable", "timeout", "busy", "broken"}


class CredentialsError(ValueError):
    """The key file can't be used; the message says why, and nothing of the key."""


class Pace:
    """Spreads calls evenly: never more than `per_second` begin within a second, however many threads call."""

    def __init__(
        self,
        per_second: float = PER_SECOND,
        watch: Callable[[], float] = stopwatch,
        wait: Callable[[float], None] = pause,
    ) -> None:
        # A little more than their share, so that a second at Google's clock never holds one too many.
        self._gap = 1.02 / per_second
        self._watch = watch
        self._wait = wait
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self) -> None:
        """Waits until the next call may begin."""
        with self._lock:
            now = self._watch()
            begins = max(now, self._next)
            self._next = begins + self._gap
        if begins > now:
            self._wait(begins - now)

    def back_off(self, seconds: float) -> None:
        self._wait(seconds)


@dataclass(frozen=True, slots=True)
class _Answer(google.auth.transport.Response):
    """What google-auth wants to know of an answer."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class _Transport(google.auth.transport.Request):
    """google-auth's calls over httpx. What may pass is raised: how often it is tried again is decided at one place."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Answer:
        try:
            answer = self._client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise google.auth.exceptions.TransportError(error) from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise google.auth.exceptions.TransportError(
                httpx.HTTPStatusError("", request=answer.request, response=answer)
            )
        return _Answer(answer.status_code, answer.headers, answer.content)


def read_credentials(path: Path) -> service_account.Credentials:
    """The service account of a key file. Raises `CredentialsError`."""
    try:
        info = json.loads(path.read_text())
    except OSError as error:
        raise CredentialsError(f"{path} can't be read: {error.strerror}") from None
    except ValueError:
        raise CredentialsError(f"{path} is no JSON file") from None
    if not isinstance(info, dict) or info.get("type") != "service_account":
        raise CredentialsError(f"{path} is no key file of a service account")
    try:
        return service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])
    except (ValueError, TypeError, KeyError, AttributeError, google.auth.exceptions.GoogleAuthError):
        raise CredentialsError(f"{path} lacks client_email, token_uri or a private key that can be read") from None


class GoogleWallet:
    """The issuer's classes and objects at Google. Threads share the token and the pace, and have a client each."""

    def __init__(
        self,
        issuer_id: str,
        credentials: service_account.Credentials,
        *,
        api_url: str = API_URL,
        pace: Pace | None = None,
    ) -> None:
        self.issuer_id = issuer_id
        self._credentials = credentials
        self._base = f"{api_url.rstrip('/')}/walletobjects/v1"
        self._pace = pace or Pace()
        self._local = threading.local()
        self._token_lock = threading.Lock()

    @property
    def account(self) -> str:
        """The service account's address, which must be a user of the issuer."""
        return str(self._credentials.service_account_email)

    def put(self, kind: str, body: dict[str, Any]) -> None:
        """Brings a `loyaltyClass` or `loyaltyObject` to stand as in `body`, when it isn't known to be there: inserts
        it, and patches the one that is there already. Raises `GoogleError`.
        """
        try:
            self._call("POST", kind, without_nulls(body))
        except GoogleError as error:
            if error.reason != "exists":
                raise
            self._patch(kind, body)

    def patch(self, kind: str, body: dict[str, Any]) -> None:
        """The same for one that should be there: patches it, and inserts it when it is gone. Raises `GoogleError`."""
        try:
            self._patch(kind, body)
        except GoogleError as error:
            if error.reason != "not_found":
                raise
            self.put(kind, body)

    def get(self, kind: str, resource_id: str) -> dict[str, Any]:
        """How it stands at Google. Raises `GoogleError`."""
        return self._call("GET", f"{kind}/{quote(resource_id, safe='')}")

    def check(self) -> None:
        """Whether the account may read the issuer's classes. Raises `GoogleError`."""
        self._call("GET", f"loyaltyClass?issuerId={quote(self.issuer_id, safe='')}&maxResults=1")

    def save_link(self, class_id: str, object_id: str, issued_at: int) -> str:
        """The link that offers an object which is at Google already. `issued_at`: seconds since 1970.

        It names the object and nothing else, so it stays far below the 1,800 characters at which mails and browsers
        cut; it never expires, since it lies in old mails.
        """
        claims = {
            "iss": self.account,
            "aud": "google",
            "typ": "savetowallet",
            "iat": issued_at,
            "payload": {"loyaltyObjects": [{"id": object_id, "classId": class_id}]},
        }
        return SAVE_URL + google.auth.jwt.encode(self._credentials.signer, claims).decode("ascii")

    def _patch(self, kind: str, body: dict[str, Any]) -> None:
        path = f"{kind}/{quote(body['id'], safe='')}"
        try:
            self._call("PATCH", path, body)
        except GoogleError as error:
            if error.reason != "quota" or "notifyPreference" not in body:
                raise
            # Three notices a day: the change itself is always welcome.
            self._call("PATCH", path, {name: value for name, value in body.items() if name != "notifyPreference"})

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call, tried again while its failure may pass. Raises `GoogleError`."""
        wait = FIRST_PAUSE
        for number in range(1, TRIES + 1):
            try:
                return self._send(method, path, body)
            except GoogleError as error:
                if not error.is_passing or number == TRIES:
                    raise
                log.info("google_again", reason=error.reason, status=error.status)
            self._pace.back_off(wait * (1 + random.random() / 2))  # noqa: S311
            wait *= 2
        raise AssertionError

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """One call. A token that Google doesn't take any more is renewed once."""
        answer = self._request(method, path, body, self._token())
        if answer.status_code == 401:
            answer = self._request(method, path, body, self._token(but_not=answer.request.headers["Authorization"]))
        if answer.status_code >= 300:
            raise _refusal(answer)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise GoogleError("broken", answer.status_code, "the answer is no JSON object")
        return found

    def _request(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> httpx.Response:
        self._pace.take()
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip", "User-Agent": "Stempel/1 (gzip)"}
        try:
            return self._client.request(method, f"{self._base}/{path}", json=body, headers=headers)
        except httpx.HTTPError as error:
            raise _lost(error) from error

    def _token(self, but_not: str = "") -> str:
        """A token that is valid, and not the one in the header `but_not`. Raises `GoogleError`."""
        with self._token_lock:
            if not self._credentials.valid or but_not == f"Bearer {self._credentials.token}":
                try:
                    # `refresh` itself: `before_request` would also ask a further host of Google's in the background.
                    self._credentials.refresh(_Transport(self._client))
                except google.auth.exceptions.TransportError as error:
                    raise _token_lost(error) from error
                except google.auth.exceptions.GoogleAuthError as error:
                    raise GoogleError("credentials", None, _brief(str(error.args[0] if error.args else ""))) from error
            return str(self._credentials.token)

    @property
    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
            # Neither proxies nor credentials of the machine's environment are used.
            client = self._local.client = httpx.Client(timeout=timeout, trust_env=False)
        return client


def without_nulls(value: Any) -> Any:
    """A body for an insert: null means "clear" in a patch, and has nothing to clear here."""
    if isinstance(value, dict):
        kept = {name: without_nulls(item) for name, item in value.items() if item is not None}
        # A notice is for changes.
        kept.pop("notifyPreference", None)
        return kept
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def _refusal(answer: httpx.Response) -> GoogleError:
    status, text = answer.status_code, _told(answer)
    if re.search(r"quota.?exceeded.?exception", text, re.IGNORECASE):
        return GoogleError("quota", status, text)
    words = {401: "credentials", 403: "forbidden", 404: "not_found", 408: "timeout", 409: "exists", 429: "busy"}
    return GoogleError("broken" if status >= 500 else words.get(status, "refused"), status, text)


def _told(answer: httpx.Response) -> str:
    """Google's own words for an error: `{"error": {"message", "errors": [{"reason"}]}}`."""
    try:
        error = answer.json()["error"]
        reasons = " ".join(str(item.get("reason", "")) for item in error.get("errors", []))
        return _brief(f"{error.get('message', '')} {reasons}")
    except (ValueError, KeyError, TypeError, AttributeError):
        return _brief(answer.text)


def _brief(text: str) -> str:
    """One short line that any database and page can hold."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(line.split())[:_KEPT]


def _lost(error: BaseException) -> GoogleError:
    return GoogleError("timeout" if isinstance(error, httpx.TimeoutException) else "unreachable")


def _token_lost(error: google.auth.exceptions.TransportError) -> GoogleError:
    cause = error.__cause__ or (error.args[0] if error.args else None)
    if isinstance(cause, httpx.HTTPStatusError):
        status = cause.response.status_code
        return GoogleError("busy" if status == 429 else "broken", status, "the token endpoint")
    return _lost(cause) if isinstance(cause, BaseException) else GoogleError("unreachable")
