"""The program: made and changed with every field, refused at the field, and what a change does to cards."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from loyalty_portal.clock import FrozenClock
from loyalty_portal.schemas.vendors import VendorCreate
from loyalty_portal.services import Services
from tests.people import give_password, manager_of, owner_of, signed_in
from tests.public.customers import card_of
from tests.shops import OWNER, Shop, press

PAGE = "/vendor/program"
TYPED = {
    "card_name": "Coffee club",
    "card_tagline": "",
    "card_color": "#14453D",
    "card_secondary_color": "#FFE3B8",
    "stamp_icon": "coffee",
    "stamps_target": "10",
    "stamps_reward_description": "Free coffee",
    "stamps_reward_value_cents": "",
    "stamps_reward_cost_cents": "",
    "max_daily_stamps": "5",
    "cooldown_minutes": "15",
    "max_stamps_per_visit": "5",
    "pin_mode": "each",
    "pin_unlock_minutes": "10",
    "terms_text": "",
    "privacy_url": "",
}
COLUMNS = (
    "card_name, card_tagline, card_color, card_secondary_color, stamp_icon, stamps_target, stamps_reward_description,"
    " stamps_reward_value_cents, stamps_reward_cost_cents, max_daily_stamps, cooldown_minutes, max_stamps_per_visit,"
    " require_staff_pin, pin_unlock_minutes, terms_text, privacy_url"
)


def publish(owner: FlaskClient, **changes: Any) -> TestResponse:
    return press(owner, PAGE, PAGE, **(TYPED | changes))


def stored(shop: Shop) -> list[Any]:
    (row,) = shop.rows(f"SELECT {COLUMNS} FROM loyalty_programs WHERE archived_at IS NULL")
    return list(row)


def picture(kind: str, size: tuple[int, int] = (60, 40), **how: Any) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "#8F3222").save(out, kind, **how)
    out.seek(0)
    return out


def test_a_new_shop_publishes_what_is_proposed(app: Flask, shop: Shop) -> None:
    def begin(services: Services) -> None:
        services.vendor_service.create(
            VendorCreate(name="Salon Léa", owner_email="lea@example.com", owner_name="Léa", currency="CHF")
        )

    shop.do(begin)
    give_password(app, "lea@example.com")
    lea = signed_in(app, "lea@example.com")
    page = lea.get(PAGE)
    assert 'value="Salon Léa"' in page.text
    answer = publish(lea, card_name="Salon Léa", stamps_reward_description="A free cut", stamps_target="8")
    assert answer.status_code == 303
    (row,) = shop.rows(
        "SELECT p.card_name, p.stamps_target, p.is_active FROM loyalty_programs p JOIN vendors v ON v.id = p.vendor_id"
        " WHERE v.slug = 'salon-lea'"
    )
    assert list(row) == ["Salon Léa", 8, True]
    assert "Published." in lea.get(PAGE).text


def test_every_field_is_kept(shop: Shop, owner: FlaskClient) -> None:
    answer = publish(
        owner,
        card_name="Kaffi Haus",
        card_tagline="Since 1987",
        card_color="#26348b",
        card_secondary_color="#FFD9A0",
        stamp_icon="croissant",
        stamps_target="12",
        stamps_reward_description="A croissant",
        stamps_reward_value_cents="3,50",
        stamps_reward_cost_cents="1.1",
        max_daily_stamps="3",
        cooldown_minutes="30",
        max_stamps_per_visit="2",
        pin_mode="unlocked",
        pin_unlock_minutes="20",
        terms_text="One a visit.\nNo cash.",
        privacy_url="https://example.com/privacy",
    )
    assert answer.status_code == 303, answer.text
    assert stored(shop) == [
        "Kaffi Haus", "Since 1987", "#26348B", "#FFD9A0", "croissant", 12, "A croissant", 350, 110, 3, 30, 2, True, 20,
        "One a visit.\nNo cash.", "https://example.com/privacy",
    ]  # fmt: skip
    page = owner.get(PAGE).text
    assert 'value="3.50"' in page and 'value="1.10"' in page
    assert "One a visit." in page


def test_the_pin_is_one_choice(shop: Shop, owner: FlaskClient) -> None:
    for mode, asks, minutes in (("none", False, 0), ("unlocked", True, 10), ("each", True, 0)):
        publish(owner, pin_mode=mode)
        assert stored(shop)[12:14] == [asks, minutes]
        assert owner.get(PAGE).text.count(f'name="pin_mode" value="{mode}" checked') == 1


def test_money_is_written_with_a_point_or_a_comma(shop: Shop, owner: FlaskClient) -> None:
    for typed, cents in (("3.50", 350), ("3,60", 360), (" 3,7 ", 370), ("1’200.00", 120_000), ("", None)):
        assert publish(owner, stamps_reward_value_cents=typed).status_code == 303
        assert stored(shop)[7] == cents


BAD = [
    ("card_name", "", "Please fill this in."),
    ("card_name", "x" * 41, "At most 40 characters."),
    ("card_name", "bell\x07", "There are characters in here that can&#39;t be shown."),
    ("card_tagline", "x" * 41, "At most 40 characters."),
    ("card_color", "green", "A colour like #14453D, please."),
    ("card_secondary_color", "#12", "A colour like #14453D, please."),
    ("stamp_icon", "skull", "Choose one of the stamps."),
    ("stamps_target", "1", "At least 2."),
    ("stamps_target", "51", "At most 50."),
    ("stamps_target", "ten", "This should be a whole number."),
    ("stamps_target", "", "Please fill this in."),
    ("stamps_target", "9" * 30, "At most 50."),
    ("stamps_reward_description", "", "Please fill this in."),
    ("stamps_reward_description", "x" * 81, "At most 80 characters."),
    ("stamps_reward_value_cents", "three", "An amount like 3.50, please."),
    ("stamps_reward_value_cents", "1.234", "An amount like 3.50, please."),
    ("stamps_reward_cost_cents", "-1", "An amount like 3.50, please."),
    ("max_daily_stamps", "0", "At least 1."),
    ("max_daily_stamps", "101", "At most 100."),
    ("cooldown_minutes", "-1", "At least 0."),
    ("cooldown_minutes", "1441", "At most 1440."),
    ("max_stamps_per_visit", "21", "At most 20."),
    ("terms_text", "x" * 4001, "At most 4000 characters."),
    ("privacy_url", "http://example.com", "A web address that begins with https://, please."),
    ("privacy_url", "https://me@example.com", "A web address that begins with https://, please."),
]


def test_what_does_not_fit_is_said_at_its_field(shop: Shop, owner: FlaskClient) -> None:
    before = stored(shop)
    for name, value, sentence in BAD:
        _is_said(owner, name, value, sentence)
    assert stored(shop) == before


def _is_said(owner: FlaskClient, name: str, value: str, sentence: str) -> None:
    page = publish(owner, **({"card_tagline": "Typed with care"} | {name: value}))
    assert page.status_code == 422, (name, value)
    place = page.text.partition(f'id="{name}-error"')[2]
    assert sentence in place[:500], (name, value, place[:300])
    assert f'href="#{name}"' in page.text, "the list of errors doesn't lead there"
    assert "Error:" in page.text.partition("</title>")[0]
    # What was typed is still there, also in the other fields.
    if name != "card_tagline":
        assert 'value="Typed with care"' in page.text


def test_a_pin_mode_that_is_none_is_refused(shop: Shop, owner: FlaskClient) -> None:
    before = stored(shop)
    assert publish(owner, pin_mode="sometimes").status_code == 422
    assert publish(owner, pin_mode="unlocked", pin_unlock_minutes="721").status_code == 422
    assert stored(shop) == before


def test_half_full_cards_keep_their_terms_and_empty_ones_take_the_new(
    shop: Shop, owner: FlaskClient, client: FlaskClient
) -> None:
    _, empty = card_of(client, first_name="Eva")
    _, begun = card_of(client, first_name="Ben")
    shop.stamp(begun, 3)
    preview = owner.get(f"{PAGE}/preview?stamps_target=6", headers={"HX-Request": "true"}).text
    assert "1 card without stamps gets it at once." in preview
    assert "1 card with stamps keeps what it was promised until its next reward." in preview
    publish(owner, stamps_target="6", stamps_reward_description="Free cake")
    page = owner.get(PAGE).text
    assert "1 card with stamps keeps what it was promised" in page
    terms = {row.code: (row.stamps_target, row.reward_description) for row in shop.rows("SELECT * FROM loyalty_cards")}
    assert terms[begun] == (10, "Free coffee")
    assert terms[empty] == (6, "Free cake")


def test_what_is_no_promise_is_not_said_to_be_kept(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    shop.stamp(card_of(client)[1])
    publish(owner, stamps_reward_cost_cents="1.10", max_daily_stamps="3", card_name="Kaffi")
    page = owner.get(PAGE).text
    assert "promised until" not in page
    assert "1 card gets the new look." in page and "The new rules hold from the next stamp on." in page


def test_the_terms_change_with_the_next_round(
    shop: Shop, owner: FlaskClient, client: FlaskClient, clock: FrozenClock
) -> None:
    _, code = card_of(client)
    shop.stamp(code, 5)
    publish(owner, stamps_target="6", stamps_reward_description="Free cake")
    clock.move(days=1)
    shop.stamp(code, 5)
    shop.redeem(code)
    (row,) = shop.rows("SELECT stamp_count, stamps_target, reward_description FROM loyalty_cards")
    assert list(row) == [0, 6, "Free cake"]


def test_the_preview_shows_what_is_typed_and_writes_nothing(shop: Shop, owner: FlaskClient) -> None:
    before = stored(shop)
    draft = {
        "card_name": "Night shift",
        "stamps_target": "6",
        "card_color": "#1B1B22",
        "stamps_reward_cost_cents": "1,20",
        "shown": "2",
    }
    page = owner.get(f"{PAGE}/preview", query_string=draft, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert page.text.lstrip().startswith('<div id="preview"')
    assert "Night shift" in page.text and "2 of 6" in page.text
    assert "Who comes twice a week gets there in 3 weeks." in page.text
    assert "Each stamp costs you about €0.20." in page.text
    assert stored(shop) == before


def test_the_preview_bears_what_does_not_fit_yet(shop: Shop, owner: FlaskClient) -> None:
    page = owner.get(f"{PAGE}/preview?card_name=&stamps_target=x&card_color=%23zz&shown=-5")
    assert page.status_code == 200
    assert "Coffee club" in page.text and "0 of 10" in page.text


def test_colours_that_are_none_have_no_style(shop: Shop, owner: FlaskClient) -> None:
    assert owner.get(f"{PAGE}/preview.css?base=14453D&stamp=FFE3B8").text.startswith("[data-theme=card]{")
    assert owner.get(f"{PAGE}/preview.css?base=}}body&stamp=FFE3B8").status_code == 404


def test_a_picture_is_encoded_anew(shop: Shop, owner: FlaskClient) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        _is_encoded_anew(shop, owner, kind)


def _is_encoded_anew(shop: Shop, owner: FlaskClient, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    sent = picture(kind, exif=exif)
    assert b"where I live" in sent.getvalue()
    answer = publish(owner, logo=(sent, f"logo.{kind.lower()}"))
    assert answer.status_code == 303, answer.text
    *_, row = shop.rows("SELECT id, kind, content_type, width, height FROM pictures ORDER BY id")
    assert list(row)[1:] == ["logo", "image/jpeg", 60, 40]
    assert f"/pictures/{row.id}" in owner.get(PAGE).text
    served = owner.get(f"/pictures/{row.id}")
    assert served.mimetype == "image/jpeg"
    assert b"where I live" not in served.data
    assert not Image.open(io.BytesIO(served.data)).getexif()


def test_a_large_picture_becomes_smaller_and_one_can_take_it_away(shop: Shop, owner: FlaskClient) -> None:
    publish(owner, hero=(picture("PNG", (2400, 900)), "hero.png"))
    (row,) = shop.rows("SELECT kind, width, height FROM pictures")
    assert list(row) == ["hero", 1600, 600]
    publish(owner, remove_hero="y")
    (row,) = shop.rows("SELECT hero_id FROM loyalty_programs")
    assert row.hero_id is None


def bomb() -> io.BytesIO:
    """A PNG of a few hundred bytes that says it is 20,000 by 20,000 pixels large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def moving() -> io.BytesIO:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("#000", "#fff")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return io.BytesIO(out.getvalue())


SVG = io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>').getvalue()
REFUSED = {
    "svg": (lambda: io.BytesIO(SVG), "This is not a PNG, JPEG or WebP picture."),
    "gif": (lambda: picture("GIF"), "This is not a PNG, JPEG or WebP picture."),
    "no picture": (lambda: io.BytesIO(b"hello"), "This is not a PNG, JPEG or WebP picture."),
    "moving": (moving, "Moving pictures don&#39;t work here. Choose a still one."),
    "bomb": (bomb, "This picture has too many pixels. Choose a smaller one."),
    "too large": (
        lambda: io.BytesIO(picture("PNG").getvalue() + b"\0" * 2 * 1024 * 1024),
        "This picture is larger than 2 MB. Choose a smaller one.",
    ),
    "cut": (
        lambda: io.BytesIO(picture("JPEG", (600, 600)).getvalue()[:-900]),
        "This picture is damaged. Try to save it again.",
    ),
}


def test_other_files_are_refused_in_words_and_nothing_is_written(shop: Shop, owner: FlaskClient) -> None:
    before = stored(shop)
    for name, (make, sentence) in REFUSED.items():
        page = publish(owner, card_name="Another name", logo=(make(), "logo.png"))
        assert page.status_code == 422, name
        assert sentence in page.text.partition('id="logo-error"')[2][:400], name
        assert 'value="Another name"' in page.text
    assert shop.rows("SELECT id FROM pictures") == []
    assert stored(shop) == before


def test_a_request_larger_than_any_form_is_refused(shop: Shop, owner: FlaskClient) -> None:
    page = publish(owner, logo=(io.BytesIO(b"\0" * 5 * 1024 * 1024), "logo.png"))
    assert page.status_code == 413
    assert shop.rows("SELECT id FROM pictures") == []


def test_it_is_switched_off_and_on(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    assert press(owner, PAGE, f"{PAGE}/switch", on="0").status_code == 303
    assert "Switched off" in owner.get(PAGE).text
    assert client.get("/join/kaffi-haus").status_code == 404 or "closed" in client.get("/join/kaffi-haus").text.lower()
    press(owner, PAGE, f"{PAGE}/switch", on="1")
    assert client.get("/join/kaffi-haus").status_code == 200
    assert press(owner, PAGE, f"{PAGE}/switch", on="perhaps").status_code == 422


def test_ending_it_asks_first_and_leaves_the_ledger(shop: Shop, owner: FlaskClient, client: FlaskClient) -> None:
    _, code = card_of(client)
    shop.stamp(code, 2)
    before = shop.rows("SELECT * FROM loyalty_transactions ORDER BY id")
    asked = owner.get(f"{PAGE}/archive")
    assert "1 card will take no more stamps" in asked.text
    assert shop.rows("SELECT archived_at FROM loyalty_programs")[0].archived_at is None
    assert press(owner, f"{PAGE}/archive", f"{PAGE}/archive").status_code == 303
    assert shop.rows("SELECT archived_at FROM loyalty_programs")[0].archived_at is not None
    assert shop.rows("SELECT closed_at FROM loyalty_cards")[0].closed_at is not None
    assert shop.rows("SELECT * FROM loyalty_transactions ORDER BY id") == before
    # And another one may begin.
    assert publish(owner, card_name="Round two").status_code == 303
    assert stored(shop)[0] == "Round two"


def test_a_manager_changes_it_but_does_not_end_it(shop: Shop) -> None:
    manager = manager_of(shop)
    assert publish(manager, card_name="By Mia").status_code == 303
    assert "End the program" not in manager.get(PAGE).text
    assert manager.get(f"{PAGE}/archive").status_code == 403
    assert press(manager, PAGE, f"{PAGE}/archive").status_code == 403
    assert stored(shop)[0] == "By Mia"


def test_a_write_without_the_token_is_refused(shop: Shop, owner: FlaskClient) -> None:
    before = stored(shop)
    assert owner.post(PAGE, data=TYPED | {"card_name": "Forged"}).status_code == 400
    assert stored(shop) == before


def test_somebody_who_is_not_signed_in_signs_in_first(shop: Shop, client: FlaskClient) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 303
    assert str(answer.location).startswith("/sign-in?next=/vendor/program")
    assert owner_of(shop, OWNER).get(PAGE).status_code == 200
