"""The gateway to Google Wallet speaks to a Google on loopback, which also fails on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from loyalty_portal.gateways import google_wallet
from loyalty_portal.gateways.google_wallet import CredentialsError, GoogleError, GoogleWallet, Pace, read_credentials
from tests.google_server import (
    ACCOUNT,
    ISSUER,
    Fault,
    Google,
    cuts,
    does_and_cuts,
    google_server,
    is_silent,
    says,
    service_key,
)

__all__ = ["google_server", "service_key"]
CLASS_ID, OBJECT_ID = f"{ISSUER}.class", f"{ISSUER}.object"


class Watch:
    """A stopwatch that moves when somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0
        self.waited: list[float] = []

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.waited.append(seconds)
        self.at += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def make_wallet(google_server: Google, watch: Watch, tmp_path: Path) -> Callable[..., GoogleWallet]:
    def make(**changes: Any) -> GoogleWallet:
        credentials = read_credentials(google_server.key_file(tmp_path / "key.json", **changes))
        return GoogleWallet(ISSUER, credentials, api_url=google_server.url, pace=Pace(20, watch.now, watch.wait))

    return make


@pytest.fixture
def wallet(make_wallet: Callable[..., GoogleWallet]) -> GoogleWallet:
    return make_wallet()


def a_class(**changes: Any) -> dict[str, Any]:
    return {
        "id": CLASS_ID,
        "issuerName": "Kaffi Haus",
        "programName": "Coffee club",
        "programLogo": {"sourceUri": {"uri": "https://cards.example.com/logo.png"}},
        "reviewStatus": "UNDER_REVIEW",
    } | changes


def an_object(**changes: Any) -> dict[str, Any]:
    return {"id": OBJECT_ID, "classId": CLASS_ID, "state": "ACTIVE"} | changes


def points(**balance: Any) -> dict[str, Any]:
    return {"label": "Points", "balance": balance}


def test_what_is_put_is_there(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.put("loyaltyClass", a_class())
    wallet.put(
        "loyaltyObject", an_object(loyaltyPoints=points(int=12, string=None), notifyPreference="NOTIFY_ON_UPDATE")
    )
    assert google_server.objects[OBJECT_ID] == an_object(loyaltyPoints=points(int=12))
    assert wallet.get("loyaltyObject", OBJECT_ID) == google_server.objects[OBJECT_ID]
    assert len(google_server.tokens) == 1


def test_what_is_there_already_is_patched(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.put("loyaltyClass", a_class())
    wallet.put("loyaltyClass", a_class(programName="Cake club"))
    assert google_server.classes[CLASS_ID]["programName"] == "Cake club"
    assert google_server.calls == {"POST loyaltyClass": 2, "PATCH loyaltyClass": 1}


def test_a_patch_clears_what_is_null(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.put("loyaltyClass", a_class())
    wallet.put("loyaltyObject", an_object(loyaltyPoints=points(string="3 / 10")))
    wallet.patch("loyaltyObject", an_object(loyaltyPoints=points(string=None, int=5)))
    assert google_server.objects[OBJECT_ID]["loyaltyPoints"]["balance"] == {"int": 5}


def test_what_is_gone_is_inserted_by_a_patch(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.put("loyaltyClass", a_class())
    wallet.patch("loyaltyObject", an_object(heroImage=None))
    assert google_server.objects[OBJECT_ID] == an_object()


def test_a_lost_answer_to_an_insert_is_survived(wallet: GoogleWallet, google_server: Google) -> None:
    google_server.plan = [does_and_cuts(google_server)]
    wallet.put("loyaltyClass", a_class())
    assert google_server.classes[CLASS_ID] == a_class()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (says(429), "busy"),
        (says(500), "broken"),
        (says(503), "broken"),
        (cuts, "unreachable"),
    ],
)
def test_what_may_pass_is_tried_again_with_growing_pauses(
    wallet: GoogleWallet, google_server: Google, watch: Watch, fault: Fault, reason: str
) -> None:
    google_server.plan = [fault, fault]
    wallet.put("loyaltyClass", a_class())
    assert CLASS_ID in google_server.classes
    first, second = (seconds for seconds in watch.waited if seconds >= 0.5)
    assert 0.5 <= first <= 0.75 and 1 <= second <= 1.5
    google_server.always = fault
    watch.waited.clear()
    with pytest.raises(GoogleError) as caught:
        wallet.patch("loyaltyClass", a_class())
    assert caught.value.is_passing and caught.value.reason == reason
    assert sum(watch.waited) < 10, "a job has an end"


@pytest.mark.parametrize(
    ("status", "reason"), [(400, "refused"), (403, "forbidden"), (404, "not_found"), (409, "exists")]
)
def test_what_wont_pass_is_told_at_once(wallet: GoogleWallet, google_server: Google, status: int, reason: str) -> None:
    google_server.always = says(status, "No <b>way</b>\n\x00 here", "why")
    with pytest.raises(GoogleError) as caught:
        wallet.patch("loyaltyClass", a_class())
    assert (caught.value.reason, caught.value.status, caught.value.is_passing) == (reason, status, False)
    assert caught.value.text == "No <b>way</b> here why"
    assert len(google_server.seen) <= 2


def test_a_token_that_is_taken_no_more_is_renewed_once(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.put("loyaltyClass", a_class())
    google_server.revoked = set(google_server.tokens)
    wallet.patch("loyaltyClass", a_class(programName="Cake club"))
    assert google_server.classes[CLASS_ID]["programName"] == "Cake club"
    assert len(google_server.tokens) == 2
    google_server.always = says(401)
    with pytest.raises(GoogleError) as caught:
        wallet.patch("loyaltyClass", a_class())
    assert caught.value.reason == "credentials"


@pytest.mark.parametrize("fault", [says(503), says(429), cuts])
def test_the_token_endpoint_may_fail_for_a_while(wallet: GoogleWallet, google_server: Google, fault: Fault) -> None:
    google_server.token_plan = [fault]
    wallet.put("loyaltyClass", a_class())
    assert CLASS_ID in google_server.classes


def test_a_refused_assertion_is_the_credentials_fault(wallet: GoogleWallet, google_server: Google) -> None:
    google_server.token_plan = [lambda request: request.answer(400, {"error": "invalid_grant"})]
    with pytest.raises(GoogleError) as caught:
        wallet.put("loyaltyClass", a_class())
    assert caught.value.reason == "credentials" and "invalid_grant" in caught.value.text


def test_another_key_is_no_key(make_wallet: Callable[..., GoogleWallet], google_server: Google, other_key: str) -> None:
    with pytest.raises(GoogleError) as caught:
        make_wallet(private_key=other_key).put("loyaltyClass", a_class())
    assert caught.value.reason == "credentials"
    assert google_server.complaints.pop().startswith("assertion")


@pytest.fixture(scope="module")
def other_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(google_wallet, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(google_wallet, "TRIES", 1)
    yield


def test_a_silent_google_is_left_alone(wallet: GoogleWallet, google_server: Google, hurry: None) -> None:
    google_server.always = is_silent(google_server)
    with pytest.raises(GoogleError) as caught:
        wallet.put("loyaltyClass", a_class())
    assert caught.value.reason == "timeout"


def test_nobody_there(wallet: GoogleWallet, google_server: Google) -> None:
    google_server.stop()
    with pytest.raises(GoogleError) as caught:
        wallet.put("loyaltyClass", a_class())
    assert caught.value.reason == "unreachable" and caught.value.status is None


def test_a_change_goes_through_without_its_notice_when_there_were_enough(
    wallet: GoogleWallet, google_server: Google
) -> None:
    wallet.put("loyaltyClass", a_class())
    wallet.put("loyaltyObject", an_object(loyaltyPoints=points(int=0)))
    for count in range(1, 6):
        wallet.patch("loyaltyObject", an_object(loyaltyPoints=points(int=count), notifyPreference="NOTIFY_ON_UPDATE"))
        assert google_server.objects[OBJECT_ID]["loyaltyPoints"]["balance"] == {"int": count}
    assert len(google_server.notices[OBJECT_ID]) == 3


def test_the_save_link_is_short_signed_and_has_no_end(wallet: GoogleWallet, google_server: Google) -> None:
    link = wallet.save_link(CLASS_ID, OBJECT_ID, 1_794_813_120)
    assert len(link) < 1800
    assert google_server.claims(link) == {
        "iss": ACCOUNT,
        "aud": "google",
        "typ": "savetowallet",
        "iat": 1_794_813_120,
        "payload": {"loyaltyObjects": [{"id": OBJECT_ID, "classId": CLASS_ID}]},
    }


def test_the_account_is_checked(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.check()
    google_server.always = says(403, "The service account is no user of the issuer", "forbidden")
    with pytest.raises(GoogleError) as caught:
        wallet.check()
    assert caught.value.reason == "forbidden"


def test_threads_share_the_token_and_have_a_client_each(wallet: GoogleWallet, google_server: Google) -> None:
    wallet.put("loyaltyClass", a_class())
    failed: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(5):
                wallet.patch("loyaltyClass", a_class())
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(google_server.tokens) == 1
    # One connection a thread, kept; the first thread's token took none of its own.
    assert len(google_server.connections) == 5


def test_never_more_than_twenty_in_a_second() -> None:
    watch = Watch()
    pace = Pace(20, watch.now, watch.wait)
    begun = []
    for _ in range(200):
        pace.take()
        begun.append(watch.at)
    assert max(sum(1 for at in begun if start <= at < start + 1) for start in begun) <= 20
    assert watch.at < 200 / 20 * 1.05, "and hardly less"
    watch.at += 60
    before = watch.at
    pace.take()
    assert watch.at == before, "a lone change waits for nobody"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read"),
        ("{", "is no JSON file"),
        ("[]", "no key file of a service account"),
        ('{"type": "authorized_user"}', "no key file of a service account"),
        ('{"type": "service_account"}', "lacks"),
        ('{"type": "service_account", "client_email": "a@b", "token_uri": "x", "private_key": "secret"}', "lacks"),
    ],
)
def test_a_key_file_that_is_none_is_named(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CredentialsError, match=said) as caught:
        read_credentials(path)
    assert "secret" not in str(caught.value)
