"""Cases erases before account does: nobody who is erased comes on a list by that."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.account.affected.calls import PAGE_MOST
from services.cases.affected import feature as affected
from services.cases.affected.feature import AffectedLists
from shared import tombstones
from shared.bus.alarms import open_alarms
from shared.errors import Internal
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.in_process import feature, run
from tests.integration.cases.handling import NOW, Rota, incident

pytestmark = [pytest.mark.integration, pytest.mark.clause("ERASE-1", "BREACH-1")]


def erase(cases, account_id, user_id=None) -> None:
    erasure = Erasure(
        purpose=Purpose.ORDERED, id=uuid4(), account_id=account_id, user_id=user_id, held=Held(), at=NOW
    )
    with cases.database.transaction() as tx:
        cases.participant.erase(tx, erasure)


def test_whoever_was_erased_here_comes_on_no_list_although_account_still_knows_them(
    cases, owner, rota, clock
) -> None:
    gone, left, held, erased, other, kept = (uuid4() for _ in range(6))
    owner.execute("TRUNCATE erased_mark")
    owner.execute("INSERT INTO restricted VALUES (%s, %s, NULL, '{cases}', 'hold', now())", (uuid4(), held))
    for account_id, user_id in ((gone, None), (left, erased), (held, None)):
        erase(cases, account_id, user_id)
    rota.knows_nobody = True
    rota.subjects = [
        (gone, None), (gone, uuid4()), (held, kept), (left, None), (left, erased), (left, other),
    ]  # fmt: skip
    list_id = uuid4()
    owner.execute(
        "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at)"
        " VALUES (%s, %s, 'all', now(), 'staff:kari', now())",
        (list_id, incident(cases)),
    )
    run(cases, "compute_lists")
    on_it = owner.execute("SELECT account_id, user_id FROM affected_subject").fetchall()
    assert set(on_it) == {(held, kept), (left, None), (left, other)}
    assert owner.execute("SELECT customers, persons FROM affected_list").fetchone() == (2, 2)
    text = str(owner.execute("SELECT * FROM erased_mark").fetchall())
    assert str(gone) not in text
    clock.move(NOW - tombstones.forgotten_before(NOW) + timedelta(hours=1))
    run(cases, "forget_erased_marks")
    assert owner.execute("SELECT count(*) FROM erased_mark").fetchone() == (0,)
    owner.execute("DELETE FROM restricted")


class Crowded(Rota):
    """Account, where a full page stood at one instant and one customer at any other.

    With `fails` an internal error is all that it answers of that one instant.
    """

    fails = False

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        crowd = PAGE_MOST if fields["as_of"] == NOW.isoformat() else 1
        if self.fails and crowd == PAGE_MOST:
            raise Internal("4711")
        return {"subjects": [{"account_id": str(uuid4()), "user_id": None} for _ in range(crowd)]}


@pytest.mark.parametrize("fails", [False, True], ids=["too-many", "internal-error"])
def test_a_list_that_cannot_be_made_keeps_no_other_one_waiting(cases, owner, clock, monkeypatch, fails) -> None:
    lists = feature(cases, AffectedLists)
    lists.caller = account = Crowded()
    account.fails = fails
    monkeypatch.setattr(affected, "PAGES_MOST", 1)
    for minutes in (0, 1):
        at = NOW - timedelta(minutes=minutes)
        owner.execute(
            "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at)"
            " VALUES (%s, %s, 'all', %s, 'staff:kari', %s)",
            (uuid4(), incident(cases), at, NOW + timedelta(minutes=minutes)),
        )
    run(cases, "compute_lists")
    computed = owner.execute("SELECT customers FROM affected_list ORDER BY asked_at").fetchall()
    assert computed == [(None,), (1,)]
    clock.move(timedelta(minutes=10))
    assert "affected_not_computed" in {each.spec.code for each in open_alarms((cases,))}
    owner.execute("UPDATE case_file SET ended_at = now()")
    assert "affected_not_computed" not in {each.spec.code for each in open_alarms((cases,))}, "nobody needs it now"
