"""Cases: one board, and one page for every kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Response

from services.cases.board.calls import STATES, CaseBoard, ShowCase
from services.cases.duty.calls import Duty
from services.cases.notices.calls import AuthorityDraft, ShowNotices
from services.desk.web.visit import Visit, ident
from shared.calendar import monday_of, oslo_date

WEEKS: Final = 8


def listed(visit: Visit) -> Response:
    """What is due first stands first."""
    state = visit.chosen("state", STATES)
    cases = visit.desk.ask(CaseBoard(state=state)).cases
    return visit.page("cases", cases=cases, state=state, states=STATES, now=visit.desk.clock.now())


def show(visit: Visit, case_id: str) -> Response:
    """One case with its clocks, instants and decisions, and what can be done next."""
    with visit.desk.together() as together:
        case = together.ask(ShowCase(case_id=ident(case_id)))
        notices = together.ask(ShowNotices(case_id=ident(case_id)))
    return visit.page("case", case=case.reply, notices=notices.reply, now=visit.desk.clock.now())


def authority_draft(visit: Visit, case_id: str) -> Response:
    """The form of the authority as far as a case fills it in."""
    draft = visit.desk.ask(AuthorityDraft(case_id=ident(case_id)))
    return visit.page("authority_draft", draft=draft, case_id=case_id)


def duty(visit: Visit) -> Response:
    """Who is on duty in the next weeks."""
    known = {each.week_on: each for each in visit.desk.ask(Duty()).weeks}
    monday = monday_of(oslo_date(visit.desk.clock.now()))
    weeks = [monday + timedelta(weeks=number) for number in range(WEEKS)]
    return visit.page("duty", weeks=[(week, known.get(week)) for week in weeks])
