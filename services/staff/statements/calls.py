"""What staff answers about signed statements of who acts."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from marshmallow.validate import Length, Range

from services.staff.authentication.calls import ABOUT_ONESELF, InSession
from services.staff.grants.calls import GrantsShown
from shared.calls import Call, Done
from shared.errors import Unauthenticated
from shared.records import Record
from shared.staff import Purpose, WithoutStatement
from shared.statements import Digest, Word

MOST: Final = 32
"""So many acts of one page are signed by one call."""
FINDING: Final = 2
"""So many acts of one look find in their replies whom they show."""
ACCOUNTS_SEEN: Final = 500 * FINDING + MOST
"""Of so many accounts one look shows people: no reply that finds them has more than 500 rows, and each other act
names one."""
NAMED: Final = 50
"""So many users are named of those that were shown; more are counted."""
IN_SESSION: Final = WithoutStatement("it brings its session, and statements are what it asks for")


class ActAsked(Record):
    """One act: the call as `<service>.<method>`, and the digest of all that is said in it.

    `account_id` is the call's field of that name, `approval_id` what another person has approved.

    A `rehearsal` of an act that takes two only tries whether it would be refused, before another person approves
    it: `approval_id` then is the request's, where there is one.
    """

    act: Word
    digest: Digest
    account_id: UUID | None = None
    approval_id: UUID | None = None
    rehearsal: bool = False


class ActSigned(Record):
    """The statement, to be sent along with just this call within a minute; or why there is none.

    `purposes` are those for which it would be signed, where the one that was named is the reason.
    """

    statement: str | None
    refusal: str | None
    purposes: tuple[str, ...] = ()


class StatementsSigned(Record):
    """One for each act, in their order.

    `reading_id` is there where people of an account will be shown: whom, is told with `tell_seen` within a minute.
    """

    statements: tuple[ActSigned, ...]
    reading_id: UUID | None = None


class PersonsSeen(Record):
    """The users of an account that a page or command showed: the first ones, and how many there were in all."""

    account_id: UUID
    user_ids: Annotated[tuple[UUID, ...], Length(max=NAMED)]
    persons: Annotated[int, Range(min=0)]


class SignStatements(
    InSession, Call[StatementsSigned], service="staff", refusals=(Unauthenticated,), staff=IN_SESSION
):
    """Sign who acts, for each act that the holder of the session may do now, for this purpose where one is named.

    What is read of people of an account is told to its trail, once for all acts of the call: when it is told whom
    they showed, and after a minute in any case. Looks of one session with the same `visit_id`, for the same purpose
    and by the same acts, are told once a day for the same people: a form shows them again where its act was
    refused.
    """

    acts: Annotated[tuple[ActAsked, ...], Length(min=1, max=MOST)]
    purpose: Purpose | None = None
    visit_id: UUID | None = None


class OwnGrants(InSession, Call[GrantsShown], service="staff", refusals=(Unauthenticated,), staff=ABOUT_ONESELF):
    """What the holder of the session is granted: for which purposes they can ask to act."""


class TellSeen(InSession, Call[Done], service="staff", refusals=(Unauthenticated,), staff=IN_SESSION):
    """Tell whom a page or command showed. What was told already, or is none of this session, stays as it is.

    Accounts that no act has named count where one of them finds them in its reply.
    """

    reading_id: UUID
    seen: Annotated[tuple[PersonsSeen, ...], Length(min=1, max=ACCOUNTS_SEEN)]
