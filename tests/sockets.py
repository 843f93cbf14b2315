"""No test speaks to the outside: sockets reach this machine and nothing else.

An audit hook sees every connection that Python makes, whatever library asks for it. (libpq connects by itself;
the tests' PostgreSQL is named in `tests/shops.py`.)
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest

REFUSED: list[str] = []
"""Where something wanted to go."""
_NAMES = {"", "localhost", "ip6-localhost"}
_guarded = False


class OutsideSocket(OSError):
    """A test, or what it tests, wanted to leave this machine. To the portal it is a network that can't be reached."""


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuses every way out, and fails the run when one was tried, even where the refusal was swallowed."""
    global _guarded
    if not _guarded:
        sys.addaudithook(_guard)
        _guarded = True
    yield
    assert not REFUSED, f"something wanted to leave this machine: {REFUSED}"


def is_here(host: object) -> bool:
    """Whether a host's name or address is this machine's."""
    if host is None:
        return True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name.lower() in _NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        # Internet addresses are tuples; unix sockets have a path, and a family of their own has no way out.
        if isinstance(address, tuple) and not is_here(address[0]):
            _refuse(event, address[0])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not is_here(arguments[0]):
        _refuse(event, arguments[0])


def _refuse(event: str, host: object) -> None:
    REFUSED.append(f"{event} {host!r}")
    raise OutsideSocket(f"{event}: {host!r} is not this machine")
