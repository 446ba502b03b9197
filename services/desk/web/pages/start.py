"""What there is to do now, what is wrong, each with the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from services.cases.board.calls import CaseBoard
from services.desk.client import Answer
from services.desk.queries import alarms as waiting
from services.desk.queries.prerequisites import counting
from services.desk.web.acts.table import title_of
from services.desk.web.own_steps import COVERED, Step, steps
from services.desk.web.visit import Visit
from services.desk.wording import refusals
from services.notification.staff_tasks.calls import CountTasks
from services.retention.holds.calls import CountOverdueHolds
from services.retention.monitoring.calls import CountHalted
from services.staff.approvals.calls import ListApprovals
from services.staff.prerequisites.calls import OwnPrerequisites
from services.staff.statements.calls import OwnGrants
from shared.errors import Forbidden, Transient
from shared.keyset import PAGE_MOST
from shared.system import SERVICES

NOT_OF_THE_ROLE = "role_not_granted"

PAGE_OF_ALARM = {
    "approvals_wait": "/approvals",
    "erasures_halted": "/erasures?state=halted",
    "erasures_late": "/erasures?state=ordered",
    "participants_overdue": "/erasures?state=ordered",
    "hold_reviews": "/holds?state=overdue",
    "support_unanswered": "/support",
    "restrictions_to_lift": "/restrictions",
    "restrictions_not_told": "/restrictions",
    "restrictions_long": "/restrictions",
    "duty_rota_empty": "/duty",
    "affected_not_computed": "/cases",
    "cases_not_carried_out": "/cases",
    "cases_overdue": "/cases",
    "cases_restored": "/cases",
    "cases_without_owner": "/cases",
    "register_approvals_waiting": "/registers",
    "register_reviews_overdue": "/registers",
    "undeliverable": "/letters",
    "copies": "/letters",
    "letters_held": "/letters",
    "mailgun": "/letters",
    "tripletex_failed": "/vendor-work",
    "clock_jumped": "/clock",
    "companies_bankrupt": "/find",
    "parked_messages": "/parked",
    "promises": "/terms",
    "ledger": "/backups",
    "machine_doors_unseen": "/machine",
    "grants_end_soon": "/people",
    "prerequisites_end_soon": "/people",
    "passkeys_copied": "/people",
    "administrators_too_few": "/people",
    "nobody_vouched": "/people",
    "leads_without_address": "/duty",
}
"""Where the next step is taken, for what has a page; for the rest the command is told."""


def show(visit: Visit) -> Response:
    """The start page. A service that does not answer keeps nothing of the others back.

    It counts and names no customer: each visit would be a look at all of them.

    What another role sees to has no place on it; what the person lacks for their own is told at the top.
    """
    with visit.desk.together() as page:
        holds = page.ask(CountOverdueHolds())
        tasks = page.ask(CountTasks())
        erasures = page.ask(CountHalted())
        approvals = page.ask(ListApprovals(token=visit.token))
        cases = page.ask(CaseBoard(limit=PAGE_MOST))
        grants = page.ask(OwnGrants(token=visit.token))
        prerequisites = page.ask(OwnPrerequisites(token=visit.token))
        asked = waiting.ask(page, SERVICES)
    sections = [_section(each) for each in (holds, tasks, erasures, cases)]
    lacking = {each.lacks for each in sections} - {None, NOT_OF_THE_ROLE} - COVERED
    own = _section(grants)
    return visit.page(
        "start",
        overdue=sections[0],
        tasks=sections[1],
        halted=sections[2],
        approvals=_section(approvals),
        cases=_own_cases(visit, sections[3], own),
        more_cases=sections[3].shown is not None and sections[3].shown.next_after is not None,
        steps=_steps(visit, _section(prerequisites), own),
        now=visit.desk.clock.now(),
        title_of=lambda act: title_of(visit, act),
        lacking=[visit.say(*refusals.WORDS.get(each, refusals.OTHER)) for each in sorted(map(str, lacking))],
        alarms=waiting.told_by(asked) + _of_machine(visit),
        page_of=page_of,
    )


def _own_cases(visit: Visit, cases: Section, grants: Section) -> Section:
    """Of the open cases those that whoever is here answers for, or a role of theirs while nobody does."""
    if cases.shown is None:
        return cases
    roles = {each.role for each in grants.shown.grants if each.live} if grants.shown else set()
    who = str(visit.desk.who)
    own = [each for each in cases.shown.cases if each.owner == who or (not each.owner and each.owner_role in roles)]
    return Section(shown=own)


def _steps(visit: Visit, prerequisites: Section, grants: Section) -> list[Step]:
    """What the person needs for their own; nothing where that is not known now."""
    if prerequisites.shown is None or grants.shown is None:
        return []
    return steps(visit, counting(prerequisites.shown), grants.shown)


def alarms(visit: Visit) -> Response:
    """Everything that waits for a person anywhere, for as long as it waits."""
    waiting_now = waiting.of_services(visit.desk, SERVICES) + _of_machine(visit)
    return visit.page("alarms", alarms=waiting_now, page_of=page_of, now=visit.desk.clock.now())


def _of_machine(visit: Visit) -> list[dict[str, Any]]:
    return waiting.of_machine(visit.desk.settings, visit.desk.clock.now())


def page_of(code: str) -> str | None:
    """The page on which one sees to an alarm; None where there is none yet."""
    return "/backups" if code.startswith("backup_") else PAGE_OF_ALARM.get(code)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page: what was answered, None where nobody answers now, or what the person lacks to see it."""

    shown: Any = None
    lacks: str | None = None


def _section(answer: Answer[Any]) -> Section:
    try:
        return Section(shown=answer.reply)
    except Transient:
        return Section()
    except Forbidden as refused:
        return Section(lacks=str(refused.details.get("reason", refused.code)))
