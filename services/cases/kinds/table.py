"""Every kind of case in every version. A new kind is a declaration and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.cases.kinds.alarm import ALARM
from services.cases.kinds.breach import (
    BREACH_CONTROLLER,
    BREACH_CONTROLLER_2,
    BREACH_CONTROLLER_3,
    BREACH_PROCESSOR,
    BREACH_PROCESSOR_2,
    BREACH_PROCESSOR_3,
    BREACH_PROCESSOR_4,
)
from services.cases.kinds.complaint import COMPLAINT
from services.cases.kinds.contact_failure import CONTACT_FAILURE
from services.cases.kinds.dispute import DISPUTE
from services.cases.kinds.enquiry import ENQUIRY
from services.cases.kinds.forwarded_request import FORWARDED_REQUEST
from services.cases.kinds.incident import INCIDENT, INCIDENT_2
from services.cases.kinds.marketing_objection import MARKETING_OBJECTION
from services.cases.kinds.nonconformity import NONCONFORMITY, NONCONFORMITY_2
from services.cases.kinds.rights_request import RIGHTS_REQUEST, RIGHTS_REQUEST_2
from services.cases.kinds.security_notice import SECURITY_NOTICE
from services.cases.kinds.values import CaseKind

KINDS: Final = (
    ALARM,
    INCIDENT,
    INCIDENT_2,
    BREACH_CONTROLLER,
    BREACH_CONTROLLER_2,
    BREACH_CONTROLLER_3,
    BREACH_PROCESSOR,
    BREACH_PROCESSOR_2,
    BREACH_PROCESSOR_3,
    BREACH_PROCESSOR_4,
    CONTACT_FAILURE,
    SECURITY_NOTICE,
    RIGHTS_REQUEST,
    RIGHTS_REQUEST_2,
    FORWARDED_REQUEST,
    MARKETING_OBJECTION,
    COMPLAINT,
    ENQUIRY,
    DISPUTE,
    NONCONFORMITY,
    NONCONFORMITY_2,
)
BY_VERSION: Final[Mapping[tuple[str, int], CaseKind]] = MappingProxyType(
    {(kind.code, kind.version): kind for kind in KINDS}
)
"""What an open case is held to: the version it was opened in."""
PRESENT: Final[Mapping[str, CaseKind]] = MappingProxyType(
    {kind.code: kind for kind in sorted(KINDS, key=lambda each: each.version)}
)
"""What a case is opened in."""

STEPS: Final = tuple(dict.fromkeys(step.code for kind in KINDS for step in kind.steps if not step.decisive))
DECISIONS: Final = tuple(dict.fromkeys(step.code for kind in KINDS for step in kind.steps if step.decisive))
"""By what calls name them: steps that whoever handles cases takes, and those with a meaning in law."""
TWO_PERSONS: Final = tuple(dict.fromkeys(step.code for kind in KINDS for step in kind.steps if step.two_persons))
"""Those decisions that two persons sign."""
ONE_PERSON: Final = tuple(each for each in DECISIONS if each not in TWO_PERSONS)
EFFECTS: Final = tuple(dict.fromkeys(effect for kind in KINDS for step in kind.steps for effect in step.effects))
"""What steps have carried out. One room of the service carries out each."""
REASONS: Final = tuple(dict.fromkeys(reason for kind in KINDS for step in kind.steps for reason in step.reasons))
