"""Letters about a notice of termination, and about an erasure that does not wait."""

from __future__ import annotations

from datetime import date

import pytest

from services.account.termination.events import TerminationNoticed, TerminationWithdrawn
from services.retention.erasure.events import ErasureScheduled
from shared.events import Code
from shared.identifiers import new_id
from shared.participation.events import HoldPlaced

pytestmark = pytest.mark.integration


def company(house):
    account_id, owner, user = new_id(), new_id(), new_id()
    house.account.people[account_id] = [
        {"user_id": str(owner), "role": "owner"},
        {"user_id": str(user), "role": "user"},
    ]
    return account_id, owner


def leave(house) -> None:
    house.deliver()


@pytest.mark.clause("ERASE-2", "END-1")
def test_s04_the_owner_is_told_the_day_of_the_notice_its_end_and_the_day_of_erasure(house) -> None:
    account_id, owner = company(house)
    noticed = TerminationNoticed(
        channel=Code("email"),
        account_id=account_id,
        noticed_on=date(2026, 12, 10),
        notice_ends_on=date(2027, 1, 31),
    )
    house.hear(noticed)
    leave(house)
    (sent,) = house.sent()
    assert sent["recipients"] == [f"{owner.hex}@readers.example"]
    for day in ("10. desember 2026", "31. januar 2027", "30. april 2027"):
        assert day in sent["text"]


def test_that_it_was_taken_back_is_told_too(house) -> None:
    account_id, _ = company(house)
    house.hear(TerminationWithdrawn(account_id=account_id))
    leave(house)
    assert [row["letter"] for row in house.letters()] == ["termination_withdrawn"]


@pytest.mark.clause("ERASE-4")
def test_s05_an_erasure_that_does_not_wait_is_not_announced_with_a_date_to_wait_for(house) -> None:
    account_id, _ = company(house)
    early = ErasureScheduled(
        clock_id=new_id(),
        account_id=account_id,
        user_id=None,
        trigger="early_request",
        started_on=date(2026, 12, 15),
        due_on=date(2026, 12, 15),
    )
    house.hear(early)
    leave(house)
    assert house.letters() == []


@pytest.mark.clause("ERASE-1")
def test_of_a_closed_company_its_other_users_hear_too_and_what_they_hear_is_theirs(house) -> None:
    account_id, owner = company(house)
    event = ErasureScheduled(
        clock_id=new_id(),
        account_id=account_id,
        trigger=Code("account_inactivated"),
        started_on=date(2026, 12, 5),
        due_on=date(2027, 3, 5),
    )
    house.hear(event)
    leave(house)
    told = {sent["tags"][0]: sent for sent in house.sent()}
    assert set(told) == {"account_deactivated", "company_closed"}
    assert told["account_deactivated"]["recipients"] == [f"{owner.hex}@readers.example"]
    assert told["company_closed"]["recipients"] != told["account_deactivated"]["recipients"]
    for sent in told.values():
        assert sent["tags"][1] == "legal_notice"
        assert "fredag 5. mars 2027" in sent["text"]


def hold(account_id, *users) -> HoldPlaced:
    return HoldPlaced(
        hold_id=new_id(),
        account_id=account_id,
        user_ids=list(users),
        categories=[],
        reason=Code("dispute"),
        starts_on=date(2027, 2, 1),
        review_on=date(2027, 4, 30),
    )


@pytest.mark.clause("HOLD-1")
def test_s06_a_hold_that_breaks_a_told_date_is_told_to_all_who_were_told_the_date(house) -> None:
    account_id, _ = company(house)
    house.account.erasures[account_id] = [
        {"user_id": None, "state": "scheduled", "due_on": "2027-03-05", "suspended": True}
    ]
    house.hear(hold(account_id))
    leave(house)
    assert len(house.sent()) == 2
    for sent in house.sent():
        for told in (
            "fredag 5. mars 2027",
            "fredag 30. april 2027",
            "på grunn av en tvist",
            "Datatilsynet, Postboks 458",
        ):
            assert told in sent["text"]


@pytest.mark.clause("HOLD-1")
def test_a_hold_where_no_date_was_told_is_no_news(house) -> None:
    account_id, owner = company(house)
    house.hear(hold(account_id, owner))
    leave(house)
    assert house.sent() == []
    assert house.letter()["reason"] == "no_date_told"
