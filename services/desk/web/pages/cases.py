"""Cases: one board, and one page for every kind."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from flask import Response

from services.cases.authority_drafts.calls import AuthorityDraft
from services.cases.board.calls import KINDS, STATES, CaseBoard, CaseCustomers, CaseShown, CasesOfAccount, ShowCase
from services.cases.costs.calls import ShowCosts
from services.cases.duty_alerts.calls import ShowAlerts
from services.cases.filings.calls import ShowFilings, ShowMandates
from services.cases.notices.calls import ShowNotices
from services.cases.severity.calls import ShowSeverity
from services.desk import breach_register
from services.desk.client import Answer, Together
from services.desk.web import case_timeline, names, paging, purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from shared.web.visit import ident

FILE: Final = "/cases.csv"
MANDATES: Final = 30
"""So many customers of a filing are looked up for one page: one signed statement covers 32 calls."""
EVERY: Final = "every"
"""Cases of every kind."""


def listed(visit: Visit) -> Response:
    """What is due first stands first."""
    asked = _board(visit)
    shown = paging.page(visit, asked)
    return visit.page(
        "cases",
        cases=shown.cases,
        state=asked.state,
        states=STATES,
        kind=asked.kind or EVERY,
        every=EVERY,
        kinds=KINDS,
        pages=paging.around(visit, shown.next_after, table=FILE),
        now=visit.desk.clock.now(),
    )


def as_csv(visit: Visit) -> Response:
    """All of them as a table."""
    return paging.whole(visit, _board(visit), "cases", CaseShown)


def _board(visit: Visit) -> CaseBoard:
    kind = visit.chosen("kind", (EVERY, *KINDS))
    return CaseBoard(state=visit.chosen("state", STATES), kind=None if kind == EVERY else kind)


@purposes.asked_first("cases.cases_of_account")
def of_customer(visit: Visit, account_id: str) -> Response:
    """The cases that concern one customer, the newest first, page by page."""
    known = ident(account_id)
    shown = paging.page(visit, CasesOfAccount(account_id=known))
    return visit.page(
        "customer_cases",
        account_id=known,
        cases=shown.cases,
        pages=paging.around(visit, shown.next_after),
        purpose=visit.desk.purpose,
    )


def show(visit: Visit, case_id: str) -> Response:
    """One case with its clocks, instants and decisions, and what can be done next."""
    known = ident(case_id)
    with visit.desk.together() as together:
        story = _story(together, known)
        alerts = together.ask(ShowAlerts(case_id=known))
    return visit.page("case", **_told(story), alerts=alerts.reply.alerts, now=visit.desk.clock.now())


def customers(visit: Visit, case_id: str) -> Response:
    """The customers that a case is about, a page of them."""
    known = ident(case_id)
    shown = paging.page(visit, CaseCustomers(case_id=known))
    return visit.page(
        "case_customers",
        case_id=known,
        account_ids=shown.account_ids,
        pages=paging.around(visit, shown.next_after),
    )


def timeline(visit: Visit, case_id: str) -> Response:
    """What was known and done when, as it is printed."""
    known = ident(case_id)
    with visit.desk.together() as together:
        story = _story(together, known)
        alerts = together.ask(ShowAlerts(case_id=known))
        filings = together.ask(ShowFilings(case_id=known))
    facts = _told(story)
    lines = case_timeline.timeline(visit, **facts, alerts=alerts.reply, filings=filings.reply)
    return visit.page("case_timeline", **facts, lines=lines, now=visit.desk.clock.now())


def _story(together: Together, case_id: UUID) -> dict[str, Answer[Any]]:
    return {
        "case": together.ask(ShowCase(case_id=case_id)),
        "notices": together.ask(ShowNotices(case_id=case_id)),
        "severity": together.ask(ShowSeverity(case_id=case_id)),
        "costs": together.ask(ShowCosts(case_id=case_id)),
    }


def _told(story: dict[str, Answer[Any]]) -> dict[str, Any]:
    return {name: each.reply for name, each in story.items()}


def authority_draft(visit: Visit, case_id: str) -> Response:
    """The form of the authority as far as a case fills it in."""
    known = ident(case_id)
    with visit.desk.together() as together:
        draft = together.ask(AuthorityDraft(case_id=known))
        filings = together.ask(ShowFilings(case_id=known))
        case = together.ask(ShowCase(case_id=known))
    return visit.page(
        "authority_draft",
        draft=draft.reply,
        filings=filings.reply.filings,
        case=case.reply,
        now=visit.desk.clock.now(),
    )


@purposes.asked_first("cases.show_mandates", asks=Asks.CUSTOMERS)
def mandates(visit: Visit, case_id: str, filing_id: str) -> Response:
    """Which customers a notice to the authority names, a page of them, by their names and organisation numbers.

    The authority's form asks for these, and no case has them; who may not see a customer sees its id.
    """
    known, filing, after = ident(case_id), ident(filing_id), visit.request.args.get("after")
    asked = ShowMandates(case_id=known, filing_id=filing, after=ident(after) if after else None, limit=MANDATES)
    page = visit.desk.ask(asked)
    with visit.desk.together() as together:
        found = {each.account_id: together.ask(names.customer(visit, each.account_id)) for each in page.mandates}
    return visit.page(
        "mandates",
        page=page,
        companies={account_id: names.shown(answer) for account_id, answer in found.items()},
        case_id=known,
        filing_id=filing,
        purpose=visit.desk.purpose,
    )


def breaches(visit: Visit) -> Response:
    """The register of breaches: all of them, notified or not."""
    return visit.page("breaches", breaches=breach_register.whole(visit.desk))


def breaches_as_csv(visit: Visit) -> Response:
    """The register as a table for other programs."""
    return _file(breach_register.as_csv(breach_register.whole(visit.desk)), "text/csv", "breaches.csv")


def breaches_as_jsonld(visit: Visit) -> Response:
    """The register in the terms of DPV."""
    document = breach_register.as_jsonld(breach_register.whole(visit.desk), visit.desk.clock.now())
    return _file(json.dumps(document, ensure_ascii=False, indent=2), "application/ld+json", "breaches.jsonld")


def _file(text: str, kind: str, name: str) -> Response:
    answer = Response(text, content_type=f"{kind}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
