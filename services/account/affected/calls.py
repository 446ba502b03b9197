"""Whom a breach of personal data may concern, as far as account holds data of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, Range

from shared.calls import Call
from shared.records import Record

PAGE_MOST: Final = 2000
NAMED_MOST: Final = 500


class AffectedSubject(Record):
    """A customer, and one of its users; `user_id` is null for a customer that had none."""

    account_id: UUID
    user_id: UUID | None
    is_owner: bool = False


class AffectedPage(Record):
    """Customers and users in order of their ids; the last one is what the next page comes after."""

    subjects: tuple[AffectedSubject, ...]


class Affected(Call[AffectedPage], service="account", seconds=5.0):
    """Which customers and users were here at an instant that has passed, active or not, a page of them.

    `account_ids` are those that count, none for all. What is known of the past is what still stands: customers and
    users who have been erased since then are not among them, and whoever came later is not either. `active_only`
    leaves out whoever is inactive now, and all of a customer that is.
    """

    as_of: datetime
    account_ids: Annotated[tuple[UUID, ...], Length(max=NAMED_MOST)] = ()
    active_only: bool = False
    after_account: UUID | None = None
    after_user: UUID | None = None
    limit: Annotated[int, Range(min=1, max=PAGE_MOST)] = PAGE_MOST
