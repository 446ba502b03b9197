"""What is decided about changes to a company. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.errors import ASK_VENDOR, Conflict
from shared.terms import enforces
from shared.terms.clauses import documents, monitoring


@enforces(monitoring.SUSPICIOUS_ACCOUNTS)
def outcome_after_change(changes: Mapping[str, Any], *, had_number: bool) -> str | None:
    """`provisional` where name or number changed and are to be checked, `no_number`, None where all stands."""
    if not {"name", "org_number"} & changes.keys():
        return None
    has_number = bool(changes["org_number"]) if "org_number" in changes else had_number
    return "provisional" if has_number else "no_number"


@enforces(documents.DPA_WITH_THE_ACCOUNT)
def check_number_change(current: str | None, wanted: str | None) -> None:
    """Raises `Conflict` for another organisation number: that is another company, with an agreement of its own."""
    if current is not None and wanted != current:
        raise Conflict(
            "another organisation number is another company, which signs up itself; the vendor corrects one that"
            " was mistyped, or changed by a merger",
            details={"reason": "org_number", **ASK_VENDOR},
        )
