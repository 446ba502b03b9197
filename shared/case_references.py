"""What people call a case: short enough to be read aloud, and the same wherever its id is known."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter and no figure among them is taken for another one when it is read aloud."""
REFERENCE: Final = re.compile(rf"V-[{_LETTERS}]{{4}}-[{_LETTERS}]{{2}}")


def reference_of(case_id: UUID) -> str:
    """What people call a case: `V-7K3M-92`, from the part of its id that is random."""
    number, digits = case_id.int & ((1 << 60) - 1), []
    for _ in range(6):
        number, at = divmod(number, len(_LETTERS))
        digits.append(_LETTERS[at])
    text = "".join(digits)
    return f"V-{text[:4]}-{text[4:]}"
