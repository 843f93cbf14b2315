"""What claims to come from Google is believed when every signature, date and name holds, and not otherwise."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from loyalty_portal.clock import FrozenClock
from loyalty_portal.gateways.google_callback import (
    MOST_ASKED,
    Callback,
    CallbackRefused,
    KeysAway,
    RootKeys,
    signed_bytes,
    verify,
)
from tests.google_server import ISSUER, Google, Root, google_server, service_key, signed

__all__ = ["google_server", "service_key"]
Verify = Callable[[Any], Callback]


@pytest.fixture
def keys(google_server: Google, clock: FrozenClock) -> RootKeys:
    return RootKeys(clock, f"{google_server.url}/keys")


@pytest.fixture
def check(keys: RootKeys, clock: FrozenClock) -> Verify:
    return lambda envelope: verify(envelope, ISSUER, keys, clock.now())


@pytest.fixture
def root(google_server: Google) -> Root:
    return google_server.root


def refused(check: Verify, envelope: Any) -> str:
    with pytest.raises(CallbackRefused) as caught:
        check(envelope)
    return caught.value.reason


def test_a_true_callback_is_read(check: Verify, root: Root, clock: FrozenClock) -> None:
    told = check(root.callback(clock.now(), eventType="save", nonce="one"))
    assert told == Callback(f"{ISSUER}.class", f"{ISSUER}.object", True, "one", clock.now() + timedelta(hours=1))
    assert check(root.callback(clock.now(), eventType="del")).is_saved is False
    assert check(root.callback(clock.now(), expTimeMillis=str(10**13))).nonce == "a-nonce"


def test_lengths_are_those_of_utf8(check: Verify, root: Root, clock: FrozenClock) -> None:
    """Implementations that count characters fail here."""
    assert signed_bytes("é", "ab") == b"\x02\x00\x00\x00\xc3\xa9\x02\x00\x00\x00ab"
    assert check(root.callback(clock.now(), nonce="Café ☕", extra="Lëtzebuerg")).nonce == "Café ☕"


def test_any_of_several_signatures_suffices(check: Verify, root: Root, clock: FrozenClock) -> None:
    envelope = root.callback(clock.now())
    stranger = ec.generate_private_key(ec.SECP256R1())
    envelope["intermediateSigningKey"]["signatures"].insert(0, signed(stranger, "GooglePayPasses"))
    assert check(envelope).is_saved


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"recipient": "3388000000099999999"}, "signature"),
        ({"sender": "GoogleWalletPasses"}, "signature"),
        ({"middle_lasts": timedelta(0)}, "expired"),
        ({"lasts": timedelta(0)}, "expired"),
        ({"root": ec.generate_private_key(ec.SECP256R1())}, "signature"),
        ({"classId": "3388000000099999999.class"}, "stranger"),
        ({"objectId": "3388000000099999999.object"}, "stranger"),
        ({"classId": f"{ISSUER}9.class"}, "stranger"),
        ({"eventType": "saved"}, "malformed"),
        ({"nonce": ""}, "malformed"),
        ({"nonce": "n" * 300}, "malformed"),
        ({"nonce": None}, "malformed"),
        ({"nonce": "a\0b"}, "malformed"),
        ({"expTimeMillis": "soon"}, "malformed"),
        ({"expTimeMillis": True}, "malformed"),
        ({"expTimeMillis": 10**30}, "malformed"),
        ({"objectId": 7}, "malformed"),
    ],
)
def test_what_doesnt_hold_is_refused(
    check: Verify, root: Root, clock: FrozenClock, changes: dict[str, Any], reason: str
) -> None:
    assert refused(check, root.callback(clock.now(), **changes)) == reason


def test_each_part_is_signed(check: Verify, root: Root, clock: FrozenClock) -> None:
    true = root.callback(clock.now())

    def changed(act: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        envelope = copy.deepcopy(true)
        act(envelope)
        return envelope

    other = Root().callback(clock.now())
    middle = "intermediateSigningKey"
    forged = [
        changed(lambda one: one.update(signedMessage=one["signedMessage"].replace("save", "del"))),
        changed(lambda one: one.update(signedMessage=one["signedMessage"] + " ")),
        changed(lambda one: one.update(signature=other["signature"])),
        changed(lambda one: one[middle].update(signedKey=one[middle]["signedKey"] + " ")),
        changed(lambda one: one.update({middle: other[middle], "signature": other["signature"]})),
        changed(lambda one: one[middle].update(signatures=[])),
        changed(lambda one: one[middle].update(signedKey=other[middle]["signedKey"], signatures=[])),
    ]
    assert [refused(check, envelope) for envelope in forged] == ["signature"] * len(forged)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(protocolVersion="ECv1"),
        lambda one: one.pop("protocolVersion"),
        lambda one: one.pop("signature"),
        lambda one: one.update(signature="not base64!"),
        lambda one: one.update(signature=7),
        lambda one: one.update(intermediateSigningKey=[]),
        lambda one: one["intermediateSigningKey"].update(signatures="x"),
        lambda one: one["intermediateSigningKey"].update(signedKey=None),
        lambda one: one.update(signedMessage="\ud800"),
    ],
)
def test_what_has_another_form_is_malformed(
    check: Verify, root: Root, clock: FrozenClock, change: Callable[[dict[str, Any]], object]
) -> None:
    envelope = root.callback(clock.now())
    change(envelope)
    assert refused(check, envelope) == "malformed"


@pytest.mark.parametrize("envelope", [None, [], "x", 7, {}])
def test_no_envelope_at_all_is_malformed(check: Verify, envelope: Any) -> None:
    assert refused(check, envelope) == "malformed"


def test_a_signed_key_that_is_none_is_malformed(check: Verify, root: Root, clock: FrozenClock) -> None:
    envelope = root.callback(clock.now())
    for value in ("[]", "{", "7", "[" * 5000, json.dumps({"keyExpiration": "9" * 13, "keyValue": "AAAA"})):
        envelope["intermediateSigningKey"] = {
            "signedKey": value,
            "signatures": [signed(root.key, "GooglePayPasses", "ECv2SigningOnly", value)],
        }
        assert refused(check, envelope) == "malformed", value


def test_the_keys_are_kept(check: Verify, root: Root, clock: FrozenClock, google_server: Google) -> None:
    for _ in range(5):
        check(root.callback(clock.now()))
    assert google_server.keys_asked == 1
    clock.move(days=2)
    check(root.callback(clock.now()))
    assert google_server.keys_asked == 2


def test_new_keys_are_asked_for_when_a_signature_doesnt_fit(
    check: Verify, clock: FrozenClock, google_server: Google
) -> None:
    check(google_server.root.callback(clock.now()))
    google_server.root = Root()
    check(google_server.root.callback(clock.now()))
    assert google_server.keys_asked == 2


def test_forgeries_dont_make_us_ask_google_each_time(
    check: Verify, root: Root, clock: FrozenClock, google_server: Google
) -> None:
    for _ in range(30):
        refused(check, Root().callback(clock.now()))
    assert google_server.keys_asked == MOST_ASKED
    check(root.callback(clock.now()))
    clock.move(minutes=6)
    google_server.root = Root()
    check(google_server.root.callback(clock.now()))


def test_keys_that_expired_or_are_of_another_protocol_dont_count(
    check: Verify, clock: FrozenClock, google_server: Google
) -> None:
    google_server.root = Root(protocol="ECv2")
    with pytest.raises(KeysAway):
        check(google_server.root.callback(clock.now()))
    google_server.root = Root(expires=clock.now() + timedelta(hours=1))
    check(google_server.root.callback(clock.now()))
    clock.move(hours=1)
    with pytest.raises(KeysAway):
        check(google_server.root.callback(clock.now()))


def test_known_keys_serve_while_google_is_away(
    check: Verify, root: Root, clock: FrozenClock, google_server: Google
) -> None:
    google_server.keys_down = True
    with pytest.raises(KeysAway):
        check(root.callback(clock.now()))
    google_server.keys_down = False
    check(root.callback(clock.now()))
    google_server.keys_down = True
    clock.move(days=3)
    check(root.callback(clock.now()))


def test_the_signature_is_over_the_string_as_it_was_sent(check: Verify, root: Root, clock: FrozenClock) -> None:
    """Not over what one would write after reading it."""
    now = clock.now()
    envelope = root.callback(now)
    text = json.dumps(json.loads(envelope["signedMessage"]), indent=4)
    envelope["signedMessage"] = text
    envelope["signature"] = signed(root.middle, "GooglePayPasses", ISSUER, "ECv2SigningOnly", text)
    assert check(envelope).is_saved
    assert base64.b64decode(envelope["signature"])
