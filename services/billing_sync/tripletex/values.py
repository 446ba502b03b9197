"""What stands at Tripletex."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer or contact as it stands at Tripletex: id, version and fields."""

    id: int
    version: int
    fields: dict[str, Any] = field(repr=False)
