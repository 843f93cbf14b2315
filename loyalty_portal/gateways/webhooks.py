"""Sending events to addresses that strangers typed: resolved once, checked, and reached at the checked address."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx
import structlog

log = structlog.get_logger(__name__)
STEP_SECONDS = 5
"""The longest that connecting, sending, or one read of the answer may take."""
IN_ALL_SECONDS = 10
"""The longest that one delivery may take, so that an answer that drips doesn't hold a worker."""
KEPT_BYTES = 1024
MOST_ADDRESSES = 3

_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
"""A name as resolvers know it, or an address; a bracket or a percent sign is part of neither."""

Resolver = Callable[[str, int], Sequence[str]]

_REFUSED_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    ).split()
]
# All that is assigned to the public lies in 2000::/3; this leaves out ::1, IPv4-mapped and -compatible addresses,
# NAT64, unique local, link-local, site-local and multicast. Within it, Teredo and 6to4 carry other addresses.
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6 = [ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


class AddressRefused(Exception):
    """An address that isn't sent to. `reason`: `url`, `unresolved` or `private`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parcel:
    """One POST: the body goes out byte for byte."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class WebhookAnswer:
    """What became of a parcel: a status and the beginning of its answer, or why there is none.

    `error`: `url`, `unresolved`, `private`, `unreachable`, `tls`, `timeout`, `broken`.
    """

    status: int | None = None
    text: str | None = None
    error: str | None = None
    _kept: bytearray = field(default_factory=bytearray)

    @property
    def is_ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def finish(self) -> WebhookAnswer:
        """The kept bytes as text that any database and page can hold."""
        text = bytes(self._kept[:KEPT_BYTES]).decode("utf-8", "replace")
        self.text = "".join(sign for sign in text if sign.isprintable() or sign in "\n\t").strip() or None
        return self


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses that the machine's resolver knows. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def is_public(address: str) -> bool:
    """Whether the whole internet may be meant by this address, in the form it is written in."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _REFUSED_V4)
    return ip.scope_id is None and ip in _PUBLIC_V6 and not any(ip in network for network in _REFUSED_V6)


class WebhookGateway:
    """Sends parcels. `allow_private` (development) lets http and private addresses through; `ca` is a PEM file of
    authorities to trust instead of the usual ones.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        ca: Path | None = None,
        resolver: Resolver = system_resolver,
        step_seconds: float = STEP_SECONDS,
        in_all_seconds: float = IN_ALL_SECONDS,
    ) -> None:
        self._allow_private = allow_private
        self._ca = ca
        self._resolver = resolver
        self._step_seconds = step_seconds
        self._in_all_seconds = in_all_seconds
        # Threads of our own: a resolver that hangs holds one of these, not the worker.
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._ca)) if self._ca else httpx.create_ssl_context()

    def check(self, url: str) -> None:
        """Whether an address would be sent to, as it resolves now. Raises `AddressRefused`. Asks the network."""
        target = self._target(url)
        future = self._threads.submit(self._addresses, target)
        try:
            future.result(timeout=self._step_seconds)
        except TimeoutError:
            raise AddressRefused("unresolved") from None

    def send_all(self, parcels: Sequence[Parcel]) -> list[WebhookAnswer]:
        """Sends all at once, so that a slow address delays no other; answers in their order. Never raises for one."""
        return asyncio.run(self._send_all(parcels))

    async def _send_all(self, parcels: Sequence[Parcel]) -> list[WebhookAnswer]:
        # Neither proxies nor credentials of the machine's environment are used.
        async with httpx.AsyncClient(
            verify=self._tls, timeout=self._step_seconds, follow_redirects=False, trust_env=False
        ) as client:
            return list(await asyncio.gather(*(self._send(client, parcel) for parcel in parcels)))

    async def _send(self, client: httpx.AsyncClient, parcel: Parcel) -> WebhookAnswer:
        answer = WebhookAnswer()
        try:
            async with asyncio.timeout(self._in_all_seconds):
                await self._deliver(client, parcel, answer)
        except AddressRefused as refused:
            answer.error = refused.reason
        except (TimeoutError, httpx.TimeoutException):
            answer.error = "timeout"
        except httpx.HTTPError as error:
            answer.error = _word(error)
        except Exception:
            # Whatever a stranger's address may bring about: it fails by itself, and not the whole batch with it.
            log.exception("webhook_send")
            answer.error = "broken"
        if answer.status is not None:
            # Who said 200 and then cut the line has said 200.
            answer.error = None
        return answer.finish()

    async def _deliver(self, client: httpx.AsyncClient, parcel: Parcel, answer: WebhookAnswer) -> None:
        target = self._target(parcel.url)
        loop = asyncio.get_running_loop()
        addresses = await loop.run_in_executor(self._threads, self._addresses, target)
        for place, address in enumerate(addresses, start=1):
            try:
                await self._post(client, target, address, parcel, answer)
                return
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if place == len(addresses):
                    raise

    async def _post(
        self, client: httpx.AsyncClient, target: httpx.URL, address: str, parcel: Parcel, answer: WebhookAnswer
    ) -> None:
        """Connects to the checked address; the name goes into Host and SNI, and the certificate must be the name's."""
        headers = parcel.headers | {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        async with client.stream(
            "POST",
            target.copy_with(host=address),
            headers=headers,
            content=parcel.body,
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        ) as response:
            answer.status = response.status_code
            async for chunk in response.aiter_raw(KEPT_BYTES):
                answer._kept += chunk
                if len(answer._kept) >= KEPT_BYTES:
                    return

    def _target(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError, ValueError):
            raise AddressRefused("url") from None
        schemes = {"https", "http"} if self._allow_private else {"https"}
        is_named = target.scheme in schemes and _HOST.fullmatch(target.raw_host) is not None
        if not is_named or target.userinfo or not 1 <= _port(target) <= 65535:
            raise AddressRefused("url")
        return target.copy_with(fragment=None)

    def _addresses(self, target: httpx.URL) -> list[str]:
        """Where the name leads, once; one address that isn't public refuses the name."""
        try:
            found = list(self._resolver(target.raw_host.decode("ascii"), _port(target)))
        except (OSError, UnicodeError):
            raise AddressRefused("unresolved") from None
        if not found:
            raise AddressRefused("unresolved")
        if not self._allow_private and not all(is_public(address) for address in found):
            raise AddressRefused("private")
        return found[:MOST_ADDRESSES]


def _port(target: httpx.URL) -> int:
    if target.port is not None:
        return target.port
    return 443 if target.scheme == "https" else 80


def _word(error: BaseException) -> str:
    """One word for a failure of the line."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        cause = cause.__cause__ or cause.__context__
    return "unreachable" if isinstance(error, httpx.ConnectError) else "broken"
