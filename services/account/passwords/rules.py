"""Which passwords are taken.

What is asked for is length, and that nobody guesses it: no common password, nothing from the account itself, no
pattern. There are no rules about kinds of characters (ASVS 5.0, 6.2.1 to 6.2.5, 6.2.11, 6.2.12).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from services.account.authentication.rules import canonical_password
from services.account.fields.rules import name_words
from services.account.passwords.common_passwords import is_common
from shared.errors import Invalid
from shared.field_limits import PASSWORD_MAX, PASSWORD_MIN
from shared.invisible_characters import invisible
from shared.terms import enforces
from shared.terms.clauses import protection

CHARACTERS_MIN: Final = PASSWORD_MIN
CHARACTERS_MAX: Final = PASSWORD_MAX
VISIBLE_MIN: Final = 10
DIFFERENT_MIN: Final = 5
OF_ITS_OWN_MIN: Final = 8
"""So many letters and digits are left when the words that anybody would try are taken out."""
TELLING_PART_MIN: Final = 4
"""A shorter local part or name is in too many words to be looked for in a password."""
PERIOD_MIN: Final = 8
"""What repeats sooner is a pattern, however long it is."""
GUESSED: Final = ("vilkår", "vilkar")
"""This product; the words of the vendor's name are tried first as well."""
TRIED_FIRST: Final = (
    *("password", "passord", "passw0rd", "hemmelig", "secret", "velkommen", "welcome", "letmein", "iloveyou"),
    *("qwerty", "admin", "administrator", "bruker", "login", "logginn", "test", "sommer", "summer", "vinter"),
    *("winter", "høsten", "våren", "norge", "norway", "oslo", "bergen", "januar", "februar", "mars", "april"),
    *("juni", "juli", "august", "september", "oktober", "november", "desember"),
)
"""Words to which people add a year or a sign, in the languages of our customers."""
ROWS: Final = ("abcdefghijklmnopqrstuvwxyzæøå", "1234567890", "qwertyuiopå", "asdfghjkløæ", "zxcvbnm")
IN_ROW: Final = 0.7
"""A password with more of its steps going along the alphabet or a keyboard's row is a pattern."""
_STEPS: Final = frozenset(pair for row in ROWS for way in (row, row[::-1]) for pair in pairwise(way))


def objection_to(
    password: str, *, emails: Iterable[str], company_names: Iterable[str], names: Iterable[str], vendor_name: str
) -> str | None:
    """Why this password is not taken, or None. `names` are those of the person.

    `company_names` are the company's in its spellings, with its legal form and without.
    """
    text = canonical_password(password)
    if not CHARACTERS_MIN <= len(text) <= CHARACTERS_MAX:
        return f"between {CHARACTERS_MIN} and {CHARACTERS_MAX} characters"
    if invisible(text):
        return "without invisible characters"
    if len(text) - text.count(" ") < VISIBLE_MIN:
        return f"at least {VISIBLE_MIN} characters besides blanks"
    return _objection_to_pattern(text.casefold()) or _objection_to_words(
        text, emails=emails, company_names=company_names, names=names, vendor_name=vendor_name
    )


def _objection_to_pattern(text: str) -> str | None:
    if len(set(text)) < DIFFERENT_MIN:
        return f"at least {DIFFERENT_MIN} different characters"
    if any(all(text[at] == text[at % size] for at in range(len(text))) for size in range(1, PERIOD_MIN)):
        return "more than one short piece over and over"
    steps = list(pairwise(text))
    along = sum(1 for step in steps if step in _STEPS or step[0] == step[1])
    if along > IN_ROW * len(steps):
        return "not along the alphabet or the keyboard"
    return None


def _objection_to_words(
    text: str, *, emails: Iterable[str], company_names: Iterable[str], names: Iterable[str], vendor_name: str
) -> str | None:
    plain = _letters_and_digits(text)
    if is_common(text.casefold()) or is_common(plain):
        return "not one of the passwords that are tried first"
    addresses, companies, names = list(emails), list(company_names), list(names)
    if any(_tells(plain, part) for email in addresses for part in (email, email.rpartition("@")[0])):
        return "must not contain the e-mail address"
    if any(_tells(plain, name) for name in companies):
        return "must not contain the company's name"
    if any(_tells(plain, name) for name in names):
        return "must not contain your name"
    known = _words_of([*addresses, *companies, *names, vendor_name])
    words = sorted({*known, *GUESSED, *TRIED_FIRST}, key=len, reverse=True)
    own = re.sub("|".join(map(re.escape, words)), "", plain)
    if own != plain and (len(own) < OF_ITS_OWN_MIN or own.isdigit()):
        return "more than names, words that are tried first, and digits"
    return None


def _tells(plain: str, text: str) -> bool:
    telling = _letters_and_digits(text)
    return len(telling) >= TELLING_PART_MIN and telling in plain


def _words_of(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()):
            if len(word) >= TELLING_PART_MIN:
                yield word


def _letters_and_digits(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


@enforces(protection.CONFIDENTIAL_AND_CORRECT)
def check_password(
    password: str, *, emails: Iterable[str], company_name: str, names: Iterable[str] = (), vendor_name: str = ""
) -> None:
    """Raises `Invalid` with the reason unless nobody would guess it. Asked when a password is set, never later."""
    companies = (company_name, " ".join(name_words(company_name)))
    objection = objection_to(password, emails=emails, company_names=companies, names=names, vendor_name=vendor_name)
    if objection is not None:
        raise Invalid("the password is not acceptable", details={"password": [objection]})
