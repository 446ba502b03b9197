"""Every kind of record in every version. A new kind is a declaration and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.registers.kinds.duty_rota import DUTY_ROTA
from services.registers.kinds.letter_class import LETTER_CLASS
from services.registers.kinds.mandate import MANDATE
from services.registers.kinds.processor_purpose import PROCESSOR_PURPOSE
from services.registers.kinds.security_notice_agreement import SECURITY_NOTICE_AGREEMENT
from services.registers.kinds.values import RecordKind

KINDS: Final = (MANDATE, SECURITY_NOTICE_AGREEMENT, DUTY_ROTA, LETTER_CLASS, PROCESSOR_PURPOSE)
BY_VERSION: Final[Mapping[tuple[str, int], RecordKind]] = MappingProxyType(
    {(kind.code, kind.version): kind for kind in KINDS}
)
"""What a record is held to: the version it was drafted in."""
PRESENT: Final[Mapping[str, RecordKind]] = MappingProxyType(
    {kind.code: kind for kind in sorted(KINDS, key=lambda each: each.version)}
)
"""What a record is drafted in."""
