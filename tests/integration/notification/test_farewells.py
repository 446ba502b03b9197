"""The last letter, the forgotten address, and the erasure of everything notification knows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from notification_env import BOUNCE, DOMAIN, INDEX, PATH_SECRET, receive, signed, told_by_mailgun, write_to

from services.account.passwords.events import UserPasswordChanged
from services.notification.webhooks.calls import ReceiveWebhook
from services.retention.clocks.events import ErasureReminderDue
from services.retention.erasure.events import ErasureCancelled, ErasureScheduled
from services.retention.execution.events import ErasureAnnounced
from shared import errors
from shared.identifiers import new_id
from shared.participation.events import ErasureOrdered
from tests.waiting import until

pytestmark = pytest.mark.integration


def announced(account_id, user_id=None):
    return ErasureAnnounced(
        erasure_id=new_id(), account_id=account_id, user_id=user_id, certificate_id=new_id(),
        backups_expire_on=date(2027, 4, 4),
    )  # fmt: skip


def called_off(event):
    return ErasureCancelled(clock_id=event.erasure_id, account_id=event.account_id, reason="reactivated")


def company(house, *roles):
    account_id = new_id()
    users = [new_id() for _ in roles]
    house.account.people[account_id] = [
        {"user_id": str(user), "role": role} for user, role in zip(users, roles, strict=True)
    ]
    return account_id, users


def suppress_at_mailgun(house, address, table="bounces"):
    house.sandbox.sandbox.mailgun.state.suppress(table, DOMAIN, address, tags=["*"])


def known_to_mailgun(house, address):
    return house.sandbox.sandbox.mailgun.state.suppressed(DOMAIN, address, ["*"])


def work(house, rounds=1):
    for _ in range(rounds):
        house.deliver()
        house.run("finish_farewells")


@pytest.mark.clause("FORGET-2", "PARTY-5")
def test_a_company_gets_its_last_letter_and_every_address_is_forgotten_before_retention_goes_on(house) -> None:
    account_id, (owner, user) = company(house, "owner", "user")
    for table, person in (("unsubscribes", owner), ("complaints", user)):
        suppress_at_mailgun(house, f"{person.hex}@readers.example", table)
    event = announced(account_id)
    house.hear(event)
    house.deliver()
    assert house.types() == []
    house.run("finish_farewells")
    (letter,) = house.sent()
    assert letter["recipients"] == [f"{owner.hex}@readers.example"]
    assert str(event.certificate_id) in letter["text"]
    assert "4. april 2027" in letter["text"]
    assert known_to_mailgun(house, f"{owner.hex}@readers.example") is None
    assert known_to_mailgun(house, f"{user.hex}@readers.example") is None
    ((kind, data),) = house.told()
    assert (kind, data["letter"], data["account_id"], data["user_id"]) == (
        "notification.sent", "account_erased", str(account_id), None,
    )  # fmt: skip
    work(house, 2)
    assert len(house.told()) == 1


@pytest.mark.clause("EGRESS-1")
def test_a_sign_up_that_nobody_confirmed_is_erased_without_a_letter_to_the_address(house) -> None:
    account_id, (creator,) = company(house, "owner")
    house.account.unconfirmed.add(creator)
    address = f"{creator.hex}@readers.example"
    suppress_at_mailgun(house, address)
    due = {"clock_id": new_id(), "account_id": account_id, "due_on": date(2027, 3, 5)}
    scheduled = ErasureScheduled(**due, trigger="account_inactivated", started_on=date(2026, 12, 5))
    house.hear(scheduled)
    for days_left in (30, 7):
        house.hear(ErasureReminderDue(**due, days_left=days_left))
    house.hear(announced(account_id))
    work(house, 3)
    assert house.sent() == []
    assert {row["reason"] for row in house.letters()} == {"address_unconfirmed"}
    assert known_to_mailgun(house, address) is None
    kind, data = house.told()[-1]
    assert (kind, data["letter"], data["reason"]) == ("notification.failed", "account_erased", "given_up")


@pytest.mark.clause("ERASE-1")
def test_who_comes_back_after_the_announcement_gets_no_last_letter_and_mailgun_forgets_nothing(house) -> None:
    account_id, (owner,) = company(house, "owner")
    address = f"{owner.hex}@readers.example"
    suppress_at_mailgun(house, address, "unsubscribes")
    event = announced(account_id)
    house.hear(event)
    house.run("split_mailings")
    house.hear(called_off(event))
    work(house, rounds=3)
    assert house.sandbox.letters() == []
    assert known_to_mailgun(house, address)


def test_an_announcement_heard_after_its_cancellation_writes_to_nobody(house) -> None:
    account_id, _ = company(house, "owner")
    event = announced(account_id)
    house.hear(called_off(event))
    house.hear(event)
    work(house, rounds=3)
    assert house.sandbox.letters() == []


def test_an_erasure_announced_again_gets_no_second_letter_and_retention_its_answer(house) -> None:
    account_id, _ = company(house, "owner")
    event = announced(account_id)
    for _ in range(2):
        house.hear(event)
        work(house)
    assert len(house.sent()) == 1
    assert house.types() == ["notification.sent"] * 2


def test_an_erasure_announced_again_with_another_date_is_written_about_again(house) -> None:
    account_id, _ = company(house, "owner")
    event = announced(account_id)
    for later in (event, replace(event, backups_expire_on=date(2027, 5, 4))):
        house.hear(later)
        work(house)
    assert ["4. mai 2027" in letter["text"] for letter in house.sent()] == [False, True]


def test_one_person_gets_a_last_letter_too(house) -> None:
    account_id, user = new_id(), new_id()
    house.hear(announced(account_id, user))
    work(house)
    ((kind, data),) = house.told()
    assert (kind, data["letter"], data["user_id"]) == ("notification.sent", "user_erased", str(user))
    assert [method for method, _ in house.account.asked] == ["letter_facts", "letter_facts"]


def test_users_deactivated_one_by_one_are_forgotten_at_mailgun_with_their_company(house) -> None:
    earlier = write_to(house, "earlier@x.example")
    receive(house, told_by_mailgun(house, "failed", **BOUNCE))
    suppress_at_mailgun(house, "earlier@x.example")
    owner = new_id()
    house.account.people[earlier.account_id] = [{"user_id": str(owner), "role": "owner"}]
    house.hear(announced(earlier.account_id))
    work(house)
    assert known_to_mailgun(house, "earlier@x.example") is None
    assert house.rows("SELECT * FROM suppression") == []


def test_retention_is_told_when_nobody_could_be_reached(house) -> None:
    account_id, _ = company(house)
    house.hear(announced(account_id))
    work(house)
    ((kind, data),) = house.told()
    assert (kind, data["reason"]) == ("notification.failed", "no_recipient")


def test_retention_is_told_when_the_last_letter_was_given_up(house) -> None:
    account_id, (owner,) = company(house, "owner")
    house.account.addresses[owner] = "gone@x.example"
    house.change(
        "INSERT INTO suppression (kind, address_index, account_id, user_id, since, ends_at) "
        "VALUES ('bounce', %s, %s, %s, %s, %s)",
        INDEX.of_email("gone@x.example"), account_id, owner,
        house.clock.now(), house.clock.now() + timedelta(days=30),
    )  # fmt: skip
    house.hear(announced(account_id))
    work(house)
    ((kind, data),) = house.told()
    assert (kind, data["reason"]) == ("notification.failed", "given_up")


def test_retention_waits_for_a_letter_of_which_it_is_not_known_whether_it_left(house) -> None:
    account_id, _ = company(house, "owner")
    house.sandbox.fail("mailgun", "bad_gateway", method="POST", path="/messages")
    house.hear(announced(account_id))
    work(house, 2)
    assert house.told() == []
    for _ in range(8):
        house.clock.move(timedelta(minutes=5))
        house.run("resolve_unknown_letters")
        work(house)
    assert house.types() == ["notification.sent"]
    assert len(house.sent()) == 1


def test_an_address_mailgun_does_not_let_go_is_tried_again(house) -> None:
    account_id, (owner,) = company(house, "owner")
    suppress_at_mailgun(house, f"{owner.hex}@readers.example", "unsubscribes")
    house.sandbox.fail("mailgun", "unavailable", method="DELETE")
    house.hear(announced(account_id))
    work(house)
    assert house.told() == []
    house.clock.move(timedelta(minutes=1))
    work(house)
    assert house.types() == ["notification.sent"]
    assert known_to_mailgun(house, f"{owner.hex}@readers.example") is None


def test_after_a_day_a_farewell_ends_with_an_alarm_for_what_could_not_be_done(house) -> None:
    account_id, _ = company(house, "owner")
    house.sandbox.fail("mailgun", "unavailable", method="DELETE", calls=1000)
    house.hear(announced(account_id))
    work(house)
    house.clock.move(timedelta(hours=24))
    work(house)
    assert house.types() == ["notification.sent"]
    assert house.alarms() == ["address_left_at_mailgun"]


def test_a_farewell_ends_even_where_account_never_says_who_is_there(house) -> None:
    account_id, _ = company(house, "owner")
    house.hear(announced(account_id))
    for _ in range(2):
        house.account.failures = [errors.Unavailable("away")]
        work(house)
        house.clock.move(timedelta(hours=24))
    work(house)
    ((kind, data),) = house.told()
    assert (kind, data["reason"]) == ("notification.failed", "no_recipient")


def test_a_last_letter_that_bounces_after_the_erasure_leaves_no_address_at_mailgun(house) -> None:
    account_id, (owner,) = company(house, "owner")
    event = announced(account_id)
    house.hear(event)
    work(house)
    letter_id = house.letter()["id"]
    order(house, event)
    address = f"{owner.hex}@readers.example"
    suppress_at_mailgun(house, address)
    bounced = told_by_mailgun(house, "failed", letter_id=letter_id, recipient=address, **BOUNCE)
    signature = signed(house)
    house.sandbox.fail("mailgun", "unavailable", method="DELETE")
    with pytest.raises(errors.Unavailable):
        receive(house, bounced, signature=signature)
    assert receive(house, bounced, signature=signature).accepted
    assert known_to_mailgun(house, address) is None
    assert address not in str(house.rows("SELECT w::text FROM webhook AS w"))


def test_a_forged_address_is_not_deleted_while_the_letter_is_known(house) -> None:
    account_id, _ = company(house, "owner")
    house.hear(announced(account_id))
    work(house)
    suppress_at_mailgun(house, "stranger@x.example")
    for stranger in ("stranger@x.example", "not an address"):
        assert receive(house, told_by_mailgun(house, "failed", recipient=stranger, **BOUNCE)).accepted
    assert known_to_mailgun(house, "stranger@x.example") == "bounces"


# ── the erasure itself ────────────────────────────────────────────────────────────────────────────────────


def order(house, event, *, attempt=1, user_id=None):
    house.hear(ErasureOrdered(
        erasure_id=event.erasure_id, account_id=event.account_id, user_id=user_id, attempt=attempt))  # fmt: skip


def remains(house, *patterns):
    tables = ("mailing", "letter", "address_cleanup", "suppression", "opt_out", "webhook", "farewell", "alarm")
    found = []
    for table in tables:
        for row in house.rows(f"SELECT t::text AS whole FROM {table} AS t"):  # noqa: S608  # names from this line
            found += [(table, needle) for needle in patterns if str(needle) in row["whole"]]
    return found


@pytest.mark.clause("ERASE-1", "FORGET-2")
def test_an_erased_company_leaves_no_row_and_others_keep_theirs(house, doorway) -> None:
    account_id, users = company(house, "owner", "user", "user")
    other = write_to(house, "other@x.example")
    for user in users:
        house.hear(UserPasswordChanged(account_id=account_id, user_id=user))
    house.account.addresses[users[1]] = "bounce@x.example"
    house.account.addresses[users[2]] = "unsubscribe@x.example"
    house.deliver()
    until(lambda: house.rows("SELECT 1 FROM suppression") and house.rows("SELECT 1 FROM opt_out"))
    event = announced(account_id)
    house.hear(event)
    work(house)
    until(lambda: house.rows("SELECT count(*) AS n FROM webhook")[0]["n"] >= 9)
    order(house, event)
    assert remains(house, account_id, *users) == []
    assert [row["user_id"] for row in house.letters()] == [other.user_id]
    kind, data = house.told()[-1]
    assert (kind, data["participant"], data["outcome"], data["retained"]) == (
        "erasure.step_completed", "notification", "done", ["marketing_refusal"],
    )  # fmt: skip
    assert data["counts"]["letters"] == 4
    assert data["counts"]["opt_outs"] == 2
    assert data["counts"]["mailings"] == 1
    order(house, event, attempt=2)
    assert house.told()[-1] == (kind, data), "what was erased is not counted again"


def test_erasing_one_person_leaves_the_rest_of_the_company(house) -> None:
    account_id, (owner, user) = company(house, "owner", "user")
    for person in (owner, user):
        house.hear(UserPasswordChanged(account_id=account_id, user_id=person))
    house.deliver()
    event = announced(account_id, user)
    house.hear(event)
    work(house)
    order(house, event, user_id=user)
    assert remains(house, user) == []
    assert [row["user_id"] for row in house.letters()] == [owner]


def test_a_letter_under_way_while_it_is_erased_is_not_written_again(house) -> None:
    account_id, (owner,) = company(house, "owner")
    house.hear(UserPasswordChanged(account_id=account_id, user_id=owner))
    event = announced(account_id)
    sent = house.delivery.mailgun.send

    def send_and_erase(letter, **also):
        outcome = sent(letter, **also)
        order(house, event)
        return outcome

    house.delivery.mailgun.send = send_and_erase
    house.deliver()
    assert house.letters() == []
    assert house.types() == ["erasure.step_completed"]


def test_the_services_role_may_not_do_more_than_its_work(house, databases) -> None:
    with psycopg.connect(databases.dsn("notification"), autocommit=True) as connection:
        for statement in (
            "UPDATE suppression SET kind = 'bounce'",
            "DELETE FROM provider_budget",
            "TRUNCATE letter",
            "DELETE FROM outbox",
            "DROP TABLE letter",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_every_column_says_whether_it_is_personal(databases, house) -> None:
    unlabelled = house.rows(
        """
        SELECT c.relname, a.attname, col_description(c.oid, a.attnum) AS label
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND a.attnum > 0 AND NOT a.attisdropped
          AND coalesce(col_description(c.oid, a.attnum), '') !~ '^(no_pii|pii:.+; erased: .+)$'
        """
    )
    assert unlabelled == []


def test_a_webhook_body_never_reaches_a_reply(house) -> None:
    body = json.dumps({"signature": {}, "event-data": {"recipient": "kari@x.example"}})
    reply = house.ask(ReceiveWebhook(path_secret=PATH_SECRET, body=body))
    assert "kari" not in str(reply.to_json())
