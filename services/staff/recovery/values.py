"""Which recovery codes are meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCodes:
    """Codes by all that is said of them: one, those of a set or of a person, but for a set, made by an instant."""

    code_id: UUID | None = None
    set_id: UUID | None = None
    staff_code: str | None = None
    but_set: UUID | None = None
    made_by: datetime | None = None
