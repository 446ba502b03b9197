"""Who gave a mandate is looked up for each breach by itself: one that cannot be keeps no other one waiting."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.cases.filings import feature as filings
from services.cases.filings.feature import Filings
from shared.bus.alarms import open_alarms
from tests.in_process import feature, run
from tests.integration.cases.handling import NOW, Rota, incident

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1")]


class Endless(Rota):
    """The register, in which one customer has more records than are read; nobody has a mandate that counts."""

    def __init__(self, crowded: UUID) -> None:
        super().__init__()
        self.crowded = str(crowded)

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        assert (service, method) == ("registers", "counting_records")
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


def test_mandates_that_cannot_be_looked_up_keep_no_other_case_waiting(cases, owner, clock, monkeypatch) -> None:
    crowded, other = uuid4(), uuid4()
    asked(cases, owner, crowded, NOW)
    asked(cases, owner, other, NOW + timedelta(minutes=1))
    feature(cases, Filings).caller = Endless(crowded)
    monkeypatch.setattr(filings, "PAGES_MOST", 1)
    run(cases, "look_up")
    rows = owner.execute("SELECT looked_up_at IS NULL FROM filing ORDER BY asked_at").fetchall()
    assert rows == [(True,), (False,)]
    clock.move(timedelta(minutes=10))
    assert "mandates_not_looked_up" in {each.spec.code for each in open_alarms((cases,))}
