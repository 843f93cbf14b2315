"""Other people's servers: they take webhooks over HTTP or HTTPS and do what they are told, faults included."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from loyalty_portal.app import create_app
from loyalty_portal.clock import FrozenClock
from loyalty_portal.database import db
from loyalty_portal.gateways import Gateways
from loyalty_portal.gateways.webhooks import WebhookGateway
from loyalty_portal.settings import load_settings
from tests.shops import Databases, Postbox

HOST = "hooks.example.com"
MakeApp = Callable[..., Flask]


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    path: str
    headers: dict[str, str]
    body: str


class Receiver:
    """A server on loopback. `plan` says what it does to the next requests; afterwards it answers 200."""

    def __init__(self, pem: Path | None = None) -> None:
        self.seen: list[Seen] = []
        self.sni: list[str | None] = []
        self.plan: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.otherwise: Callable[[BaseHTTPRequestHandler], None] = answers(200, b"thank you")
        self.opened = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            context.sni_callback = lambda _socket, name, _context: self.sni.append(name)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.opened.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            receiver.seen.append(Seen(self.path, dict(self.headers.items()), body))
            act = receiver.plan.pop(0) if receiver.plan else receiver.otherwise
            act(self)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


# What a receiver can do


def answers(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return act


def cuts(request: BaseHTTPRequestHandler) -> None:
    """Hangs up without a word."""
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


def cuts_after_200(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "500")
    request.end_headers()
    request.wfile.write(b"thank")
    request.wfile.flush()
    cuts(request)


def is_silent_until(opened: threading.Event) -> Callable[[BaseHTTPRequestHandler], None]:
    def act(request: BaseHTTPRequestHandler) -> None:
        opened.wait(20)
        request.close_connection = True

    return act


def drips_until(opened: threading.Event) -> Callable[[BaseHTTPRequestHandler], None]:
    """Sends a header's letters one by one, each in time, for ever."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        try:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not opened.wait(0.05):
                request.wfile.write(b"z")
        except OSError:
            pass

    return act


# Certificates


def make_authority(folder: Path, name: str = HOST) -> tuple[Path, Path]:
    """A certificate authority of our own and a server's key and certificate from it: (CA's PEM, server's PEM)."""
    authority_key, authority = _certificate("Test authority", None, None)
    key, certificate = _certificate(name, authority, authority_key)
    ca, pem = folder / f"{name}-ca.pem", folder / f"{name}.pem"
    ca.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return ca, pem


def _certificate(
    name: str, issuer: x509.Certificate | None, issuer_key: ec.EllipticCurvePrivateKey | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    # The machine's clock judges it, whatever the tests' clock says.
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer_key or key).public_key()), critical=False
        )
    )
    if issuer is None:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return key, builder.sign(issuer_key or key, hashes.SHA256())


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server without TLS."""
    server = Receiver()
    yield server
    server.stop()


@pytest.fixture
def tls_receiver(authority: tuple[Path, Path]) -> Iterator[Receiver]:
    """A server with a certificate for `HOST`."""
    server = Receiver(authority[1])
    yield server
    server.stop()


@pytest.fixture
def make_app(
    databases: Databases, engine: str, clock: FrozenClock, postbox: Postbox, tmp_path: Path
) -> Iterator[MakeApp]:
    """Portals that may send to this machine."""
    made: list[Flask] = []

    def make(**given: Any) -> Flask:
        settings = {
            "DATABASE_URL": databases.copy(engine),
            "QUEUE_URL": "immediate:",
            "BCRYPT_COST": 4,
            "RATE_LIMITS": False,
            "INSTANCE_DIR": tmp_path,
        }
        gateways = Gateways(
            mail=postbox, webhooks=WebhookGateway(allow_private=True, step_seconds=30, in_all_seconds=60)
        )
        app = create_app(load_settings(**(settings | given)), clock=clock, gateways=gateways)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
