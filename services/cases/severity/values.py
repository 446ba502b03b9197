"""How severe a breach is by the method of ENISA, as a person scores it; and what the EDPB's examples came to.

The method (ENISA, Recommendations for a methodology of the assessment of severity of personal data breaches, 2013)
computes SE = DPC x EI + CB. All scores are quarters, so they are counted in quarters and nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

Scores = Mapping[str, int]
"""What each code scores."""

CONTEXTS: Final[Scores] = MappingProxyType({"simple": 1, "behavioural": 2, "financial": 3, "sensitive": 4})
"""DPC: what the data are, and what they tell in this context. One to four."""
IDENTIFICATIONS: Final[Scores] = MappingProxyType({"negligible": 1, "limited": 2, "significant": 3, "maximum": 4})
"""EI: how easily it is known whom the data are about. In quarters."""
CONFIDENTIALITY: Final[Scores] = MappingProxyType({"not_lost": 0, "known_recipients": 1, "unknown_recipients": 2})
INTEGRITY: Final[Scores] = MappingProxyType({"not_lost": 0, "altered_recoverable": 1, "altered_for_good": 2})
AVAILABILITY: Final[Scores] = MappingProxyType({"not_lost": 0, "lost_for_a_time": 1, "lost_for_good": 2})
INTENTS: Final[Scores] = MappingProxyType({"accidental": 0, "malicious": 2})
"""CB: the circumstances of the breach. In quarters, and they add up."""
SCORED: Final = ("context", "identification", "confidentiality", "integrity", "availability", "intent")
"""What is scored."""
FLAGS: Final = ("over_100_persons", "unintelligible")
"""What the method says beside the score: more than a hundred persons; data that nobody can read."""


class Band(StrEnum):
    """What the score is called."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How severe a person finds a breach. It is never changed; a newer one counts."""

    id: UUID
    case_id: UUID
    context: str
    identification: str
    confidentiality: str
    integrity: str
    availability: str
    intent: str
    flags: tuple[str, ...]
    assessed_by: str
    assessed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One of the cases of EDPB guidelines 01/2021, and whether the authority and the persons had to be told."""

    number: int
    code: str
    tells_authority: bool
    tells_persons: bool


EXAMPLES: Final = tuple(
    Example(number=number, code=code, tells_authority=authority, tells_persons=persons)
    for number, (code, authority, persons) in enumerate(
        (
            ("ransomware_backup", False, False),
            ("ransomware_no_backup", True, False),
            ("ransomware_hospital", True, True),
            ("ransomware_taken_out", True, True),
            ("job_applications_taken", True, True),
            ("hashed_passwords_taken", False, False),
            ("credential_stuffing_bank", True, True),
            ("former_employee", True, False),
            ("sent_to_trusted", False, False),
            ("stolen_encrypted", False, False),
            ("stolen_unencrypted", True, True),
            ("stolen_paper_sensitive", True, True),
            ("wrong_parcel", False, False),
            ("confidential_mailed", True, True),
            ("participants_mailed", False, False),
            ("insurance_mailed", True, False),
            ("identity_theft", True, True),
            ("mail_forwarded", True, True),
        ),
        start=1,
    )
)
"""Something to compare with. Nothing is computed from them."""
