"""Telling the others of a change, in the name of who made it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from services.account.accounts.calls import AccountChanged
from services.account.accounts.values import AccountState
from shared.actor import Actor
from shared.context import Context, acting_as
from shared.database import Transaction
from shared.events import Event


def acting(actor: Actor) -> AbstractContextManager[Context]:
    """Events published in the block say on whose behalf."""
    return acting_as(str(actor))


def acting_user(user_id: UUID) -> AbstractContextManager[Context]:
    """The same for a user who proved to be one."""
    return acting(Actor.user(user_id))


def publish_change(
    tx: Transaction, actor: Actor, account: AccountState, event: Event, *, now: datetime
) -> AccountChanged:
    """Tell that a company was changed, in the name of who asked for it; returns the reply to the change."""
    with acting(actor):
        tx.outbox.add(event, now=now, sequence=account.version + 1)
    return AccountChanged(account_id=account.id, version=account.version + 1, state=account.state)
