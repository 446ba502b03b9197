"""Values are found in the spellings programs and people write them in, and bare digits not in longer numbers."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from deploy.residue_search.multi_pattern import LONGEST_SPELLING, MultiPattern

pytestmark = pytest.mark.unit

NAME = "Åse «Sild» Bjørkås"


@pytest.mark.parametrize(
    "content",
    [
        NAME.encode(),
        NAME.upper().encode(),
        NAME.casefold().encode(),
        NAME.encode("utf-16-le"),
        NAME.upper().encode("utf-16-be"),
        b"x" + NAME.encode("utf-16-be"),
        NAME.encode("latin-1"),
        json.dumps({"name": NAME}).encode(),
        json.dumps({"name": NAME.upper()}, ensure_ascii=False).encode(),
        ascii(NAME).encode(),
        repr(NAME.encode()).encode(),
        quote(NAME).encode(),
        b"\\x" + NAME.encode().hex().encode(),
        NAME.encode().hex().upper().encode(),
        "A\N{COMBINING RING ABOVE}se «Sild» Bjørka\N{COMBINING RING ABOVE}s".encode(),
    ],
)
def test_a_name_is_found_however_a_program_wrote_it_down(content: bytes) -> None:
    assert MultiPattern([NAME, "Kåre Østby"]).found_in(b"\x00\x01 " + content + b"\xff") == {NAME}


@pytest.mark.parametrize(
    "written",
    [
        "+4741234567",
        "+47 412 34 567",
        "+47 41 23 45 67",
        "004741234567",
        "0047 41234567",
        "4741234567",
        "412 34 567",
        "41 23 45 67",
        "tlf. 41234567.",
        "tel:+47-412-34-567",
    ],
)
@pytest.mark.parametrize("asked", ["+4741234567", "412 34 567", "41234567"])
def test_a_telephone_number_is_found_as_people_and_programs_write_it(asked: str, written: str) -> None:
    assert MultiPattern([asked]).found_in(f'"{written}"'.encode()) == {asked}


@pytest.mark.parametrize("longer", ["1741234567890", "9f41234567ab", "ab41234567", "41234567ab", "2026-1141234567"])
def test_bare_digits_that_are_a_piece_of_something_longer_are_not_the_number(longer: str) -> None:
    assert MultiPattern(["41234567"]).found_in(longer.encode()) == set()


def test_a_number_that_the_length_of_the_next_field_touches_is_found() -> None:
    assert MultiPattern(["41234567"]).found_in(b"\x1341234567" + b"1Kari") == {"41234567"}


def test_a_network_address_is_found_short_and_in_full_and_a_host_in_an_address_of_the_web() -> None:
    patterns = MultiPattern(["2001:db8::7", "198.18.0.1", "kari@firma.example"])
    assert patterns.found_in(b"2001:0db8:0000:0000:0000:0000:0000:0007") == {"2001:db8::7"}
    assert patterns.found_in(b"from 198.18.0.1:443") == {"198.18.0.1"}
    assert patterns.found_in(b"GET /?email=KARI%40firma.example") == {"kari@firma.example"}


def test_values_that_overlap_are_all_found() -> None:
    patterns = MultiPattern(["Kari Nordmann", "Nordmann Sild AS"])
    assert patterns.found_in(b"kari nordmann sild as") == {"Kari Nordmann", "Nordmann Sild AS"}


def test_of_a_very_long_value_the_beginning_is_looked_for_and_no_spelling_is_longer_than_promised() -> None:
    long = "Ærlig 🐟 " * 40
    patterns = MultiPattern([long])
    assert patterns.found_in(long.encode()) == {long}
    assert max(map(len, patterns._by_spelling)) <= 2 * LONGEST_SPELLING
