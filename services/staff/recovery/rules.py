"""Recovery codes: how they are written, read and kept. Pure.

Twenty-four letters in groups of four, in Crockford's alphabet: no I, L, O or U, so that nothing reads as something
else. The last letter checks the others. 115 bits are left, which no number of tries finds, also for whoever has the
digests; so they need no salt that costs time, and no brake keeps their owner out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS: Final = 24
GROUP: Final = 4
CODES: Final = 10
READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys("- \t\u00a0\u2010\u2011\u2012\u2013"))
"""What is read as something else, and what is not read at all."""


def code_of(letters: Sequence[int]) -> str:
    """The code of 23 random numbers below 32, as `understood` gives it."""
    if len(letters) != LETTERS - 1:
        raise ValueError(f"{LETTERS - 1} letters are needed")
    text = "".join(ALPHABET[each] for each in letters)
    return text + _check_letter(text)


def spaced(code: str) -> str:
    """A code as it is shown: `7K3M-92PX-…`."""
    return "-".join(code[at : at + GROUP] for at in range(0, LETTERS, GROUP))


def understood(text: str) -> str | None:
    """The letters of a code however it was typed; None where it cannot be one."""
    code = text.upper().translate(READ_AS).strip()
    if len(code) != LETTERS or set(code) - set(ALPHABET) or _check_letter(code[:-1]) != code[-1]:
        return None
    return code


def digest(person_id: UUID, code: str) -> bytes:
    """What is kept of a person's code, as `understood` gives it."""
    return hashlib.sha256(b"vilkar recovery code " + person_id.bytes + code.encode("ascii")).digest()


def _check_letter(text: str) -> str:
    """Luhn's, with 32 letters: no single slip goes unseen, and of swapped neighbours hardly any."""
    total = 0
    for at, letter in enumerate(reversed(text)):
        value = ALPHABET.index(letter) * (1 if at % 2 else 2)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
