"""What goes to very many at once: queued in no time, each once, and nothing else waits behind it."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from services.account.letters.events import UserPasswordResetRequested
from services.cases.notices.events import BreachNoticesOrdered
from services.cases.notices.values import recipient_id
from services.notification.company_mailings.feature import Mailings
from services.notification.letter_lifecycle.events import NotificationUnreachable
from shared import errors
from shared.events import Code
from shared.identifiers import new_id
from tests.in_process import feature
from tests.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1")]

CUSTOMERS = 500


def order(house, accounts, *, event_id=None) -> BreachNoticesOrdered:
    event = BreachNoticesOrdered(
        case_id=new_id(), notice_id=new_id(), letter=Code("breach_notice"), account_ids=list(accounts), user_ids=[]
    )
    house.hear(event, event_id=event_id)
    return event


def test_a_reset_leaves_before_a_fan_out_that_was_there_first(house) -> None:
    accounts = [new_id() for _ in range(CUSTOMERS)]
    for account in accounts:
        house.account.people[account] = [{"user_id": str(new_id()), "role": "owner"}]
    begun = time.monotonic()
    event = order(house, accounts)
    assert time.monotonic() - begun < 3, "ten thousand are twenty such parts: a minute at the most"
    house.hear(event)  # told twice, under another id
    house.run("split_mailings")
    waiting = house.rows("SELECT lane, count(*) AS count FROM letter GROUP BY lane")
    assert [(row["lane"], row["count"] <= CUSTOMERS) for row in waiting] == [(3, True)]
    house.hear(UserPasswordResetRequested(account_id=new_id(), user_id=new_id(), ticket_id=new_id()))
    house.run("deliver_letters")
    order_left = [sent["tags"][0] for sent in house.sent()]
    assert order_left.index("password_reset") < 10, "it is claimed first; whoever sends beside it may be quicker"
    for _ in range(CUSTOMERS // 20):
        house.deliver()
        if len(house.sent()) > CUSTOMERS:
            break
    by_reader = Counter(sent["to"] for sent in house.sent())
    assert (len(by_reader), set(by_reader.values())) == (CUSTOMERS + 1, {1})
    asked_for = [
        row["event_id"] for row in house.rows("SELECT event_id FROM letter WHERE letter = 'breach_notice'")
    ]
    assert set(asked_for) == {recipient_id(event.notice_id, account, None) for account in accounts}


def test_who_is_not_to_be_told_gets_no_letter_whoever_ordered_it(house) -> None:
    account = new_id()
    house.account.people[account] = [{"user_id": str(new_id()), "role": "owner"}]
    house.account.unlisted.add(account)
    order(house, [account])
    house.deliver()
    assert house.sent() == []
    assert house.rows("SELECT 1 FROM letter") == []


def test_a_customer_that_nobody_at_is_reached_is_announced_once_and_one_that_is_gone_too(house) -> None:
    dead, gone = new_id(), new_id()
    house.account.people[dead] = [
        {"user_id": str(new_id()), "role": "owner"},
        {"user_id": str(new_id()), "role": "user"},
        {"user_id": str(new_id()), "role": "user", "confirmed": False},
    ]
    house.account.gone.add(gone)
    event = order(house, [dead, gone])
    for each in house.account.people[dead][:2]:
        house.account.addresses[UUID(each["user_id"])] = f"bounce@{new_id().hex}.example"

    for _ in range(8):  # once more than it takes: nobody is announced twice
        house.deliver()
        until(lambda: not house.sandbox.planned(), what="Mailgun has told of the bounces")
        house.clock.move(timedelta(hours=8))
        house.run("resolve_silent_letters")
    told = [
        (data["account_id"], data["reason"]) for kind, data in house.told() if kind == NotificationUnreachable.type
    ]
    assert sorted(told) == sorted([(str(dead), "bounced"), (str(gone), "recipient_gone")])
    assert len(house.letters()) == 2, "an address that nobody confirmed is not written to"
    assert house.rows("SELECT 1 FROM person_task") == []
    causes = house.rows("SELECT convert_from(body, 'utf-8')::json->>'causationid' AS cause FROM outbox")
    assert {row["cause"] for row in causes} == {
        str(recipient_id(event.notice_id, each, None)) for each in (dead, gone)
    }


def test_a_person_who_is_gone_is_announced_after_one_try_and_nothing_of_the_letter_is_left(house) -> None:
    account, reader = new_id(), new_id()
    house.account.lasting[reader] = errors.NotFound()
    event = BreachNoticesOrdered(
        case_id=new_id(), notice_id=new_id(), letter=Code("breach_person"), account_ids=[account], user_ids=[reader]
    )
    house.hear(event)
    for _ in range(3):
        house.deliver()
    told = [data for kind, data in house.told() if kind == NotificationUnreachable.type]
    assert [(each["user_id"], each["reason"]) for each in told] == [(str(reader), "recipient_gone")]
    assert house.rows("SELECT 1 FROM letter UNION ALL SELECT 1 FROM mailing") == []
    assert len([method for method, _ in house.account.asked if method == "letter_facts"]) == 1


def test_a_named_contact_who_is_inactive_is_announced_for_a_person_to_see_to(house) -> None:
    account, reader = new_id(), new_id()
    house.account.lasting[reader] = errors.Locked()
    order_one = {"account_ids": [account], "user_ids": [reader], "letter": Code("security_notice")}
    house.hear(BreachNoticesOrdered(case_id=new_id(), notice_id=new_id(), **order_one))
    for _ in range(3):
        house.deliver()
    told = [data for kind, data in house.told() if kind == NotificationUnreachable.type]
    assert [(each["user_id"], each["reason"]) for each in told] == [(str(reader), "recipient_inactive")]
    assert house.sent() == []


def test_whoever_has_lost_the_lease_of_a_mailing_announces_nothing(house) -> None:
    order(house, [new_id()])
    mailings = feature(house.service, Mailings)
    held = []
    for _ in range(2):  # the lease of the first one is over before it comes to an end
        with house.database.transaction() as tx:
            held.append(mailings.store.claim(tx, house.clock.now()))
        house.clock.move(timedelta(days=31))
    for each in held:
        mailings._put_off(each, house.clock.now())
    assert house.types().count(NotificationUnreachable.type) == 1
    assert house.alarms() == ["mailing_expired"]


def test_of_two_letters_that_fail_at_once_neither_is_overlooked(house) -> None:
    account, first, second, third = (new_id() for _ in range(4))
    house.account.people[account] = [
        {"user_id": str(each), "role": role}
        for each, role in ((first, "owner"), (second, "owner"), (third, "user"))
    ]
    order(house, [account])
    house.deliver()
    letters = {each["user_id"]: each["id"] for each in house.letters()}
    assert set(letters) == {first, second}
    lifecycle = house.delivery.lifecycle

    def fail(tx, reader) -> None:
        letter = lifecycle.queue.lock(tx, letters[reader])
        lifecycle.abandon(tx, letter, "bounced", house.clock.now())

    with house.database.transaction() as tx:
        fail(tx, first)
    with house.database.transaction() as tx:
        fail(tx, second)
        house.run("split_mailings")  # whoever looks now cannot know yet that the second one has failed as well
    house.run("split_mailings")
    assert {each["user_id"] for each in house.letters()} == {first, second, third}
