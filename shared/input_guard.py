"""What does not belong in free text: national identity numbers, found before anything is kept (L180).

A number is eleven digits: the day, the month and two digits of the year of birth, three of its own and two check
digits (personopplysningsloven § 12). Whoever has none at birth gets a D-number, with 40 added to the day. Synthetic
ones, for tests, have 80 or 40 added to the month and count as well: nobody can tell whether one is meant.

A number of a bank account has eleven digits too, and the same weights for its last one: one in 50 could be a
national identity number, one in 150 that of a person. What is written as accounts are (1234.56.78903), or called
one, is not taken for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

import marshmallow as ma

from shared.records import Record, schema_of
from shared.terms.clauses.collection import NO_SENSITIVE_INPUT
from shared.terms.rule_registry import enforces

FREE_TEXT: Final = "x-free-text"
"""In the metadata of a field that takes whatever somebody writes: names and texts, no codes and no searches."""
REFUSED: Final = "without national identity numbers: they do not belong in free text"

NEW_CHECK_DIGITS_FROM: Final = date(2032, 1, 1)
"""From then numbers are issued whose first check leaves 1, 2 or 3 as well as 0."""
FIRST_WEIGHTS: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
D_NUMBER_ADDS: Final = 40
SYNTHETIC_ADDS: Final = (80, 40)
DAYS: Final = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
"""Of each month. Two digits of a year say no century: a day that some year has is a day."""
CANDIDATE: Final = re.compile(
    r"(?<!\d)(?P<born>\d{6}|\d\d[ .]\d\d[ .]\d\d)\s{0,3}[.:/\-]?\s{0,3}(?P<own>\d{5})(?!\d)"
)
"""Blanks of all kinds, dashes and digits of other scripts are read as the plain ones before."""
CALLED_AN_ACCOUNT: Final = re.compile(
    r"\b(?:bank)?(?:konto|account)(?:\s*(?:nummer|nr|number|no))?\.?\s*(?::|er|is)?\s*$", re.IGNORECASE
)
CONTEXT_CHARACTERS: Final = 40


class Sensitive(StrEnum):
    """What was found."""

    NATIONAL_ID = "national_id"
    D_NUMBER = "d_number"


@enforces(NO_SENSITIVE_INPUT)
def identity_numbers(text: str, today: date) -> frozenset[Sensitive]:
    """Which kinds of national identity numbers stand in the text, as far as can be told of one by itself."""
    plain = _plain(text)
    return frozenset(
        kind
        for found in CANDIDATE.finditer(plain)
        if (kind := _kind(re.sub(r"[ .]", "", found["born"]) + found["own"], today)) is not None
        and not CALLED_AN_ACCOUNT.search(plain[max(0, found.start() - CONTEXT_CHARACTERS) : found.start()])
    )


def _plain(text: str) -> str:
    """The text with each digit as 0 to 9 and each kind of blank and dash as the plain one; nothing invisible."""
    letters = []
    for letter in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(letter)
        if category == "Nd":
            letters.append(str(unicodedata.decimal(letter)))
        elif category == "Pd" or letter == "\u2212":
            letters.append("-")
        elif category == "Zs":
            letters.append(" ")
        elif category != "Cf":
            letters.append(letter)
    return "".join(letters)


def _kind(digits: str, today: date) -> Sensitive | None:
    day, month = int(digits[:2]), int(digits[2:4])
    is_d_number = day > D_NUMBER_ADDS
    if is_d_number:
        day -= D_NUMBER_ADDS
    month -= next((added for added in SYNTHETIC_ADDS if month > added), 0)
    if not 1 <= day <= DAYS.get(month, 0):
        return None
    remainders = (0, 1, 2, 3) if today >= NEW_CHECK_DIGITS_FROM else (0,)
    numbers = [int(digit) for digit in digits]
    if _remainder(numbers, FIRST_WEIGHTS) not in remainders or _remainder(numbers, SECOND_WEIGHTS) != 0:
        return None
    return Sensitive.D_NUMBER if is_d_number else Sensitive.NATIONAL_ID


def _remainder(numbers: list[int], weights: tuple[int, ...]) -> int:
    return sum(number * weight for number, weight in zip(numbers, weights, strict=False)) % 11


class Hint(StrEnum):
    """What a text seems to speak of. Words alone say nothing for certain, so nothing is refused for them."""

    HEALTH = "health"
    UNION = "union_membership"
    BELIEF = "religion_or_politics"
    ORIGIN_OR_SEX_LIFE = "origin_or_sex_life"
    OFFENCES = "offences"
    CONTACT_DATA = "contact_data"
    BANK_ACCOUNT = "bank_account"


WORDS: Final[Mapping[Hint, str]] = {
    Hint.HEALTH: r"syk(?:dom|emeld|melding|fravær)\w*|diagnos\w*|helseopplysning\w*|gravid\w*|allergi\w*"
    r"|medisin(?:er|ering)?|legeerklæring\w*|funksjonshem\w*|psykisk\w*|sick(?:ness| leave| note)|illness\w*"
    r"|pregnan\w*|disabilit\w*|medication|medical",
    Hint.UNION: r"fagforening\w*|fagorganiser\w*|tillitsvalgt\w*|(?:trade|labou?r) unions?|union member\w*",
    Hint.BELIEF: r"religi\w*|muslim\w*|kristen|jødisk\w*|livssyn\w*|partimedlem\w*|politisk oppfatning\w*"
    r"|christian|jewish|political (?:opinion|party)\w*",
    Hint.ORIGIN_OR_SEX_LIFE: r"etnisk\w*|hudfarge\w*|homofil\w*|lesbisk\w*|biseksuell\w*|seksuell\w*|ethnic\w*"
    r"|skin colou?r|homosexual\w*|lesbian|bisexual|sexual\w*",
    Hint.OFFENCES: r"straffedøm\w*|straffbar\w*|rulleblad\w*|politianmeld\w*|siktet|tiltalt\w*|convicted"
    r"|criminal\w*",
    Hint.CONTACT_DATA: r"(?<![^\s@])[^\s@]{1,64}@[^\s@.]{1,63}(?:\.[^\s@.]{1,63}){1,8}"
    r"|(?:\+47[ ]?)?[2-9]\d(?:[ ]?\d\d){3}",
}
"""Beginnings of words, in both languages: the special categories (articles 9 and 10 of GDPR), and what leads to
one person (L180). Whoever writes chooses the text, so every repeat has a bound."""
_WORDS: Final = {hint: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for hint, words in WORDS.items()}
BANK_ACCOUNT: Final = re.compile(r"(?<!\d)(\d{4})[ .]?(\d{2})[ .]?(\d{5})(?!\d)")


@enforces(NO_SENSITIVE_INPUT)
def hints(text: str) -> tuple[Hint, ...]:
    """What a text seems to speak of that is better left out, so that whoever wrote it can look once more."""
    plain = _plain(text)
    found = {hint for hint, words in _WORDS.items() if words.search(plain)}
    if any(
        _remainder([*map(int, "".join(each.groups()))], SECOND_WEIGHTS) == 0
        for each in BANK_ACCOUNT.finditer(plain)
    ):
        found.add(Hint.BANK_ACCOUNT)
    return tuple(hint for hint in Hint if hint in found)


def has_free_text(cls: type[Record]) -> bool:
    """Whether somebody may write what they like into a record of this class, or into one inside of it."""
    return any(map(_takes_free_text, schema_of(cls).fields.values()))


def _takes_free_text(field: ma.fields.Field[Any]) -> bool:
    if isinstance(field, ma.fields.Nested):
        return any(map(_takes_free_text, field.schema.fields.values()))
    if isinstance(field, ma.fields.List):
        return _takes_free_text(field.inner)
    return bool(field.metadata.get(FREE_TEXT))


def found_in(record: Record, today: date) -> Mapping[tuple[str | int, ...], frozenset[Sensitive]]:
    """In which of its free texts a record has what does not belong there: by path, as `("users", 3, "name")`."""
    return {path: kinds for path, text in _free_texts(record, ()) if (kinds := identity_numbers(text, today))}


def complaints(paths: Iterable[tuple[str | int, ...]]) -> dict[str | int, Any]:
    """What is wrong by field, in the shape of marshmallow's own complaints."""
    told: dict[str | int, Any] = {}
    for *above, name in paths:
        at = told
        for part in above:
            at = at.setdefault(part, {})
        at[name] = [REFUSED]
    return told


def _free_texts(record: Record, above: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, field in schema_of(type(record)).fields.items():
        yield from _texts_of(field, getattr(record, field.attribute or name), (*above, name))


def _texts_of(
    field: ma.fields.Field[Any], value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Record):
        yield from _free_texts(value, path)
    elif isinstance(field, ma.fields.List):
        for at, each in enumerate(value or ()):
            yield from _texts_of(field.inner, each, (*path, at))
    elif isinstance(value, str) and field.metadata.get(FREE_TEXT):
        yield path, value
