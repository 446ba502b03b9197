"""Cases: one board, and one page for every kind."""

from __future__ import annotations

from flask import Response

from services.cases.board.calls import STATES, CaseBoard, ShowCase
from services.cases.duty_alerts.calls import ShowAlerts
from services.cases.notices.calls import AuthorityDraft, ShowNotices
from services.desk.web.visit import Visit, ident


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
        alerts = together.ask(ShowAlerts(case_id=ident(case_id)))
    return visit.page(
        "case",
        case=case.reply,
        notices=notices.reply,
        alerts=alerts.reply.alerts,
        now=visit.desk.clock.now(),
    )


def authority_draft(visit: Visit, case_id: str) -> Response:
    """The form of the authority as far as a case fills it in."""
    draft = visit.desk.ask(AuthorityDraft(case_id=ident(case_id)))
    return visit.page("authority_draft", draft=draft, case_id=case_id)
