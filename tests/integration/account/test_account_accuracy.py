"""Customers are asked whether their data are right: when, whom, why, and what an answer does."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from services.account.accuracy.feature import Accuracy
from shared.calendar import OSLO
from shared.errors import Conflict, Forbidden
from tests.in_process import feature

pytestmark = [pytest.mark.integration, pytest.mark.clause("CONFIDE-1", "DUTY-1", "FIELDS-3")]

SIGNED_UP = datetime(2026, 11, 30, 12, tzinfo=OSLO)
STREET = {"line_1": "Storgata 1", "postal_code": "5003", "city": "Bergen"}


@pytest.fixture
def owner(world):
    world.clock.at = SIGNED_UP
    return world.sign_up()


def asked(world, owner, *day) -> list[str]:
    """Why this company has been asked, once the job has run at noon of that day."""
    world.clock.at = datetime(*day, 12, tzinfo=OSLO)
    world.run("ask_whether_it_is_right")
    told = world.outbox("account.accuracy_asked")
    return [each["because"] for each in told if each["account_id"] == str(owner.account_id)]


def confirm(world, owner, **changes):
    fields = {"account_id": owner.account_id, "actor": owner.actor, "version": world.version(owner)}
    return world.call("confirm_accuracy", **fields | changes)


def give(world, owner, **fields) -> None:
    who = {"account_id": owner.account_id, "actor": owner.actor, "version": world.version(owner)}
    world.call("update_account", **who, **fields)


def test_an_address_that_is_missing_is_asked_for_after_a_month_and_then_twice_a_year(world, owner) -> None:
    assert asked(world, owner, 2026, 12, 29) == []
    assert asked(world, owner, 2026, 12, 30) == ["address_missing"]
    assert asked(world, owner, 2027, 6, 29) == ["address_missing"]
    assert asked(world, owner, 2027, 6, 30) == ["address_missing"] * 2


def test_who_gave_an_address_is_asked_after_a_year(world, owner) -> None:
    give(world, owner, billing_address=STREET)
    assert asked(world, owner, 2027, 11, 29) == []
    assert asked(world, owner, 2027, 11, 30) == ["time_passed"]


def test_who_says_that_all_is_right_is_asked_a_year_later_although_an_address_is_missing(world, owner) -> None:
    asked(world, owner, 2026, 12, 30)
    world.clock.at = datetime(2027, 2, 28, 9, tzinfo=OSLO)
    before = world.version(owner)
    said = confirm(world, owner)
    assert said["version"] == before + 1
    shown = world.call("get_account", account_id=owner.account_id, actor=owner.actor)
    assert datetime.fromisoformat(shown["accuracy_confirmed_at"]) == world.clock.at
    assert asked(world, owner, 2028, 2, 27) == ["address_missing"]
    assert asked(world, owner, 2028, 2, 28) == ["address_missing", "time_passed"]


def test_the_probe_counts_whom_nobody_has_asked_for_two_weeks(world, owner) -> None:
    def unasked(*day) -> int:
        world.clock.at = datetime(*day, 12, tzinfo=OSLO)
        with world.database.transaction() as tx:
            row = feature(world.service, Accuracy).not_asked(tx, world.clock.now())
        return row["count"]

    with world.database.transaction() as tx:  # of other tests
        tx.run("UPDATE account SET accuracy_confirmed_at = '2026-12-29' WHERE id <> %(id)s", id=owner.account_id)
    assert (unasked(2027, 1, 12), unasked(2027, 1, 13)) == (0, 1), "due on 30 December, and not asked"
    asked(world, owner, 2027, 1, 13)
    assert unasked(2027, 1, 13) == unasked(2027, 1, 20) == 0


def test_only_an_owner_who_saw_it_as_it_is_can_say_so(world, owner) -> None:
    seen = world.version(owner)
    give(world, owner, phone="90012345")
    with pytest.raises(Conflict):
        confirm(world, owner, version=seen)
    with pytest.raises(Forbidden):
        confirm(world, owner, actor="staff:kari")
    told = world.outbox("account.accuracy_attested")
    assert [each for each in told if each["account_id"] == str(owner.account_id)] == []


def test_nobody_is_asked_whose_data_are_only_stored(world, owner) -> None:
    with world.database.transaction() as tx:
        tx.run(
            "INSERT INTO restricted (id, kind, account_id, user_id, categories, since) "
            "VALUES (%(id)s, 'hold', %(account)s, NULL, '{company}', now())",
            id=uuid4(), account=owner.account_id,
        )  # fmt: skip
    assert asked(world, owner, 2027, 6, 30) == []


def test_nobody_is_asked_who_has_given_notice(world, owner) -> None:
    world.clock.at = datetime(2026, 12, 10, 12, tzinfo=OSLO)
    world.call("terminate_contract", **as_staff(world, owner), channel="letter")
    assert asked(world, owner, 2026, 12, 30) == []


def test_what_a_wrong_clock_dated_ahead_puts_nothing_off(world, owner) -> None:
    asked(world, owner, 2099, 1, 1)
    assert asked(world, owner, 2026, 12, 30) == ["address_missing"] * 2


def as_staff(world, owner):
    return {"account_id": owner.account_id, "actor": "staff:kari", "version": world.version(owner)}
