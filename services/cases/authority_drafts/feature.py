"""Fills in the authority's form from what a case, its notices, its list and its filing say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.cases.affected.values import AffectedList
from services.cases.authority_drafts import calls, rules
from services.cases.authority_drafts.values import FORM, Answer, Source
from services.cases.decisions.calls import HANDLERS, LEADS
from services.cases.engine import store as cases
from services.cases.notices.values import Notice
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.staff import Role
from shared.vendor_imprint import Imprint

ANSWERED_BY: Final[Mapping[Source, tuple[Role, ...]]] = MappingProxyType(
    {
        Source.INSTANTS: LEADS,
        Source.LIST: HANDLERS,
        Source.NOTICE: LEADS,
        Source.DECISION: LEADS,
        Source.INSTALLATION: (Role.OPERATOR,),
    }
)
"""Who may do that with which it is answered."""


@dataclass(kw_only=True, eq=False)
class AuthorityDrafts(Feature):
    """Reads, and changes nothing. Lists, notices and filings are asked of their rooms.

    `named_of` counts for whom the authority is notified by us, and their persons; None where nobody has looked.
    """

    database: Database
    clock: Clock
    newest_list: Callable[[Transaction, UUID], AffectedList | None]
    notices_of: Callable[[Transaction, UUID], list[Notice]]
    told_of: Callable[[Transaction, UUID], Mapping[UUID, Row]]
    persons_told: Callable[[Transaction, UUID], list[datetime]]
    named_of: Callable[[Transaction, UUID], tuple[int, int] | None]
    authority_due: Callable[[datetime], datetime]
    imprint: Imprint | None = None

    @answers(calls.AuthorityDraft)
    def authority_draft(self, call: calls.AuthorityDraft) -> calls.AuthorityDraftShown:
        """The authority's form as far as the case fills it in."""
        with self.database.transaction() as tx:
            file = cases.get(tx, call.case_id)
            rules.check_kind(file.case.kind)
            notices = self.notices_of(tx, call.case_id)
            listed = self.newest_list(tx, call.case_id)
            told = [row["first_told_at"] for row in self.told_of(tx, call.case_id).values()]
            informed = self.persons_told(tx, call.case_id)
            named = self.named_of(tx, call.case_id)
        kind, due = file.case.kind, rules.due_of(file)
        if kind == rules.PROCESSOR:
            first = min((at for at in told if at is not None), default=None)
            due = self.authority_due(first) if first is not None else None
        counts = named if named and named[0] else ((listed.customers, listed.persons) if listed else (None, None))
        known = rules.Known(
            notice=notices[-1] if notices else None,
            customers=counts[0],
            persons=counts[1],
            persons_told=tuple(informed),
            due=due,
            imprint=self.imprint,
        )
        given = rules.answers(file, known, self.clock.now())
        phase, is_owed = rules.phase_of(file.decisions)
        return calls.AuthorityDraftShown(
            reference=file.case.reference,
            form=FORM.code,
            read_on=FORM.read_on,
            phase=phase,
            is_owed=is_owed,
            due=due,
            mandates=named[0] if named else None,
            questions=tuple(
                calls.QuestionShown(
                    question=each.code,
                    answers=tuple(_shown(answer, kind) for answer in rules.answered(each, given)),
                )
                for each in FORM.questions
            ),
            unanswered=rules.unanswered(given),
        )


def _shown(answer: Answer, kind: str) -> calls.AnswerShown:
    source = rules.source_of(answer.field, kind)
    roles = tuple(each.value for each in ANSWERED_BY.get(source, ()))
    return calls.AnswerShown.of(answer, answered_in=source.value, answered_by=roles)
