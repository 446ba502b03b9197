"""What stands at Tripletex."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

NO_ADDRESS: Final = MappingProxyType({"addressLine1": "", "addressLine2": "", "postalCode": "", "city": ""})
"""An address that was taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer or contact as it stands at Tripletex: id, version and fields."""

    id: int
    version: int
    fields: dict[str, Any] = field(repr=False)
