"""Google, on loopback: the token endpoint, the Wallet API, and the root keys of callbacks.

It checks what Google checks: the assertion of the service account, each body against the discovery document, and what
its documentation says beyond that. Faults come on demand.
"""

from __future__ import annotations

import base64
import copy
import importlib.resources
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google.auth.jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from loyalty_portal.clock import Clock, FrozenClock
from loyalty_portal.gateways.google_callback import signed_bytes

ISSUER = "3388000000012345678"
ACCOUNT = "wallet@stempel-test.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
KINDS = {"loyaltyClass": "LoyaltyClass", "loyaltyObject": "LoyaltyObject"}
Fault = Callable[["Request"], None]


@cache
def discovery() -> dict[str, Any]:
    """The contract, as Google ships it."""
    folder = importlib.resources.files("googleapiclient") / "discovery_cache" / "documents"
    return dict(json.loads((folder / "walletobjects.v1.json").read_text()))


def faults_in(name: str, value: Any, *, nulls: bool, at: str = "") -> list[str]:
    """What in a body isn't as the discovery document says."""
    return _faults(discovery()["schemas"][name], value, nulls, at or name)


def _faults(schema: dict[str, Any], value: Any, nulls: bool, at: str) -> list[str]:
    if "$ref" in schema:
        schema = discovery()["schemas"][schema["$ref"]]
    if value is None:
        return [] if nulls else [f"{at}: null"]
    kind = schema["type"]
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{at}: no object"]
        known = schema.get("properties", {})
        found = [f"{at}.{name}: unknown" for name in value.keys() - known.keys()]
        return found + [
            fault
            for name, item in value.items()
            if name in known
            for fault in _faults(known[name], item, nulls, f"{at}.{name}")
        ]
    if kind == "array":
        if not isinstance(value, list):
            return [f"{at}: no list"]
        return [fault for item in value for fault in _faults(schema["items"], item, False, f"{at}[]")]
    if kind == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
    else:
        fits = isinstance(value, {"string": str, "boolean": bool, "number": (int, float)}[kind])
    if not fits or ("enum" in schema and value not in schema["enum"]):
        return [f"{at}: {value!r} is no {kind} or not of the list"]
    return []


def merged(old: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """What a PATCH makes: objects merge, lists are replaced, null clears."""
    new = copy.deepcopy(old)
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        elif isinstance(value, dict) and isinstance(new.get(name), dict):
            new[name] = merged(new[name], value)
        else:
            new[name] = merged({}, value) if isinstance(value, dict) else value
    return new


class Refused(Exception):
    def __init__(self, status: int, message: str, reason: str = "badRequest") -> None:
        super().__init__(message)
        self.status, self.message, self.reason = status, message, reason


@dataclass
class Request:
    """A request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    handler: BaseHTTPRequestHandler

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def answer(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        self.handler.wfile.write(data)


@dataclass
class Google:
    """`plan`: what becomes of the next calls of the API, one each; `always`: of all of them while it is set.
    `token_plan`: the same for the token endpoint.
    """

    clock: Clock
    key: rsa.RSAPrivateKey
    plan: list[Fault] = field(default_factory=list)
    token_plan: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    notices: dict[str, list[datetime]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    keys_asked: int = 0
    keys_down: bool = False
    root: Root = field(default_factory=lambda: Root())

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.opened = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.opened.set()
        self._server.shutdown()
        self._server.server_close()

    def key_file(self, path: Path, **changes: Any) -> Path:
        """A service account's key file, as Google's console gives it."""
        private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        info = {
            "type": "service_account",
            "project_id": "stempel-test",
            "private_key_id": "0123456789abcdef0123456789abcdef01234567",
            "private_key": private.decode(),
            "client_email": ACCOUNT,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": f"{self.url}/token",
            "universe_domain": "googleapis.com",
        }
        path.write_text(json.dumps(info | changes))
        return path

    def settings(self, folder: Path) -> dict[str, str]:
        """The portal's settings for this Google."""
        return {
            "GOOGLE_ISSUER_ID": ISSUER,
            "GOOGLE_CREDENTIALS": str(self.key_file(folder / "google.json")),
            "GOOGLE_API_URL": self.url,
            "GOOGLE_KEYS_URL": f"{self.url}/keys",
        }

    @property
    def calls(self) -> Counter[str]:
        """How often each method and kind was called."""
        return Counter(f"{method} {path.split('/')[0].split('?')[0]}" for method, path in self.seen)

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def claims(self, link: str) -> dict[str, Any]:
        """What a save link's JWT says, once its signature holds."""
        assert link.startswith("https://pay.google.com/gp/v/save/")
        token = link.rsplit("/", 1)[-1]
        header, body, signature = token.split(".")
        assert json.loads(_unpadded(header))["alg"] == "RS256"
        self.key.public_key().verify(
            _unpadded(signature), f"{header}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        return dict(json.loads(_unpadded(body)))

    # What the server does.

    def take(self, request: Request) -> None:
        with self._lock:
            self.connections.add(request.handler.client_address)
        route = urlsplit(request.path)
        if route.path == "/token":
            if self.token_plan:
                self.token_plan.pop(0)(request)
                return
            self._answered(request, self._grant)
        elif route.path == "/keys":
            self.keys_asked += 1
            if self.keys_down:
                request.answer(503, {})
            else:
                request.answer(200, self.root.document())
        elif route.path.startswith("/walletobjects/v1/"):
            place = request.path.removeprefix("/walletobjects/v1/")
            with self._lock:
                self.seen.append((request.method, place))
                fault = self.always or (self.plan.pop(0) if self.plan else None)
            if fault is not None:
                fault(request)
            else:
                self._answered(request, lambda one: self._api(one, place))
        else:
            request.answer(404, {})

    def _answered(self, request: Request, act: Callable[[Request], Any]) -> None:
        try:
            found = act(request)
        except Refused as error:
            if error.status == 400:
                self.complaints.append(error.message)
            request.answer(error.status, problem(error.status, error.message, error.reason))
        else:
            request.answer(200, found)

    def _grant(self, request: Request) -> Any:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Refused(400, "unsupported_grant_type")
        try:
            claims = google.auth.jwt.decode(form["assertion"], certs=self.public_pem(), audience=AUDIENCE)
        except (ValueError, KeyError) as error:
            self.complaints.append(f"assertion: {error}")
            raise Refused(401, "invalid_grant", "invalid_grant") from error
        if claims["iss"] != ACCOUNT or claims["scope"] != SCOPE or claims["exp"] - claims["iat"] > 3600:
            raise Refused(400, f"invalid_grant: {claims}")
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def _api(self, request: Request, place: str) -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens or token in self.revoked:
            raise Refused(401, "Request had invalid authentication credentials.", "authError")
        kind, _, rest = urlsplit(place).path.partition("/")
        if kind not in KINDS:
            raise Refused(404, f"no such resource: {kind}", "notFound")
        with self._lock:
            store = self.classes if kind == "loyaltyClass" else self.objects
            if request.method == "GET" and not rest:
                return {"resources": list(store.values()), "pagination": {"resultsPerPage": len(store)}}
            if request.method == "GET":
                return self._one(store, unquote(rest))
            body = request.json
            self.bodies.append(body)
            if request.method == "POST" and not rest:
                return self._insert(kind, store, body)
            if request.method == "PATCH" and rest:
                return self._patch(kind, store, unquote(rest), body)
        raise Refused(405, "method not allowed")

    @staticmethod
    def _one(store: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
        if name not in store:
            raise Refused(404, f"Wallet Object {name} not found", "notFound")
        return store[name]

    def _insert(self, kind: str, store: dict[str, dict[str, Any]], body: dict[str, Any]) -> Any:
        self._check(kind, body, nulls=False)
        name = body.get("id", "")
        if not re.fullmatch(rf"{ISSUER}\.[A-Za-z0-9._-]+", name):
            raise Refused(400, f"invalid resource id: {name}")
        if name in store:
            raise Refused(409, f"{name} already exists", "existingObject")
        if "notifyPreference" in body:
            raise Refused(400, "notifyPreference is for updates")
        self._whole(kind, body)
        store[name] = copy.deepcopy(body)
        return store[name]

    def _patch(self, kind: str, store: dict[str, dict[str, Any]], name: str, body: dict[str, Any]) -> Any:
        self._check(kind, body, nulls=True)
        old = self._one(store, name)
        if kind == "loyaltyClass" and body.get("reviewStatus") != "UNDER_REVIEW":
            raise Refused(400, "Invalid review status")
        if body.get("notifyPreference") == "NOTIFY_ON_UPDATE":
            now = self.clock.now()
            recent = [at for at in self.notices.get(name, []) if now - at < timedelta(hours=24)]
            if len(recent) >= 3:
                raise Refused(403, "Quota exceeded", "QuotaExceededException")
            self.notices[name] = [*recent, now]
        new = merged(old, {key: value for key, value in body.items() if key != "notifyPreference"})
        self._whole(kind, new)
        store[name] = new
        return new

    @staticmethod
    def _check(kind: str, body: dict[str, Any], *, nulls: bool) -> None:
        if faults := faults_in(KINDS[kind], body, nulls=nulls):
            raise Refused(400, "; ".join(faults))

    def _whole(self, kind: str, body: dict[str, Any]) -> None:
        """What the documentation asks beyond the types."""
        for name in _REQUIRED[kind]:
            if not body.get(name):
                raise Refused(400, f"{kind}.{name} is required")
        if kind == "loyaltyObject":
            if body["classId"] not in self.classes:
                raise Refused(404, f"class {body['classId']} not found", "IssuerClassNotFound")
            for name in ("loyaltyPoints", "secondaryLoyaltyPoints"):
                points = body.get(name)
                if points is not None and len(points["balance"]) != 1:
                    raise Refused(400, f"{name}.balance has {len(points['balance'])} values")
                if points is not None and len(points["label"]) > 9:
                    raise Refused(400, f"{name}.label is too long")
            if len(body.get("accountName", "")) > 20:
                raise Refused(400, "accountName is too long")
        if len(body.get("textModulesData", [])) > 10 or any(
            "." in one["id"] for one in body.get("textModulesData", [])
        ):
            raise Refused(400, "textModulesData")
        for uri in body.get("linksModuleData", {}).get("uris", []):
            if not urlsplit(uri["uri"]).scheme:
                raise Refused(400, "a link needs a scheme")


_REQUIRED = {
    "loyaltyClass": ("id", "issuerName", "programName", "programLogo", "reviewStatus"),
    "loyaltyObject": ("id", "classId", "state"),
}


def _handler(server: Google) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Small answers aren't held back to be sent together.
        disable_nagle_algorithm = True
        wbufsize = -1

        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.take(Request(self.command, self.path, dict(self.headers.items()), body, self))
            self.wfile.flush()

        def do_GET(self) -> None:
            self.take()

        def do_POST(self) -> None:
            self.take()

        def do_PATCH(self) -> None:
            self.take()

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def problem(status: int, message: str, reason: str = "") -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}}


# Faults


def says(status: int, message: str = "told to", reason: str = "fault") -> Fault:
    return lambda request: request.answer(status, problem(status, message, reason))


def cuts(request: Request) -> None:
    """Hangs up without a word."""
    request.handler.close_connection = True
    request.handler.connection.shutdown(socket.SHUT_RDWR)


def does_and_cuts(google: Google) -> Fault:
    """Does what was asked, and loses the answer."""

    def act(request: Request) -> None:
        try:
            google._api(request, request.path.removeprefix("/walletobjects/v1/"))
        finally:
            cuts(request)

    return act


def is_silent(google: Google) -> Fault:
    """Says nothing until the server stops."""

    def act(request: Request) -> None:
        google.opened.wait(30)
        request.handler.close_connection = True

    return act


# Callbacks


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _spki(key: ec.EllipticCurvePrivateKey) -> str:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def signed(key: ec.EllipticCurvePrivateKey, *parts: str) -> str:
    return base64.b64encode(key.sign(signed_bytes(*parts), ec.ECDSA(hashes.SHA256()))).decode()


@dataclass
class Root:
    """Google's root keys and what they sign."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    middle: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    protocol: str = "ECv2SigningOnly"
    expires: datetime = datetime(2100, 1, 1, tzinfo=UTC)

    def document(self) -> dict[str, Any]:
        other = ec.generate_private_key(ec.SECP256R1())
        return {
            "keys": [
                {"keyValue": _spki(other), "protocolVersion": "ECv1"},
                {
                    "keyValue": _spki(self.key),
                    "protocolVersion": self.protocol,
                    "keyExpiration": _milliseconds(self.expires),
                },
            ]
        }

    def callback(
        self,
        now: datetime,
        *,
        recipient: str = ISSUER,
        sender: str = "GooglePayPasses",
        middle_lasts: timedelta = timedelta(days=1),
        lasts: timedelta = timedelta(hours=1),
        root: ec.EllipticCurvePrivateKey | None = None,
        **message: Any,
    ) -> dict[str, Any]:
        """An envelope as Google posts it."""
        content = {
            "classId": f"{ISSUER}.class",
            "objectId": f"{ISSUER}.object",
            "expTimeMillis": int((now + lasts).timestamp() * 1000),
            "eventType": "save",
            "nonce": "a-nonce",
        } | message
        text = json.dumps(content, ensure_ascii=False)
        middle = json.dumps({"keyValue": _spki(self.middle), "keyExpiration": _milliseconds(now + middle_lasts)})
        return {
            "signature": signed(self.middle, sender, recipient, "ECv2SigningOnly", text),
            "intermediateSigningKey": {
                "signedKey": middle,
                "signatures": [signed(root or self.key, sender, "ECv2SigningOnly", middle)],
            },
            "protocolVersion": "ECv2SigningOnly",
            "signedMessage": text,
        }


@pytest.fixture(scope="session")
def service_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def google_server(service_key: rsa.RSAPrivateKey, clock: FrozenClock) -> Iterator[Google]:
    server = Google(clock, service_key)
    yield server
    server.stop()
    assert server.complaints == []
