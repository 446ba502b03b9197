"""A password is refused, with the reason, where somebody would guess it; and digested in one spelling."""

from __future__ import annotations

import hashlib
import re

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from deploy.common_passwords import packed
from services.account.authentication.password_hashing import PasswordHashing
from services.account.passwords.common_passwords import DIGEST_BYTES, FILE, is_common
from services.account.passwords.rules import CHARACTERS_MIN, canonical_password, check_password
from shared.errors import Invalid

pytestmark = pytest.mark.unit


def check(password: str) -> None:
    check_password(
        password,
        emails=["kari.fossmo@firma.example", "post@firma.example"],
        company_name="Bjørkholt Rør AS",
        names=["Torbjørg Fossmo"],
        vendor_name="Fjordskyen Programvare AS",
    )


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("x" * 11, "between 12 and 256"),
        ("løs snø i li og dal " * 13, "between 12 and 256"),
        ("aaaaaaaaaaaa", "different characters"),
        ("\u00a0" * 14, "besides blanks"),
        ("a b c d e f g h", "besides blanks"),
        ("\u200b" * 12, "invisible"),
        ("Snøen\u200bsmelter i april", "invisible"),
        ("\u3164" * 3 + "Snøen smelter", "invisible"),
        ("Snø\u202esmelter i april", "invisible"),
        ("passordpassord", "over and over"),
        ("abcde1abcde1", "over and over"),
        ("123456789012", "keyboard"),
        ("qwertyuiopåasdf", "keyboard"),
        ("zyxwvutsrqponm", "keyboard"),
        ("password1234", "tried first"),
        ("Password1234", "tried first"),
        ("motherfucker", "tried first"),
        ("passord12345", "more than names"),
        ("Sommer2026!!", "more than names"),
        ("Vilkår-2026-fjordskyen", "more than names"),
        ("programvare2026", "more than names"),
        ("Torbjørg-1985", "more than names"),
        ("mitt.kari.fossmo@firma.example", "e-mail address"),
        ("xx KARI.FOSSMO 1234", "e-mail address"),
        ("K a r i - F o s s m o 99", "e-mail address"),
        ("BjørkholtRør-2026", "company's name"),
        ("bjørkholt rør er best", "company's name"),
        ("\uff22\uff4aø\uff52\uff4b\uff48\uff4f\uff4c\uff54 \uff52ø\uff52 22", "company's name"),
        ("torbjørgfossmo er her", "your name"),
    ],
)
def test_what_would_be_guessed_is_refused_with_the_reason(password, reason) -> None:
    with pytest.raises(Invalid) as refused:
        check(password)
    (told,) = refused.value.details["password"]
    assert reason in told
    assert password not in told


@pytest.mark.parametrize(
    "password",
    [
        *("Snøen smelter i april 7", "per eter snøballer", "torbjørnen sover nå", "juli er best i telt"),
        *("correct horse battery", "løs snø i li og dal " * 12, "пять зелёных лосей", "雪は四月に溶ける七日朝晩"),
    ],
)
def test_other_passwords_are_taken(password) -> None:
    check(password)


def test_the_list_holds_thousands_as_long_as_ours_and_stays_small() -> None:
    content = FILE.read_bytes()
    digests = [content[at : at + DIGEST_BYTES] for at in range(0, len(content), DIGEST_BYTES)]
    assert digests == sorted(set(digests))
    assert len(digests) > 40_000
    assert len(content) < 256 * 1024
    told = re.findall(r"[0-9a-f]{64}", FILE.with_name("README.md").read_text(encoding="utf-8"))
    assert told[-1] == hashlib.sha256(content).hexdigest()
    assert not is_common("snøen smelter i april")


def test_the_list_is_made_of_those_that_are_long_enough_in_one_spelling() -> None:
    assert packed(["Kort\n", "Password1234\r\n", "password1234", "qwerty123456"]) == packed(
        ["qwerty123456", "PASSWORD1234"]
    )
    assert len(packed(["x" * (CHARACTERS_MIN - 1)])) == 0


@given(st.text())
def test_one_spelling_stays_one(password) -> None:
    once = canonical_password(password)
    assert canonical_password(once) == once
    assert "\u00a0" not in once


def test_every_blank_and_every_width_is_the_same_password() -> None:
    passwords = PasswordHashing(memory_kib=64, passes=1, run=lambda function, *args: function(*args))
    kept = passwords.hash("Snøen smelter\u00a0i april \uff17")
    for typed in ("Snøen smelter i april 7", "Snøen\u2009smelter i april 7"):
        assert passwords.matches(kept, typed)
    assert not passwords.matches(kept, "Snøen smelter i april 8")


def test_what_was_digested_as_typed_before_there_was_one_spelling_still_opens() -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords = PasswordHashing(memory_kib=64, passes=1, run=lambda function, *args: function(*args))
    for typed in ("Snøen smelter\u00a0i april", "\ufb01nn en \u200bvei ut nå", "aaaaaaaaaaaa", " " * 12):
        assert passwords.matches(hasher.hash(typed), typed)
    assert not passwords.matches(hasher.hash("Snøen smelter\u00a0i april"), "Snøen smelter\u00a0i mai nå")
