"""A restore in the middle of a breach: whichever database is set back, and to when, each is told once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import town as town_room
from test_breach_notices import Breach, hear_of_receipts, told
from town import Town, Townsfolk

from services.cases.notices import order_letters
from services.notification.delivery import feature as delivery
from tests.in_process import run
from tests.plugins.db_snapshot import SetBack

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1", "FORGET-1")]

LOST = {"cases": ("cases",), "notification": ("notification",), "both": ("cases", "notification")}
STEPS = ("computed", "ordered", "some sent")
ROWS = {
    "affected_list": "id, customers, persons, decision_id, computed_at",
    "affected_subject": "list_id, account_id, user_id",
    "breach_notice": "id, number, decision_id, decided_at, list_id, recipients, natures, unknown",
    "notice_recipient": "id, sent_at, told_at, failed_at",
}


class Telling:
    """A breach that is told to some customers, with backups on the way; letters leave as many as the test says."""

    def __init__(self, town: Town, databases: Any, monkeypatch: pytest.MonkeyPatch, *people: Townsfolk) -> None:
        self.town, self.databases, self.people = town, databases, people
        self._set = monkeypatch
        self._backups: dict[tuple[str, str], tuple[SetBack, int]] = {}
        self.before = told(town)
        monkeypatch.setitem(town_room.WORK, "notification", "split_mailings")
        monkeypatch.setattr(order_letters, "PART", 2)
        self.breach = Breach(town, *people)
        self.case = self.breach.processor

    def letters(self) -> list[int]:
        """How many letters of this breach each of the customers got."""
        counted = told(self.town)
        return [counted[each.email] - self.before[each.email] for each in self.people]

    def rows(self) -> dict[str, list[Any]]:
        return {
            table: self.town.rows("cases", f"SELECT {names} FROM {table} ORDER BY 1, 2, 3")  # noqa: S608
            for table, names in ROWS.items()
        }

    def send(self, count: int) -> None:
        self._set.setattr(delivery, "LETTERS_A_ROUND", count)
        run(self.town.exchange.services["notification"], "deliver_letters")

    def decide(self) -> None:
        """To the decision that these are told; the ledger knows it."""
        self.breach.list_affected(self.case)
        self._back_up("computed")
        self.breach.decide(self.case, "freeze_affected", "affected_known")
        self.breach.draft(self.case)
        self.breach.decide(self.case, "tell_customers", "complete")
        self.town.settle()
        self._back_up("ordered")

    def tell(self, count: int) -> None:
        """So many letters leave, and the ledger knows it."""
        self.send(count)
        self._back_up("some sent")
        self.town.settle()

    def _back_up(self, step: str) -> None:
        for name in LOST["both"]:
            backup = SetBack(self.databases.owner_dsn(name), name=f"kept_{STEPS.index(step)}")
            self._backups[step, name] = backup, self.town.carried.get(name, 0)

    def all_told(self) -> None:
        hear_of_receipts(self.town, lambda: all(row[2] for row in self.rows()["notice_recipient"]))

    def restore(self, step: str, lost: str, *, by_hand: bool) -> None:
        """What was published since is lost with its outbox; what had not been carried then, is carried again.

        A restore by `make restore` lets the database know of it.
        """
        for name in LOST[lost]:
            backup, self.town.carried[name] = self._backups[step, name]
            backup.restore()
            if not by_hand:
                self.town.rows(name, "SELECT after_restore()")
        self.town.restored(*LOST[lost])

    def rest(self) -> None:
        """Hours go by, in which everybody works."""
        for _ in range(4):
            self.town.clock.move(timedelta(minutes=40))
            run(self.town.exchange.services["notification"], "resolve_unknown_letters")
            self.town.settle()
            self.send(20)
            self.town.settle()


@pytest.fixture(scope="module")
def people(lasting_town: Town) -> list[Townsfolk]:
    """Six customers."""
    return [lasting_town.company(name)[0] for name in ("kari", "ola", "eva", "per", "siri", "liv")]


@pytest.fixture
def telling(lasting_town: Town, databases, monkeypatch, people) -> Telling:
    lasting_town.rows("cases", "DELETE FROM notice_recipient RETURNING id")
    lasting_town.rows("cases", "DELETE FROM breach_notice RETURNING id")
    lasting_town.rows("cases", "DELETE FROM affected_list RETURNING id")
    return Telling(lasting_town, databases, monkeypatch, *people)


def test_whoever_was_told_is_told_by_no_restore_again_and_when_they_were_stands(telling: Telling) -> None:
    telling.decide()
    telling.tell(6)
    telling.all_told()
    as_it_was = telling.rows()
    assert telling.letters() == [1] * 6
    for step in STEPS:
        for lost in LOST:
            telling.restore(step, lost, by_hand=True)
            telling.rest()
            assert telling.letters() == [1] * 6, f"{lost} set back to {step}"
            assert telling.rows() == as_it_was, f"{lost} set back to {step}"


@pytest.mark.parametrize(
    ("step", "lost", "by_hand"),
    [
        ("computed", "cases", True),
        ("computed", "both", False),
        ("ordered", "notification", True),
        ("some sent", "both", False),
    ],
)
def test_in_the_middle_of_the_letters_the_others_are_told_and_nobody_twice(
    telling: Telling, step: str, lost: str, by_hand: bool
) -> None:
    telling.decide()
    telling.tell(3)
    telling.send(1)  # of this one nobody has heard when it happens
    assert sum(telling.letters()) == 4
    telling.restore(step, lost, by_hand=by_hand)
    telling.rest()
    telling.all_told()
    assert telling.letters() == [1] * 6
    cases = telling.breach.show(telling.case)
    assert (cases["state"], cases["not_carried_out"]) == ("supporting", 1)
    telling.town.rows("cases", "UPDATE outbox SET published_at = created_at RETURNING id")
    telling.rest()
    assert telling.breach.show(telling.case)["not_carried_out"] == 0
