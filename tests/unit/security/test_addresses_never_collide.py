"""Two mailboxes are two people: no spelling of one address may stand for another."""

import itertools
import string
import unicodedata

import pytest

from shared.email_addresses import compared_email
from shared.errors import Invalid
from shared.privacy import BlindIndex

pytestmark = pytest.mark.unit

DIFFERENT_MAILBOXES = [
    ("stra\u00dfe@firma.example", "strasse@firma.example"),
    ("jen\u017fen@firma.example", "jensen@firma.example"),
    ("\ufb01nn@firma.example", "finn@firma.example"),
    ("\u0131da@firma.example", "ida@firma.example"),
    ("\u0130da@firma.example", "ida@firma.example"),
    ("\u1e9eo@firma.example", "sso@firma.example"),
    ("\uff4bari@firma.example", "kari@firma.example"),
    ("k\u0430ri@firma.example", "kari@firma.example"),
    ("\u03f4mega@firma.example", "\u03b8mega@firma.example"),
    ("kari@fa\u00df.example", "kari@fass.example"),
    ("kari@f\u0456rma.example", "kari@firma.example"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT_MAILBOXES)
def test_letters_that_only_look_or_fold_alike_are_different_addresses(one, other):
    index = BlindIndex(bytes(32))
    assert compared_email(one) != compared_email(other)
    assert index.of_email(one) != index.of_email(other)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("Kari.Nordmann@Firma.Example", "kari.nordmann@firma.example"),
        ("\u00c5SE.\u00d8DEG\u00c5RD@firma.example", "\u00e5se.\u00f8deg\u00e5rd@firma.example"),
        ("a\u030ase@firma.example", "\u00e5se@firma.example"),
        ("kari@bl\u00e5b\u00e6r.example", "kari@xn--blbr-roah.example"),
        ("kari@firma.example.", "kari@firma.example"),
    ],
)
def test_case_composition_and_punycode_make_no_difference(typed, same):
    assert compared_email(typed) == compared_email(same)


def test_no_two_letters_are_folded_together_but_a_capital_and_its_small_letter():
    every = (chr(code) for code in range(0x21, 0x3000))
    letters = [each for each in every if each.isalnum() and unicodedata.is_normalized("NFC", each)]
    folded: dict[str, set[str]] = {}
    for letter in letters:
        try:
            folded.setdefault(compared_email(f"{letter}@firma.example"), set()).add(letter)
        except Invalid:
            continue
    for group in folded.values():
        for one, other in itertools.combinations(sorted(group), 2):
            assert one.lower() == other.lower(), f"U+{ord(one):04X} and U+{ord(other):04X}"
            assert other.upper() == one.upper(), f"U+{ord(one):04X} and U+{ord(other):04X}"


def test_ascii_is_folded_as_ever():
    for capital, small in zip(string.ascii_uppercase, string.ascii_lowercase, strict=True):
        assert compared_email(f"{capital}@firma.example") == f"{small}@firma.example"
