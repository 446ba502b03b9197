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
    """Whether a copy is still being made. What is not there any more has no state."""

    COLLECTING = "collecting"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A copy. `asked_by` is the user who asked; without a `user_id` it is the copy of the company."""

    id: UUID
    account_id: UUID
    user_id: UUID | None
    asked_by: UUID
    kind: ExportKind
    asked_at: datetime
    state: ExportState = ExportState.COLLECTING
    ready_at: datetime | None = None
    package_bytes: int | None = None
    package_sha256: str | None = None
    chunks: int | None = None

    @property
    def scope(self) -> ExportScope:
        """Of whom it is."""
        return ExportScope(account_id=self.account_id, user_id=self.user_id, kind=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one contributor has handed out so far; `following` is where its next page begins."""

    export_id: UUID
    contributor: str
    following: str | None
    pages: int
    rows: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributedPage:
    """A page as it was handed out: the table and its columns in words, and rows; None where nothing is held."""

    contributor: str
    table: Mapping[str, Any] | None
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPage:
    """A page as it is kept; `following` is where the next one begins."""

    id: UUID
    sealed: bytes
    rows: int
    following: str | None
