"""What account, retention and staff tell of a letter's recipients, asked for when it is needed and never stored."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.account.erasure.calls import SubjectNamed, UnknownSubjects
from services.account.letters.calls import LetterFacts, Recipients
from services.account.support.calls import TakeSupportMail
from services.cases.notices.calls import NoticeFacts, NoticeSaid
from services.notification.recipients.values import Erasure, Person, Recipient
from services.retention.monitoring.calls import Timeline
from services.staff.contacts.calls import ContactFound, ContactOf
from shared import errors
from shared.calls import Caller

FACTS_SECONDS: Final = 5.0
TRY_AGAIN: Final = (errors.Transient, errors.Internal, errors.Refused)
"""Refusals that have no meaning of their own here may be over at the next try (such as `Restoring`)."""


class Lookup:
    """Asks over the bus. Each call raises the service's refusals and `Transient`."""

    def __init__(self, caller: Caller) -> None:
        """`caller` reaches the services."""
        self._caller = caller

    def person(self, user_id: UUID, letter: str, ticket_id: UUID | None, thread_id: UUID | None = None) -> Person:
        """Address, name, language and company of a user, held in memory for as long as one letter takes."""
        facts = LetterFacts(user_id=user_id, letter=letter, ticket_id=ticket_id, thread_id=thread_id)
        shown = self._caller.ask(facts, timeout_seconds=FACTS_SECONDS).given()
        del shown["account_id"]
        return Person(**shown)

    def take_reply(self, reply: TakeSupportMail) -> str:
        """Have account take in a reply by mail; what became of it."""
        return self._caller.ask(reply, timeout_seconds=FACTS_SECONDS).verdict

    def staff(self, code: str) -> ContactFound:
        """The address and language of somebody of the staff. Raises `NotFound` for whoever has left or has none."""
        return self._caller.ask(ContactOf(code=code), timeout_seconds=FACTS_SECONDS)

    def recipients(self, account_id: UUID) -> list[Recipient]:
        """The users of a company."""
        shown = self._caller.ask(Recipients(account_id=account_id), timeout_seconds=FACTS_SECONDS).recipients
        return [Recipient(user_id=each.user_id, role=each.role, confirmed=each.confirmed) for each in shown]

    def must_exist(self, account_id: UUID, user_id: UUID | None) -> None:
        """Raise `NotFound` where there is no such company, or no such person of it.

        No more is asked than that: how somebody stands is nothing that letters need.
        """
        asked = UnknownSubjects(subjects=(SubjectNamed(account_id=account_id, user_id=user_id),))
        if self._caller.ask(asked, timeout_seconds=FACTS_SECONDS).subjects:
            field, reason = ("account_id", "no_account") if user_id is None else ("user_id", "no_person")
            details = {"reason": reason, "fields": {field: ["not found"]}}
            raise errors.NotFound("There is no such company, or no such person of it.", details=details)

    def erasures(self, account_id: UUID, user_id: UUID | None) -> list[Erasure]:
        """The erasures of a company and its users, or those of one person and what is held of that one."""
        asked = Timeline(account_id=account_id, user_id=user_id)
        return [
            Erasure(
                id=each.erasure_id,
                user_id=each.user_id,
                state=each.state,
                due_on=each.due_on,
                suspended=each.suspended,
                bases=tuple(sorted({part.basis for part in each.held})),
                review_on=min((part.review_on for part in each.held if part.review_on), default=None),
            )
            for each in self._caller.ask(asked, timeout_seconds=FACTS_SECONDS).erasures
        ]

    def notice(self, notice_id: UUID, account_id: UUID, user_id: UUID | None) -> NoticeSaid:
        """What a letter about a breach says. Raises `NotFound` for whoever is not to be told of it."""
        facts = NoticeFacts(notice_id=notice_id, account_id=account_id, user_id=user_id)
        return self._caller.ask(facts, timeout_seconds=FACTS_SECONDS)
