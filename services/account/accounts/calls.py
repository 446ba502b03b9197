"""What calls about an account share: whose it is, who acts, which version was read.

A call with a field that is not listed is refused (L9, L17). Refusals name fields and limits, never a value.

`actor` says on whose behalf a call is made: `user:<id>` for a user that the gateway has authenticated,
`staff:<code>` for the desk, `system` for another service. Where the public interface takes the same fields it is
described by these classes: a text beside a field is what a customer's programmer reads.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.account.fields.kinds import Version
from shared.actor import ActorKind
from shared.errors import Forbidden, Locked, NotFound
from shared.records import Record

INTO_ACCOUNT: Final = (NotFound, Forbidden, Locked)
"""How somebody is refused who may not enter the account; other companies' users are not told that it exists."""


class Accepted(Record):
    """The request was taken in; whatever follows goes by letter. The same for everybody."""

    status: str


class Done(Record):
    """It is done; there is nothing more to tell."""

    status: str


ACCEPTED: Final = Accepted(status="accepted")
DONE: Final = Done(status="done")


class ForAccount(Record):
    """About one account, on behalf of an actor."""

    account_id: UUID
    actor: ActorKind


class AtVersion(ForAccount):
    """A change of the version last read."""

    version: Version


class AccountChanged(Record):
    """The company after the change."""

    account_id: UUID
    version: int
    state: str
