"""The till's page of settings: the server draws it and keeps nothing of it."""

from __future__ import annotations

from tests.counter.till import Till, same_text, words


def test_the_page_holds_the_fragment(till: Till) -> None:
    page, fragment = till.get("/settings"), till.fragment("/settings")
    assert page.status_code == fragment.status_code == 200
    assert same_text(page, fragment)
    assert len(fragment.data) < 6 * 1024


def test_every_setting_has_its_usual_value_among_the_choices(till: Till) -> None:
    text = till.get("/settings").text
    for name, values in (
        ("mirror", ("auto", "on", "off")),
        ("sounds", ("on", "off")),
        ("hand", ("right", "left")),
        ("size", ("normal", "large", "largest")),
        ("mode", ("auto", "light", "dark")),
    ):
        for value in values:
            assert f'name="{name}" value="{value}"' in text


def test_it_says_how_to_set_a_hand_scanner_up(till: Till) -> None:
    said = words(till.get("/settings"))
    assert "Suffix Enter" in said and "Keyboard US English" in said and "Beeper volume" in said


def test_every_screen_leads_there(till: Till) -> None:
    for path in ("/", "/history", f"/cards/{till.card().code}"):
        assert 'href="/counter/settings"' in till.get(path).text


def test_a_browser_that_is_no_till_has_none(till: Till) -> None:
    till.client.delete_cookie("till", path="/counter")
    assert till.get("/settings").location == "/counter/pair"
