"""The fact that the ledger keeps of an erasure whose keys are about to be destroyed."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from services.retention.erasure.values import Erasure
from shared.privacy.ledger_lines import Fact, Kind, Value, instant


def erased(erasure: Erasure, *, kept_keys: Iterable[UUID] = (), partial: bool = False) -> Fact:
    """Every participant has confirmed, and the keys are about to be destroyed, but for those of what was kept.

    It holds what is needed to know of the erasure again where retention's own database is set back behind it.
    `partial` says that something was kept because it is held.
    """
    data: dict[str, Value] = {
        "erasure_id": str(erasure.id),
        "certificate_id": str(erasure.certificate_id),
        "trigger": erasure.trigger.value,
        "since": instant(erasure.started_at),
        "started_on": erasure.started_on.isoformat(),
        "due_on": erasure.due_on.isoformat(),
    }
    for name, day in (("noticed_on", erasure.noticed_on), ("inactive_on", erasure.inactive_on)):
        if day is not None:
            data[name] = day.isoformat()
    if spared := tuple(map(str, kept_keys)):
        data["kept_keys"] = spared
    if partial:
        data["extent"] = "partial"
    if erasure.completes is not None:
        data["completes"] = str(erasure.completes)
    kind = Kind.ACCOUNT_ERASED if erasure.scope.is_account else Kind.USER_ERASED
    return Fact(kind=kind, account_id=erasure.scope.account_id, user_id=erasure.scope.user_id, data=data)
