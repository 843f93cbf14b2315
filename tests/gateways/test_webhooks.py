"""Sending to strangers' servers: which addresses are refused, where the connection goes, what faults become."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from loyalty_portal.gateways.webhooks import AddressRefused, Parcel, WebhookAnswer, WebhookGateway, is_public
from tests.receivers import (
    HOST,
    Receiver,
    answers,
    authority,
    cuts,
    cuts_after_200,
    drips_until,
    is_silent_until,
    receiver,
    tls_receiver,
)

__all__ = ["authority", "receiver", "tls_receiver"]

PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:80b::200e"]
REFUSED = """
    127.0.0.1 127.1.2.3 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
    100.64.0.1 100.127.255.254 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9
    224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
    64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2002:808:808::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
    2001:db8::1 3fff::1 100::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 5f00::1
    2130706433 0x7f.1 localhost
""".split()


def to(*addresses: str) -> tuple[list[tuple[str, int]], object]:
    """A resolver that answers with these, and what it was asked."""
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return list(addresses)

    return asked, resolve


def send(gateway: WebhookGateway, url: str) -> WebhookAnswer:
    [answer] = gateway.send_all([Parcel(url, {"Stempel-Event": "stamp.earned"}, b'{"a":"\xc3\xa9"}')])
    return answer


def quick(**given: object) -> WebhookGateway:
    return WebhookGateway(**({"allow_private": True, "step_seconds": 0.4, "in_all_seconds": 0.9} | given))  # type: ignore[arg-type]


# Which addresses


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_sent_to(address: str) -> None:
    assert is_public(address)
    WebhookGateway(resolver=to(address)[1]).check(f"https://{HOST}/")


@pytest.mark.parametrize("address", REFUSED)
def test_other_addresses_are_refused_when_checked_and_when_sent_to(address: str) -> None:
    gateway = WebhookGateway(resolver=to(address)[1])
    with pytest.raises(AddressRefused) as refused:
        gateway.check(f"https://{HOST}/")
    assert refused.value.reason == "private"
    assert send(gateway, f"https://{HOST}/").error == "private"


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    assert send(WebhookGateway(resolver=to("8.8.8.8", "10.0.0.1")[1]), f"https://{HOST}/").error == "private"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "localhost"])
def test_spellings_of_loopback_are_seen_through(host: str) -> None:
    def resolve(name: str, port: int) -> Sequence[str]:
        # As the machine's resolver reads them, which asks nobody for numbers.
        return [
            "::1" if ":" in name else "127.0.0.1" if name == "localhost" else socket.inet_ntoa(socket.inet_aton(name))
        ]

    assert send(WebhookGateway(resolver=resolve), f"https://{host}/").error in {"private", "url"}


@pytest.mark.parametrize(
    "url", [f"http://{HOST}/", f"ftp://{HOST}/", f"https://me:pw@{HOST}/", "https:///x", "file:///etc/passwd", "x", ""]
)
def test_only_https_without_credentials(url: str) -> None:
    asked, resolve = to("8.8.8.8")
    with pytest.raises(AddressRefused) as refused:
        WebhookGateway(resolver=resolve).check(url)  # type: ignore[arg-type]
    assert refused.value.reason == "url"
    assert asked == []


@pytest.mark.parametrize(
    "host",
    ["[", "[::", "a:0", "a:65536", "a:99999999999", "a:x", "%00", "a b", "a..b", "-", ".", "xn--", "xn--\u00e9",
     "\u2100", "x" * 64 + ".com", "x." * 200, "\ud83d\udc36", "a%2f.com", "1.2.3.4.5"],
)  # fmt: skip
def test_what_is_no_host_is_refused_and_breaks_nothing(host: str) -> None:
    def resolve(name: str, port: int) -> Sequence[str]:
        # What the machine's resolver does first.
        name.encode("idna")
        raise OSError("no such name")

    gateway = WebhookGateway(resolver=resolve)
    with pytest.raises(AddressRefused) as refused:
        gateway.check(f"https://{host}/")
    assert refused.value.reason in {"url", "unresolved"}
    assert send(gateway, f"https://{host}/").error == refused.value.reason


def test_a_name_that_leads_nowhere() -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    assert send(WebhookGateway(resolver=resolve), f"https://{HOST}/").error == "unresolved"


# Where the connection goes


def test_the_parcel_arrives_byte_for_byte_under_its_name(authority: tuple[Path, Path], tls_receiver: Receiver) -> None:
    asked, resolve = to("127.0.0.1")
    gateway = quick(ca=authority[0], resolver=resolve, step_seconds=5, in_all_seconds=9)
    answer = send(gateway, f"https://{HOST}:{tls_receiver.port}/in?a=1#part")
    assert (answer.status, answer.text, answer.error) == (200, "thank you", None)
    [seen] = tls_receiver.seen
    assert (seen.path, seen.body) == ("/in?a=1", '{"a":"é"}')
    assert seen.headers["Host"] == f"{HOST}:{tls_receiver.port}"
    assert seen.headers["Stempel-Event"] == "stamp.earned"
    assert tls_receiver.sni == [HOST]
    assert asked == [(HOST, tls_receiver.port)]


def test_the_connection_goes_to_the_address_that_was_checked(
    authority: tuple[Path, Path], tls_receiver: Receiver
) -> None:
    """A name that answers differently the second time: there is no second time."""
    replies = [["127.0.0.1"], ["127.0.0.66"]]
    gateway = quick(ca=authority[0], resolver=lambda host, port: replies.pop(0), step_seconds=5, in_all_seconds=9)
    assert send(gateway, f"https://{HOST}:{tls_receiver.port}/").status == 200
    assert replies == [["127.0.0.66"]]


def test_a_name_that_turns_private_after_registration_is_refused(
    authority: tuple[Path, Path], tls_receiver: Receiver
) -> None:
    replies = [["8.8.8.8"], ["127.0.0.1"]]
    gateway = WebhookGateway(ca=authority[0], resolver=lambda host, port: replies.pop(0))
    url = f"https://{HOST}:{tls_receiver.port}/"
    gateway.check(url)
    assert send(gateway, url).error == "private"
    assert tls_receiver.seen == []


def test_a_certificate_for_another_name_is_refused(authority: tuple[Path, Path], tls_receiver: Receiver) -> None:
    gateway = quick(ca=authority[0], resolver=to("127.0.0.1")[1], step_seconds=5, in_all_seconds=9)
    assert send(gateway, f"https://other.example.com:{tls_receiver.port}/").error == "tls"
    assert tls_receiver.seen == []


def test_an_unknown_authority_is_refused(tls_receiver: Receiver) -> None:
    gateway = quick(resolver=to("127.0.0.1")[1], step_seconds=5, in_all_seconds=9)
    assert send(gateway, f"https://{HOST}:{tls_receiver.port}/").error == "tls"


def test_the_second_address_is_tried_when_nobody_is_at_the_first(receiver: Receiver) -> None:
    gateway = quick(resolver=to("::1", "127.0.0.1")[1])
    assert send(gateway, f"http://{HOST}:{receiver.port}/").status == 200


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert send(quick(resolver=to("127.0.0.1")[1]), f"http://{HOST}:{receiver.port}/").status == 200


# Faults


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    receiver.plan = [answers(302, b"over there", Location=f"http://127.0.0.1:{receiver.port}/secret")]
    answer = send(quick(), f"http://127.0.0.1:{receiver.port}/")
    assert (answer.status, answer.is_ok, answer.text) == (302, False, "over there")
    assert [seen.path for seen in receiver.seen] == ["/"]


@pytest.mark.parametrize(("status", "is_ok"), [(200, True), (204, True), (400, False), (410, False), (500, False)])
def test_only_2xx_is_a_delivery(receiver: Receiver, status: int, is_ok: bool) -> None:
    receiver.plan = [answers(status)]
    answer = send(quick(), f"http://127.0.0.1:{receiver.port}/")
    assert (answer.status, answer.is_ok) == (status, is_ok)


def test_a_silent_server_times_out(receiver: Receiver) -> None:
    receiver.plan = [is_silent_until(receiver.opened)]
    assert send(quick(), f"http://127.0.0.1:{receiver.port}/").error == "timeout"


def test_a_dripping_server_times_out_although_each_letter_is_in_time(receiver: Receiver) -> None:
    receiver.plan = [drips_until(receiver.opened)]
    assert send(quick(), f"http://127.0.0.1:{receiver.port}/").error == "timeout"


def test_a_slow_server_delays_no_other(receiver: Receiver) -> None:
    receiver.plan = [is_silent_until(receiver.opened)]
    url = f"http://127.0.0.1:{receiver.port}/"
    found = quick().send_all([Parcel(url, {}, b"1"), Parcel(url, {}, b"2"), Parcel("x", {}, b"3")])
    assert sorted(str(answer.status or answer.error) for answer in found) == ["200", "timeout", "url"]


def test_a_cut_line_is_a_failure_and_after_a_200_it_is_not(receiver: Receiver) -> None:
    receiver.plan = [cuts, cuts_after_200]
    assert send(quick(), f"http://127.0.0.1:{receiver.port}/").error == "broken"
    after = send(quick(), f"http://127.0.0.1:{receiver.port}/")
    assert (after.status, after.error, after.is_ok) == (200, None, True)


def test_nobody_at_the_door() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert send(quick(), f"http://127.0.0.1:{port}/").error == "unreachable"


def test_a_long_answer_is_kept_to_its_beginning_and_shown_safely(receiver: Receiver) -> None:
    receiver.plan = [answers(500, b"\x00\xff<b>\x1b[31m" + b"x" * 3_000_000)]
    text = send(quick(step_seconds=5, in_all_seconds=9), f"http://127.0.0.1:{receiver.port}/").text
    assert text is not None
    assert text.startswith("\ufffd<b>[31mxxx")
    assert len(text) <= 1024
