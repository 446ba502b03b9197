"""Who gave a mandate is looked up for each breach by itself: one that cannot be keeps no other one waiting."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.cases.engine import registers
from services.cases.filings.calls import PAGE_MOST, ShowFilings, ShowMandates
from services.cases.filings.feature import Filings
from shared.bus.alarms import open_alarms
from shared.errors import Internal
from shared.events import BODY_LIMIT_BYTES
from tests.in_process import ask, feature, run
from tests.integration.cases.handling import NOW, Rota, incident

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1")]

MANY = 1_200
"""More than one answer held."""


class Endless(Rota):
    """The register, in which one customer has more records than are read; nobody has a mandate that counts.

    With `fails` an internal error is all that it answers about that customer.
    """

    def __init__(self, crowded: UUID, *, fails: bool) -> None:
        super().__init__()
        self.crowded, self.fails = str(crowded), fails

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        assert (service, method) == ("registers", "counting_records")
        if self.fails and self.crowded in fields["account_ids"]:
            raise Internal("4711")
        return {"records": [], "next_after": str(uuid4()) if self.crowded in fields["account_ids"] else None}


def asked(cases, owner, account_id: UUID, at) -> None:
    """A frozen list that names this customer, and that its mandates are to be looked up."""
    case_id, list_id = incident(cases), uuid4()
    owner.execute(
        "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at, decision_id)"
        " VALUES (%s, %s, 'all', %s, 'staff:kari', %s, %s)",
        (list_id, case_id, NOW, NOW, uuid4()),
    )
    owner.execute("INSERT INTO affected_subject (list_id, account_id) VALUES (%s, %s)", (list_id, account_id))
    owner.execute(
        "INSERT INTO filing (id, case_id, asked_by, asked_at) VALUES (%s, %s, 'staff:kari', %s)",
        (uuid4(), case_id, at),
    )


@pytest.mark.parametrize("fails", [False, True], ids=["too-many", "internal-error"])
def test_mandates_that_cannot_be_looked_up_keep_no_other_case_waiting(
    cases, owner, clock, monkeypatch, fails
) -> None:
    crowded, other = uuid4(), uuid4()
    asked(cases, owner, crowded, NOW)
    asked(cases, owner, other, NOW + timedelta(minutes=1))
    feature(cases, Filings).caller = Endless(crowded, fails=fails)
    monkeypatch.setattr(registers, "PAGES_MOST", 1)
    run(cases, "look_up")
    rows = owner.execute("SELECT looked_up_at IS NULL FROM filing ORDER BY asked_at").fetchall()
    assert rows == [(True,), (False,)]
    clock.move(timedelta(minutes=10))
    assert "mandates_not_looked_up" in {each.spec.code for each in open_alarms((cases,))}


def test_a_filing_of_very_many_customers_is_read_page_by_page(cases, owner) -> None:
    asked(cases, owner, uuid4(), NOW)
    ((filing_id, case_id),) = owner.execute("SELECT id, case_id FROM filing").fetchall()
    owner.execute(
        "INSERT INTO filing_customer (filing_id, account_id, mandate_id, scope, valid_from, valid_to, persons)"
        " SELECT %s, gen_random_uuid(), gen_random_uuid(), 'first', %s, %s, 400000 FROM generate_series(1, %s)",
        (filing_id, NOW.date(), NOW.date() + timedelta(days=365), MANY),
    )
    owner.execute("UPDATE filing SET looked_up_at = %s", (NOW,))
    (shown,) = ask(cases, ShowFilings(case_id=case_id)).filings
    assert (shown.named, shown.over, shown.others) == (MANY, 0, 1)

    named, after = set[UUID](), None
    for _ in range(-(-MANY // PAGE_MOST)):
        page = ask(cases, ShowMandates(case_id=case_id, filing_id=filing_id, after=after))
        assert len(json.dumps(page.to_json())) < BODY_LIMIT_BYTES
        named |= {each.account_id for each in page.mandates}
        after = page.next_after
    assert (len(named), after) == (MANY, None)
