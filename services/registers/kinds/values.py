"""What a kind of record is: its fields, what it is about, who approves it, and how often it is reviewed.

A kind is declared and never changed: what changes is a new version of it, and records keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.actor import STAFF_PATTERN


class Form(StrEnum):
    """What a field takes. There is no field for a sentence: sentences name people."""

    CODE = "code"
    """One of the field's `codes`."""
    DIGEST = "digest"
    """The SHA-256 of a text, in hexadecimal."""
    USER = "user"
    """A person of the account, by id."""
    USERS = "users"
    """People of the account, by id, with spaces between them."""
    PART = "part"
    """A part of the program by its code, such as a letter."""
    STAFF = "staff"
    """A person of staff, as `staff:<code>`."""
    MONDAY = "monday"
    """A week, by the day on which it begins; the record counts from that day on."""


PATTERNS = {
    Form.DIGEST: r"[0-9a-f]{64}",
    Form.PART: r"[a-z]{1,20}(_[a-z]{1,20}){1,4}",
    Form.STAFF: STAFF_PATTERN,
    Form.MONDAY: r"\d{4}-\d{2}-\d{2}",
}
"""How a field is written where no list of codes or people says so."""
OF_PEOPLE = frozenset({Form.USER, Form.USERS})
"""What names people of a customer: kept in rows of their own, which an erasure takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a kind."""

    name: str
    form: Form
    codes: tuple[str, ...] = ()
    is_needed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """One version of a kind of record.

    `of_account` says that each is about a company. `key` names the fields that tell records of a kind apart besides
    the company: of those with one key one is valid at a time. `two_persons` says that another person approves it.
    It is reviewed every `review_months`, None where each ends by itself, after `days`, before anybody would look.
    `kept_months` is how long a record is kept once it has ended.
    """

    code: str
    version: int
    of_account: bool
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    two_persons: bool
    needs_evidence: bool
    review_months: int | None
    kept_months: int
    days: int | None = None

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((each for each in self.fields if each.name == name), None)
