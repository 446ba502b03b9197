"""Who may ask, approve, change and carry out what takes two persons. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.staff.approvals.values import Approval, ApprovalState
from services.staff.people.values import Person, PersonState
from services.staff.vouching.rules import in_hands_of
from shared import base64url
from shared.actor import is_staff, staff_code
from shared.approvals import NONCE_BYTES, FrozenRequest
from shared.calendar import oslo_date
from shared.canonical_json import canonical
from shared.errors import Conflict, Forbidden, Invalid
from shared.events import COUNT_LIMIT
from shared.staff import Act
from shared.statements import ACCOUNT, LONGEST, SKEW
from shared.terms import enforces
from shared.terms.clauses import protection
from shared.terms.parameters import in_force
from shared.wait_bounds import noted_by

FIELDS_MOST: Final = 40
LIST_MOST: Final = 1000
DOCUMENT_BYTES: Final = 96 * 1024
"""A thousand ids and room for the rest."""
ANOTHER_PERSON: Final = "another-person"
"""Who will approve an act that is tried before anybody has."""
OPEN_MOST: Final = 100
"""So many requests of one person may be open: whatever grows has a bound."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,127}")


def lasts(now: datetime) -> timedelta:
    """How long a request stands, approved or not."""
    return timedelta(days=in_force("staff.approval", oslo_date(now)).default)


def check_fields(fields: Mapping[str, Any]) -> None:
    """Raise `Invalid` unless these are fields of which a request can be kept: ids, codes, dates, numbers.

    It is kept for years, so there is no room in it for what anybody is called.
    """
    wrong = sorted(name for name, value in fields.items() if not (_NAME.fullmatch(name) and _is_plain(value)))
    if wrong or len(fields) > FIELDS_MOST or len(canonical(dict(fields))) > DOCUMENT_BYTES:
        named = [name if _NAME.fullmatch(name) else "(malformed name)" for name in wrong[:FIELDS_MOST]]
        raise Invalid(details={"fields": {name: ["not plain"] for name in named} or {"fields": ["too many"]}})


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= LIST_MOST and all(isinstance(each, str) and _is_plain(each) for each in value)
    if isinstance(value, str):
        return bool(_WORD.fullmatch(value))
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= COUNT_LIMIT)


def account_of(fields: Mapping[str, Any]) -> UUID | None:
    """The account that the act is about. Raises `Invalid` where the field holds none."""
    given = fields.get(ACCOUNT)
    try:
        return None if given is None else UUID(given)
    except (AttributeError, TypeError, ValueError):
        raise Invalid(details={"fields": {ACCOUNT: ["not a uuid"]}}) from None


def named_persons(fields: Mapping[str, Any]) -> dict[str, str]:
    """The code of each person of staff that a field of the act names, whom it says to answer for something."""
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return {name: staff_code(text) for name, text in texts.items() if is_staff(text)}


def check_named(named: Iterable[tuple[str, Person | None]]) -> None:
    """Raise `Invalid`, with the fields, unless everybody who is named works here now."""
    wrong = [name for name, person in named if person is None or person.state is not PersonState.ACTIVE]
    if wrong:
        details = {"reason": "nobody_of_staff", "fields": {name: ["nobody of the staff"] for name in wrong}}
        raise Invalid("Nobody who works here now has this code.", details=details)


def check_not_concerned(subject: str | None, by: str) -> None:
    """Raise `Forbidden` for whom the act concerns: they neither ask for it nor say what it is to be."""
    if subject == by:
        raise Forbidden("whoever this concerns does not ask for it", details={"reason": "own_affair"})


def subject_of(fields: Mapping[str, Any], act: Act) -> str | None:
    """The code of the person of staff whom the act concerns."""
    given = fields.get(act.subject) if act.subject else None
    return given if isinstance(given, str) else None


def frozen(
    approval_id: UUID, name: str, act: Act, fields: Mapping[str, Any], *, by: str, now: datetime
) -> Approval:
    """The request as it is first asked for. Raises `Invalid`, and `Forbidden` for whom it concerns."""
    check_fields(fields)
    check_not_concerned(subject_of(fields, act), by)
    request = FrozenRequest(
        id=approval_id,
        act=name,
        asked=fields,
        requested_by=by,
        edited_by=by,
        subject=subject_of(fields, act),
        version=1,
        nonce=new_nonce(),
        requested_at=now,
        expires_at=now + lasts(now),
    )
    return Approval(document=canonical(request.to_json()), edited_at=now)


def edited(approval: Approval, act: Act, fields: Mapping[str, Any], *, by: str, now: datetime) -> Approval:
    """The request as it is from now on; nobody has approved it. It ends when it was to end. Raises as `frozen`.

    It stays about the customer it is about: whoever may see a request sees it whatever it is changed to.
    """
    check_fields(fields)
    check_not_concerned(subject_of(fields, act), by)
    before = approval.request
    if account_of(fields) != account_of(before.asked):
        raise Invalid(details={"fields": {ACCOUNT: ["another customer than before"]}})
    changed = FrozenRequest.of(
        before,
        asked=fields,
        edited_by=by,
        subject=subject_of(fields, act),
        version=before.version + 1,
        nonce=new_nonce(),
    )
    return Approval(document=canonical(changed.to_json()), edited_at=now)


def new_nonce() -> str:
    """What makes two requests for the same thing two."""
    return base64url.encode(secrets.token_bytes(NONCE_BYTES))


def check_open(approval: Approval, version: int | None, now: datetime) -> FrozenRequest:
    """The request. Raises `Conflict` where it has ended, its time is over, or it is another version by now."""
    request = approval.request
    if approval.state is ApprovalState.ENDED:
        raise Conflict("It is over.", details={"reason": "ended"})
    if not is_in_time(request, now):
        raise Conflict("Its time is over.", details={"reason": "expired"})
    if version not in (None, request.version):
        raise Conflict("It was changed meanwhile.", details={"reason": "edited"})
    return request


def check_changeable(approval: Approval, version: int, now: datetime) -> FrozenRequest:
    """The request. Raises `Conflict` as `check_open`, and where it may be carried out at this moment.

    What was signed is good for a minute. Whatever the request became meanwhile would stand as what was done, and
    what proves that it was approved would be gone.
    """
    request = check_open(approval, version, now)
    at = approval.cleared_at
    if at is not None and noted_by(at, now) and at > done_by(now):
        raise Conflict("It is being carried out.", details={"reason": "under_way"})
    return request


def check_editable(approval: Approval, version: int, now: datetime) -> FrozenRequest:
    """The request. Raises `Conflict` as `check_changeable`, and where it was ever signed that it is carried out.

    It may have been done however long nobody has told of it, and an approval proves what was done. It is withdrawn
    and asked for anew.
    """
    request = check_changeable(approval, version, now)
    if approval.cleared_at is not None:
        raise Conflict("It may have been carried out.", details={"reason": "may_be_done"})
    return request


def done_by(now: datetime) -> datetime:
    """What was signed by then is carried out by now, or is not."""
    return now - (LONGEST + SKEW)


def is_in_time(request: FrozenRequest, now: datetime) -> bool:
    """Whether it stands; one that is dated ahead of now was written by a clock that was wrong."""
    return noted_by(request.requested_at, now) and now < request.expires_at


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_approver(approval: Approval, code: str, version: int, now: datetime) -> FrozenRequest:
    """The request that this person may approve, where a role lets them. Raises `Conflict` or `Forbidden`.

    Whoever asked for it, changed it last, or is concerned by it is not another person.
    """
    request = check_open(approval, version, now)
    for one, reason in (
        (request.requested_by, "own_request"),
        (request.edited_by, "own_edit"),
        (request.subject, "own_affair"),
    ):
        if code == one:
            raise Forbidden("another person approves this", details={"reason": reason})
    if approval.state is ApprovalState.APPROVED:
        raise Conflict("It is approved already.", details={"reason": "approved_already"})
    return request


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_apart(request: FrozenRequest, approver: str, *, makers_of: Callable[[str], AbstractSet[str]]) -> None:
    """Raise `Forbidden` where one person could be behind both.

    `makers_of` says of a code who made a link by which that person came, and nobody has vouched since that it was
    they who came.
    """
    hands = in_hands_of(approver, makers_of)
    for code in {request.requested_by, request.edited_by}:
        if not hands.isdisjoint(in_hands_of(code, makers_of)):
            raise Forbidden("one person may be behind the two", details={"reason": "let_in_by_other"})


def check_own(request: FrozenRequest, code: str) -> None:
    """Raise `Forbidden` unless this person asked for it."""
    if code != request.requested_by:
        raise Forbidden("whoever asked for it takes it back", details={"reason": "request_of_another"})


def check_another(request: FrozenRequest, code: str) -> None:
    """Raise `Forbidden` for whoever asked for it: they take it back."""
    if code == request.requested_by:
        raise Forbidden("what one has asked for oneself is taken back", details={"reason": "own_request"})


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_carried_out(approval: Approval, code: str, *, name: str, digest: str, now: datetime) -> FrozenRequest:
    """The request that this person may have carried out now. Raises `Conflict` or `Forbidden`.

    It must be just what was approved, and by one of the two persons.
    """
    request = check_open(approval, None, now)
    if approval.state is not ApprovalState.APPROVED:
        raise Conflict("Nobody has approved it.", details={"reason": "not_approved"})
    if (request.act, request.digest) != (name, digest):
        raise Forbidden("this is not what was approved", details={"reason": "another_request"})
    if code not in (request.requested_by, approval.approved_by):
        raise Forbidden("one of the two carries it out", details={"reason": "approval_of_others"})
    if approval.approved_by in request.involved:
        raise Forbidden("one person is not two", details={"reason": "one_person"})
    return request
