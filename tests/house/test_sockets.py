"""House rule 10: tests run with outside sockets blocked."""

from __future__ import annotations

import smtplib
import socket
from pathlib import Path

import httpx
import pytest

from tests.sockets import REFUSED, OutsideSocket, is_here


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 443)])
def test_no_connection_leaves(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as one:
        one.settimeout(0.2)
        with pytest.raises(OutsideSocket):
            one.connect(address)
        with pytest.raises(OutsideSocket):
            one.connect_ex(address)
    assert len(REFUSED) == 2
    REFUSED.clear()


def test_no_datagram_and_no_question_for_a_name_leaves() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, pytest.raises(OutsideSocket):
        one.sendto(b"?", ("192.0.2.1", 53))
    with pytest.raises(OutsideSocket):
        socket.getaddrinfo("cards.example", 443)
    with pytest.raises(OutsideSocket):
        socket.gethostbyname("cards.example")
    assert len(REFUSED) == 3
    REFUSED.clear()


def test_libraries_are_stopped_too() -> None:
    with pytest.raises(httpx.ConnectError, match="is not this machine"):
        httpx.get("https://192.0.2.1/", timeout=0.2)
    with pytest.raises(OutsideSocket):
        smtplib.SMTP("192.0.2.1", 25, timeout=0.2)
    REFUSED.clear()


def test_this_machine_is_reached(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 1).close()
        socket.create_connection(("localhost", server.getsockname()[1]), 1).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as one:
        server.bind(str(tmp_path / "here"))
        server.listen()
        one.connect(str(tmp_path / "here"))


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        (None, True),
        (b"localhost", True),
        ("127.0.0.1.example", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("localhost.example", False),
    ],
)
def test_what_is_here(host: object, here: bool) -> None:
    assert is_here(host) is here
