"""What persons write about that is no request for their data: each kind is a kind of case."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.cases.kinds.complaint import COMPLAINT
from services.cases.kinds.enquiry import ENQUIRY
from services.cases.kinds.values import CaseKind

KIND_OF: Final[Mapping[str, CaseKind]] = MappingProxyType({each.code: each for each in (COMPLAINT, ENQUIRY)})
"""Which kind of case is opened, by how calls name it."""
CLOCK_OF: Final[Mapping[str, str]] = MappingProxyType(
    {code: clock.rule for code, kind in KIND_OF.items() for clock in kind.clocks}
)
"""The clock by which each is answered."""
