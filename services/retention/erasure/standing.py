"""What the account service says of an account or user: whether they are active, and since when not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.account.companies import calls as companies
from services.retention.erasure.values import Notice, Scope, Standing, Trigger
from shared.calls import Caller
from shared.clock import Clock
from shared.errors import NotFound


def ask(caller: Caller, clock: Clock, scope: Scope) -> Standing:
    """What the account service says of the scope now."""
    asked_at = clock.now()
    try:
        shown = caller.ask(companies.Standing(account_id=scope.account_id, user_id=scope.user_id))
    except NotFound:
        return Standing(state=None, inactivated_at=None, asked_at=asked_at)
    return _standing(shown, scope, asked_at)


def must_exist(caller: Caller, account_id: UUID, user_ids: Iterable[UUID]) -> None:
    """Raise `NotFound` where there is no such account or person: what is kept of nobody keeps nothing."""
    for user_id in tuple(user_ids) or (None,):
        try:
            caller.ask(companies.Standing(account_id=account_id, user_id=user_id))
        except NotFound:
            field, reason = ("account_id", "no_account") if user_id is None else ("user_ids", "no_person")
            details = {"reason": reason, "fields": {field: ["not found"]}}
            raise NotFound("There is no such account, or no such person of it.", details=details) from None


def _standing(shown: companies.StandingShown, scope: Scope, asked_at: datetime) -> Standing:
    return Standing(
        state="inactive" if shown.state != "active" else "active",
        inactivated_at=shown.inactivated_at,
        asked_at=asked_at,
        notice=Notice.of(shown.noticed_on, shown.notice_ends_on) if scope.is_account else None,
        ended_by_notice=scope.is_account and shown.account_trigger == Trigger.CONTRACT_TERMINATED,
        is_last_owner=shown.is_last_owner,
    )
