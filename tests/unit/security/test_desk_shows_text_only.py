"""What strangers wrote is shown at the desk as text; it does not steer the terminal."""

from __future__ import annotations

import pytest

from services.account.passwords.rules import check_password
from services.desk.cli.output import cell, harmless
from shared.errors import Invalid

pytestmark = pytest.mark.unit

NASTY = ["\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "a\rb", "back\x08space", "\u202egnp.exe", "\u2066x\u2069"]


@pytest.mark.parametrize("text", NASTY)
def test_no_control_or_direction_character_reaches_the_terminal(text):
    for shown in (cell(text), cell([text]), cell({"name": text}), harmless(text)):
        assert all(letter.isprintable() or letter == "\n" for letter in shown)


def test_ordinary_text_is_shown_as_it_is():
    assert cell("Kåre Østby, Æ") == "Kåre Østby, Æ"
    assert harmless("{\n  1\n}") == "{\n  1\n}"


@pytest.mark.parametrize("email", ["-_-_@firma.example", "++++@firma.example", "a-_-@firma.example"])
def test_an_address_of_signs_does_not_forbid_every_password(email):
    check_password("korrekt hest batteri stift", emails=[email], company_name="Bjørkholt Rør")


def test_an_address_in_the_password_is_still_refused():
    with pytest.raises(Invalid):
        check_password("kari.nordmann-2026", emails=["kari.nordmann@firma.example"], company_name="Bjørkholt Rør")
