"""A copy that is being made, its parts, and what lies in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from shared.participation.export_values import ExportKind, ExportScope

OWN: Final = "account"
"""Who contributes without being asked over the bus: the service that makes the copy."""


class ExportState(StrEnum):
    """Whether a copy is still being made, or was taken back. What is not there any more has no state."""

    COLLECTING = "collecting"
    READY = "ready"
    WITHDRAWN = "withdrawn"


class Withdrawal(StrEnum):
    """Why the copy of a company is opened no more: somebody in it was restricted, held or erased since."""

    RESTRICTED = "restricted"
    HELD = "held"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A copy. `asked_by` is the user who asked; without a `user_id` it is the copy of the company.

    `wished_at` is when it was asked for; `asked_at` is later where one that was withdrawn was ordered anew, and
    `wish_id` is still the id of the first one then. Since `handed_over_at` a person sees to it that it is answered
    in time. `with_company` is for an owner whose company
    is a person's: what is held on the company is in it too.
    """

    id: UUID
    account_id: UUID
    user_id: UUID | None
    asked_by: UUID
    kind: ExportKind
    asked_at: datetime
    wished_at: datetime
    wish_id: UUID
    state: ExportState = ExportState.COLLECTING
    ready_at: datetime | None = None
    package_bytes: int | None = None
    package_sha256: str | None = None
    chunks: int | None = None
    tries: int = 0
    withdrawn_at: datetime | None = None
    withdrawn_because: Withdrawal | None = None
    renewed_at: datetime | None = None
    handed_over_at: datetime | None = None
    with_company: bool = False

    @property
    def scope(self) -> ExportScope:
        """Of whom it is."""
        return ExportScope(
            account_id=self.account_id, user_id=self.user_id, kind=self.kind, with_company=self.with_company
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """In whose name a copy is answered, and what of an answer is known by the settings alone.

    `accountant` keeps the books beside the vendor, where somebody does. `keys_at` is the page with the public keys.
    """

    vendor: str
    keys_at: str = "/exports/keys"
    accountant: str = ""
    mail_in_eea: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one contributor has handed out so far; `following` is where its next page begins.

    `tables` are those of which something came, in order; `form` is a digest of the columns of the last one.
    """

    export_id: UUID
    contributor: str
    following: str | None
    pages: int
    rows: int
    tries: int
    tables: tuple[str, ...] = ()
    form: str | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributedPage:
    """A page as it was handed out: the table and its columns in words, and rows; None where nothing is held."""

    contributor: str
    table: Mapping[str, Any] | None
    rows: tuple[Mapping[str, Any], ...]
