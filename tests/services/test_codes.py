from __future__ import annotations

import pytest

from loyalty_portal.services.codes import ALPHABET, check_character, new_code, read_code


def test_a_new_code_reads_itself_in_every_spelling():
    for _ in range(500):
        code = new_code()
        assert read_code(code) == code
        assert read_code(f"LC{code}") == code
        assert read_code(f" {code[:4].lower()} {code[4:]} ") == code
        assert read_code(f"lc {code[:4]}-{code[4:]}") == code
        assert read_code(code.replace("0", "O").replace("1", "l")) == code


def test_every_single_wrong_character_is_found():
    code = new_code()
    for place in range(8):
        for other in ALPHABET:
            if other != code[place] and place < 7:
                difference = (ALPHABET.index(other) - ALPHABET.index(code[place])) * (place + 1) % 31
                broken = code[:place] + other + code[place + 1 :]
                # Values 0 and 31 are one modulo 31: the only pair that the check can't tell apart.
                assert (read_code(broken) is None) == (difference != 0)


def test_neighbours_changed_over_are_found():
    assert check_character("1234567") != check_character("2134567")


@pytest.mark.parametrize("typed", ["", "K7Q2", "K7Q2M9X!", "K7Q2 M9XWW", "U" * 8, "x" * 41, "١٢٣٤٥٦٧٨", "LC", "\0" * 8])
def test_what_is_no_code_is_no_code(typed):
    assert read_code(typed) is None
