"""What a row of a customer's timeline says besides its type, in words. What has no words is in the trail alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup

from services.audit.trail.calls import RowShown
from services.desk.web.acts.table import title_of
from services.desk.web.visit import Visit

KINDS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("account.blocked", "reason"): "block_reason",
        ("account.deactivated", "reason"): "inactivation_reason",
        ("account.deactivated", "trigger"): "inactivated_by",
        ("account.instructions_allowed", "reason"): "let_reason",
        ("account.register_checked", "outcome"): "register",
        ("account.registered", "register_outcome"): "register",
        ("breach.notices_ordered", "letter"): "letter",
        ("case.charge_decided", "bearer"): "cost_bearer",
        ("case.charge_decided", "reason"): "cost_reason",
        ("case.cost_decided", "bearer"): "cost_bearer",
        ("case.cost_decided", "reason"): "cost_reason",
        ("erasure.announced", "trigger"): "trigger",
        ("erasure.early_requested", "authority_check"): "authority_check",
        ("erasure.early_requested", "identity_check"): "identity_check",
        ("erasure.early_requested", "requester_role"): "authority",
        ("correspondence.begun", "about"): "case_signal",
        ("correspondence.begun", "kind"): "case_kind",
        ("erasure.scheduled", "trigger"): "trigger",
        ("hold.placed", "categories"): "category",
        ("hold.placed", "reason"): "hold_reason",
        ("hold.released", "reason"): "release_reason",
        ("notification.delivered", "letter"): "letter",
        ("notification.failed", "letter"): "letter",
        ("notification.sent", "letter"): "letter",
        ("notification.unreachable", "letter"): "letter",
        ("restriction.lift_announced", "ground"): "ground",
        ("restriction.set", "ground"): "ground",
        ("machine_door.countersigned", "door"): "machine_door",
        ("machine_door.used", "door"): "machine_door",
        ("staff.acts_signed", "purpose"): "purpose",
        ("staff.database_access_opened", "database"): "database",
        ("staff.database_access_opened", "purpose"): "purpose",
        ("staff.database_access_opened", "reason"): "access_reason",
        ("staff.database_password_set", "database"): "database",
        ("staff.grant_given", "purpose"): "purpose",
        ("staff.grant_given", "role"): "staff_role",
        ("staff.grant_revoked", "role"): "staff_role",
        ("staff.personal_data_read", "purpose"): "purpose",
        ("staff.session_opened", "kind"): "session",
        ("support.settled", "reason"): "settled_reason",
        ("support.written", "way"): "support_way",
        ("user.deactivated", "trigger"): "inactivated_by",
    }
)
"""Of which kind the code is that a fact of an event holds."""

ACTS: Final = frozenset(
    {
        ("act.carried_out", "act"),
        ("approval.edited", "act"),
        ("approval.ended", "act"),
        ("approval.given", "act"),
        ("approval.not_taken", "act"),
        ("approval.requested", "act"),
        ("staff.acts_refused", "acts"),
        ("staff.acts_signed", "acts"),
    }
)
"""Facts that name acts."""

DAYS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "due_on": ("slettes fra", "due from"),
        "lift_from": ("oppheves fra", "lifted from"),
        "notice_ends_on": ("oppsigelsestiden slutter", "the notice period ends"),
        "review_on": ("vurderes på nytt", "next review"),
    }
)
"""Facts of any event that are days."""


STAFF: Final = "staff"
PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "approval": "/approvals/{}",
        "campaign": "/campaigns/{}",
        "case": "/cases/{}",
        "door": "/machine",
        "record": "/registers/{}",
        STAFF: "/people/{}",
    }
)
"""Where what something happened to has a page, by the first word of its subject.

Of the staff it is the code that is named, and an id of whom is recorded no longer.
"""


def about(visit: Visit, row: RowShown) -> str:
    """What it happened to, in words that lead to its page where it has one."""
    kind, _, known = row.subject.partition("/")
    words, page = visit.code("subject", kind), PAGES.get(kind)
    if page is None or _is_id(known) is (kind == STAFF):
        return words
    return Markup('<a class="ds-link" href="{}">{}</a>').format(
        page.format(known), known if kind == STAFF else words
    )


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def facts(visit: Visit, row: RowShown) -> str:
    """The fields that were changed, codes and days, each as a reader says it."""
    return ", ".join([*(visit.code("changed_field", each) for each in row.field_names), *_facts(visit, row)])


def _facts(visit: Visit, row: RowShown) -> Iterator[str]:
    for name, value in row.facts.items():
        if (kind := KINDS.get((row.type, name))) is not None:
            yield from (visit.code(kind, each) for each in _each(value))
        elif (row.type, name) in ACTS:
            yield from (title_of(visit, each) for each in _each(value))
        elif name in DAYS:
            yield f"{visit.say(*DAYS[name])} {visit.day(value)}"


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
