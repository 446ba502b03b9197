"""Cases erases before account does: nobody who is erased comes on a list by that."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from shared import tombstones
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.in_process import run
from tests.integration.cases.handling import NOW, incident

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
