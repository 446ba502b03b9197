"""What holds for requests of persons beside the steps of their kind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.cases.clocks.rules import day_before
from services.cases.engine import rules as engine
from services.cases.engine.values import CaseFile, Effect, Entered, RunningClock
from services.cases.kinds import complaint, enquiry
from services.cases.kinds.forwarded_request import FORWARD_BY
from services.cases.kinds.rights_request import (
    ANSWER,
    ANSWERED_WITH,
    ASK_IDENTITY,
    BEGIN,
    DEADLINE,
    ERASED,
    EXTEND,
    FEE,
    FEE_NOT_PAID,
    IDENTITY_KNOWN,
    RECEIVED,
    REFUSE,
    RIGHTS_REQUEST,
    RIGHTS_REQUEST_2,
    WORKING,
    WRITE_REQUESTER,
)
from services.cases.kinds.values import Moment
from services.cases.rights_requests.events import RightsLetterOrdered
from services.cases.rights_requests.values import ALSO_OF, LETTER_OF, Concerns, RequesterLetter
from shared.calendar import oslo_date
from shared.daily_limits import check_daily
from shared.errors import Conflict, Invalid
from shared.identifiers import derived_id
from shared.past_instants import check_past
from shared.terms.clauses.rights import (
    HELP_FOR_THE_CONTROLLER,
    QUESTIONS_ARE_ANSWERED,
    RIGHT_OF_ACCESS,
    RIGHT_TO_COMPLAIN,
)
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces

ERASURE, DONE = "erasure", "done"
EARLIEST_YEAR: Final = 2018
"""Nobody has asked us for anything before the law gave these rights."""
OPENED_WITHIN: Final = timedelta(hours=1)
"""By then the case of a copy is opened that was handed over; one that is not there belongs to a file that ended."""
CLOCKS: Final = (DEADLINE, FORWARD_BY, complaint.ANSWER_BY, enquiry.ANSWER_BY)
SENT: Final = {EXTEND: Moment.EXTENSION_SENT_AT, ASK_IDENTITY: Moment.IDENTITY_ASKED_AT}
"""What is known by the letter of a decision having left: it counts from then, and not from the decision."""


@enforces(QUESTIONS_ARE_ANSWERED)
def check_received(received_at: datetime, now: datetime) -> None:
    """Raise `Invalid` for a request from the future, or from before there was anything to ask."""
    check_past(received_at, now, field="received_at", earliest_year=EARLIEST_YEAR)


@enforces(HELP_FOR_THE_CONTROLLER)
def check_controller(concerns: str, account_id: UUID | None) -> None:
    """Raise `Invalid` for a request about what a customer has typed that does not say which customer."""
    if concerns == Concerns.CONTENT and account_id is None:
        raise Invalid("it is passed on to the customer", details={"account_id": ["needed: who answers for it"]})


def daily_limit(now: datetime) -> int:
    """How many requests in 24 hours one user may make by themselves."""
    return in_force("dsr.requests_daily", oslo_date(now)).default


def check_often(earlier: Sequence[datetime], now: datetime) -> None:
    """Raise `TooMany` where a person has made so many of the last 24 hours, whose instants are `earlier`.

    It is no refusal of the request: it says whom to ask, for mail, telephone and post are open all the same.
    """
    limit = daily_limit(now)
    check_daily(earlier, now, limit=limit, says=f"one user may make {limit} requests in 24 hours here")


def check_withdrawal(file: CaseFile) -> None:
    """Raise `Conflict` where the request has an answer, or a letter about it has not left."""
    if file.case.ended_at is not None:
        raise Conflict("it has an answer", details={"reason": "answered_before"})
    if file.not_carried_out:
        raise Conflict("a letter about it is on its way", details={"reason": "letter_on_its_way"})


@enforces(RIGHT_OF_ACCESS, QUESTIONS_ARE_ANSWERED)
def answered_by_copy(file: CaseFile, asked_at: datetime) -> tuple[tuple[str, str], ...]:
    """The steps, each with its reason, by which a copy that was late answers the request that it became; else none.

    Only what was opened for that copy is answered by it, which its receipt shows: whoever asked in words of their
    own may want more. Nor is a request whose asker was asked who they are, or about which a letter has not left:
    there a person goes on.
    """
    if file.case.received_at != asked_at or file.not_carried_out:
        return ()
    answer = (ANSWER, ANSWERED_WITH[0])
    return {RECEIVED: ((BEGIN, IDENTITY_KNOWN), answer), WORKING: (answer,)}.get(file.case.state, ())


def is_soon(at: datetime, now: datetime) -> bool:
    """Whether the case of a copy that became ready then may still be about to be opened."""
    return now - at < OPENED_WITHIN


def check_extension(file: CaseFile) -> None:
    """Raise `Conflict` where the last decision extends a request for which that has no effect any more.

    The person is told, with reasons, within the first month (GDPR article 12(3)): once it is over, a request is
    answered at once. It is extended once.
    """
    last = file.decisions[-1] if file.decisions else None
    if last is None or file.case.kind != RIGHTS_REQUEST.code or last.step != EXTEND:
        return
    if last.is_late:
        raise Conflict("the first month is over: answer now", details={"reason": "too_late_to_extend"})
    if any(each.step == EXTEND for each in file.decisions[:-1]):
        raise Conflict("it is extended once", details={"reason": "extended_before"})


def check_fee(file: CaseFile) -> None:
    """Raise `Conflict` where the last decision refuses a request for a fee that nobody was asked for.

    The person hears first what it costs and why (GDPR article 12(5)); two persons have signed that as well.
    """
    last = file.decisions[-1] if file.decisions else None
    if last is None or (last.step, last.reason) != (REFUSE, FEE_NOT_PAID):
        return
    if not any(each.step == FEE for each in file.decisions):
        raise Conflict("nobody was asked for a fee", details={"reason": "no_fee_asked"})


def check_erasure(file: CaseFile) -> None:
    """Raise `Conflict` where one person answers that data were erased, or two that something else was.

    Nothing brings back what was erased. That nothing is held one person may say, for then nothing was.
    """
    last = file.decisions[-1] if file.decisions else None
    if last is None or file.case.kind != RIGHTS_REQUEST.code or file.case.kind_version < RIGHTS_REQUEST_2.version:
        return
    is_erasure = file.case.signal == ERASURE
    if is_erasure and (last.step, last.reason) == (ANSWER, DONE):
        raise Conflict("two persons say that it was erased", details={"reason": "two_persons_needed"})
    if last.step == ERASED and not is_erasure:
        raise Conflict("nothing was to be erased", details={"reason": "no_erasure"})


def clock_of(file: CaseFile) -> RunningClock:
    """The clock of the law of a request."""
    return next(each for each in file.clocks if each.rule in CLOCKS)


def last_day(file: CaseFile) -> date:
    """The last day on which the answer is in time, by the law."""
    return day_before(clock_of(file).statutory_due)


def day_if_extended(file: CaseFile, sent_at: datetime) -> date:
    """The same once an extension has left at this instant."""
    sent = Entered(name=Moment.EXTENSION_SENT_AT, at=sent_at, entered_by="system", recorded_at=sent_at)
    return last_day(engine.entered_in(file, sent).after)


def waiting_letter(file: CaseFile) -> Effect:
    """The letter that was decided and has not left. Raises `Conflict` where there is none."""
    for each in file.not_carried_out:
        if each.code == WRITE_REQUESTER:
            return each
    raise Conflict("no letter waits to be posted", details={"reason": "no_letter"})


def check_posted(effect: Effect, posted_at: datetime, now: datetime) -> None:
    """Raise `Invalid` for a letter that was posted in the future, or before anybody decided it."""
    check_past(posted_at, now, field="posted_at")
    if posted_at < effect.ordered_at:
        raise Invalid("it was not decided yet", details={"posted_at": ["lies before the decision"]})


@enforces(RIGHT_TO_COMPLAIN)
def letter_of(step: str) -> RequesterLetter:
    """The letter by which whoever asked is told of a decision.

    One that refuses, be it a part, is a letter of its own: it says on which ground, and where to complain.
    """
    return LETTER_OF[step]


def letter_id(effect: Effect) -> UUID:
    """The id of what orders the letter of a decision: the same at each try."""
    return effect.id_of(RightsLetterOrdered.type)


def letters_of(effect: Effect, step: str) -> tuple[tuple[RequesterLetter, UUID], ...]:
    """The letters of a decision, each with the id of what orders it; the one to whoever asked comes first."""
    first = (letter_of(step), letter_id(effect))
    also = ALSO_OF.get(step)
    if also is None:
        return (first,)
    return first, (also, derived_id(RightsLetterOrdered.type, also, effect.decision_id))
