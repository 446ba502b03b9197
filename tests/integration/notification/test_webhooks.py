"""What Mailgun tells later: believed only where everything fits, in any order, once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from notification_env import BOUNCE, DOMAIN, INDEX, KEY, PATH_SECRET, receive, signed, told_by_mailgun, write_to

from services.account.letters.events import UserPasswordResetRequested
from services.account.passwords.events import UserPasswordChanged
from services.notification.staff_tasks.calls import CountTasks, RequestCopy, SettleTask, Tasks
from services.notification.staff_tasks.feature import PersonTasks
from services.notification.suppressions.calls import LiftSuppression, Suppressions
from services.notification.webhooks.calls import ReceiveWebhook, WebhookVerdict
from services.notification.webhooks.feature import Webhooks
from services.retention.erasure.events import ErasureScheduled
from shared import errors
from shared.actor import Actor
from shared.identifiers import new_id
from tests.in_process import feature
from tests.paging import page_by_page
from tests.staff_statements import refused_for
from tests.waiting import until

pytestmark = pytest.mark.integration

KARI = Actor("staff", name="kari")


@pytest.mark.parametrize(
    ("address", "state", "types"),
    [
        ("delivered@x.example", "delivered", ["sent", "delivered"]),
        ("bounce@x.example", "bounced", ["sent", "failed"]),
        ("tempfail@x.example", "delivered", ["sent", "delivered"]),
        ("complain@x.example", "complained", ["sent", "delivered"]),
        ("delayed-bounce@x.example", "bounced", ["sent", "delivered", "failed"]),
    ],
)
@pytest.mark.parametrize("manner", ["in_order", "twice", "out_of_order"])
def test_a_letter_ends_as_mailgun_tells_in_whatever_manner(house, doorway, address, state, types, manner) -> None:
    house.sandbox.configure(
        "mailgun", webhook_twice=manner == "twice", webhook_out_of_order=manner == "out_of_order"
    )
    write_to(house, address)
    until(lambda: house.letter()["state"] == state)
    told = [kind.removeprefix("notification.") for kind in house.types()]
    if manner == "out_of_order":
        assert set(told) <= set(types)
        assert told[0] == "sent"
    else:
        assert told == types
    assert set(doorway.verdicts) <= {"applied", "repeated"}


def test_a_rejection_of_which_mailgun_sends_no_webhook_is_found_by_asking(house) -> None:
    write_to(house, "rejected@x.example")
    house.clock.move(timedelta(hours=8))
    house.run("resolve_silent_letters")
    assert (house.letter()["state"], house.letter()["reason"]) == ("bounced", "rejected")
    assert house.types() == ["notification.sent", "notification.failed"]


@pytest.mark.clause("MAIL-4")
def test_a_letter_held_back_by_mailguns_list_of_unsubscriptions_raises_an_alarm(house, doorway) -> None:
    house.sandbox.sandbox.mailgun.state.suppress("unsubscribes", DOMAIN, "kari@x.example", tags=["*"])
    write_to(house, "kari@x.example")
    until(lambda: house.letter()["state"] == "bounced")
    assert house.letter()["reason"] == "suppressed_at_mailgun"
    assert house.alarms() == ["unsubscribed_at_mailgun"]
    assert house.rows("SELECT * FROM suppression") == []


def test_a_webhook_is_repeated_until_it_is_taken(house, doorway, monkeypatch) -> None:
    failures = [errors.Unavailable("away")] * 2
    webhooks = feature(house.service, Webhooks)
    taken = webhooks._take

    def stumble(webhook):
        if failures:
            raise failures.pop()
        return taken(webhook)

    monkeypatch.setattr(webhooks, "_take", stumble)
    write_to(house)
    until(lambda: house.letter()["state"] == "delivered")
    assert doorway.verdicts.count("again") == 2


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"path_secret": "guess"}, "wrong_path"),
        ({"path_secret": "gjett-ø"}, "wrong_path"),
        ({"key": "another"}, "wrong_signature"),
        ({"age": timedelta(hours=10)}, "untimely"),
        ({"age": timedelta(minutes=-10)}, "untimely"),
    ],
)
def test_a_webhook_that_does_not_fit_is_refused_and_changes_nothing(house, change, verdict) -> None:
    write_to(house)
    before = house.letter()
    stamp = str(int((house.clock.now() - change.get("age", timedelta())).timestamp()))
    signature = signed(house, timestamp=stamp, key=change.get("key", KEY))
    reply = receive(
        house, told_by_mailgun(house, "failed", **BOUNCE), signature=signature,
        path_secret=change.get("path_secret", PATH_SECRET),
    )  # fmt: skip
    assert reply == WebhookVerdict(accepted=False, verdict=verdict)
    assert house.letter() == before
    assert house.rows("SELECT * FROM webhook") == []


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"signature": 1, "event-data": []}'])
def test_a_body_that_is_no_webhook_is_refused(house, body) -> None:
    reply = house.ask(ReceiveWebhook(path_secret=PATH_SECRET, body=body))
    assert reply == WebhookVerdict(accepted=False, verdict="malformed")


def test_a_token_is_good_for_one_event_only(house) -> None:
    write_to(house)
    signature, delivered = signed(house), told_by_mailgun(house, "delivered")
    assert receive(house, delivered, signature=signature).verdict == "applied"
    assert receive(house, delivered, signature=signature) == WebhookVerdict(accepted=True, verdict="repeated")
    forged = told_by_mailgun(house, "failed", **BOUNCE)
    assert receive(house, forged, signature=signature) == WebhookVerdict(accepted=False, verdict="replayed")
    assert house.letter()["state"] == "delivered"


def test_the_same_event_with_a_fresh_token_counts_once(house) -> None:
    write_to(house)
    delivered = told_by_mailgun(house, "delivered")
    assert [receive(house, delivered).verdict for _ in range(2)] == ["applied", "repeated"]
    assert house.types() == ["notification.sent", "notification.delivered"]


def test_that_a_letter_arrived_is_told_with_when_it_did_and_not_when_we_heard_of_it(house) -> None:
    write_to(house)
    arrived_at, delivered = house.clock.now(), told_by_mailgun(house, "delivered")
    house.clock.move(timedelta(hours=8))
    assert receive(house, delivered).verdict == "applied"
    (told,) = [data for kind, data in house.told() if kind == "notification.delivered"]
    assert abs(datetime.fromisoformat(told["delivered_at"]) - arrived_at) < timedelta(milliseconds=1)


def test_the_same_event_told_eight_times_at_once_counts_once(house) -> None:
    write_to(house)
    event = told_by_mailgun(house, "failed", **BOUNCE)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: receive(house, event), range(8)))
    assert all(reply.accepted for reply in replies)
    assert house.types() == ["notification.sent", "notification.failed"]


def test_what_comes_late_changes_neither_the_reason_nor_the_dates(house) -> None:
    write_to(house)
    receive(house, told_by_mailgun(house, "failed", severity="permanent", reason="suppress-bounce"))
    before = house.letter()
    house.clock.move(timedelta(minutes=1))
    for late in ("accepted", "delivered"):
        assert receive(house, told_by_mailgun(house, late)).verdict == "applied"
    assert before["reason"] == "suppressed_bounce"
    assert house.letter() == before


@pytest.mark.parametrize("variables", [{}, [], None])
def test_a_letter_is_found_by_its_message_id_too(house, variables) -> None:
    write_to(house)
    headers = {"headers": {"message-id": house.sent()[0]["id"]}}
    event = told_by_mailgun(house, "delivered", message=headers) | {"user-variables": variables}
    assert receive(house, event).verdict == "applied"
    assert house.letter()["state"] == "delivered"


def test_a_webhook_about_a_letter_we_do_not_have_is_taken_counted_and_has_no_effect(house) -> None:
    reply = receive(house, told_by_mailgun(house, "failed", letter_id=new_id(), **BOUNCE))
    assert reply == WebhookVerdict(accepted=True, verdict="unknown_letter")
    (row,) = house.rows("SELECT verdict, letter_id FROM webhook")
    assert row == {"verdict": "unknown_letter", "letter_id": None}
    assert house.rows("SELECT * FROM suppression") == []


@pytest.mark.parametrize("name", ["opened", "clicked", "stored", "something_new"])
def test_what_we_do_not_want_to_know_is_taken_and_dropped(house, name) -> None:
    write_to(house)
    before = house.letter()
    event = told_by_mailgun(house, name, ip="203.0.113.7", recipient="a@b.example")
    assert receive(house, event).verdict == "of_no_use"
    assert house.letter() == before
    assert "203.0.113.7" not in str(house.rows("SELECT w::text FROM webhook AS w"))


@pytest.mark.clause("MAIL-1")
def test_an_unsubscription_at_mailgun_stops_optional_letters_and_no_others(house) -> None:
    event = write_to(house)
    receive(house, told_by_mailgun(house, "unsubscribed"))
    declined = {row["letter_class"] for row in house.rows("SELECT * FROM opt_out")}
    assert declined == {"marketing", "product_news"}
    house.hear(UserPasswordChanged(account_id=event.account_id, user_id=event.user_id))
    house.deliver()
    assert len(house.sent()) == 2


@pytest.mark.parametrize(("name", "more", "reason"), [("failed", BOUNCE, "suppressed_bounce"),
                                                      ("complained", {}, "suppressed_complaint")])  # fmt: skip
def test_an_address_that_bounced_or_complained_gets_no_further_letter(house, name, more, reason) -> None:
    event = write_to(house, "Kari@x.example")
    receive(house, told_by_mailgun(house, name, **more))
    (kept,) = house.rows("SELECT * FROM suppression")
    assert bytes(kept["address_index"]) == INDEX.of_email("kari@X.example")
    house.hear(UserPasswordChanged(account_id=event.account_id, user_id=event.user_id))
    house.deliver()
    assert len(house.sent()) == 1
    assert house.letters()[1]["reason"] == reason
    assert house.told()[-1][1]["reason"] == reason


def test_a_suppression_holds_for_the_address_and_not_for_the_person(house) -> None:
    event = write_to(house, "old@x.example")
    receive(house, told_by_mailgun(house, "failed", **BOUNCE))
    house.account.addresses[event.user_id] = "new@x.example"
    house.hear(UserPasswordChanged(account_id=event.account_id, user_id=event.user_id))
    house.deliver()
    assert house.sent()[-1]["recipients"] == ["new@x.example"]


@pytest.mark.clause("MAIL-4")
def test_one_wrong_bounce_silences_an_address_for_a_day_and_mailgun_forgets_it_then(house) -> None:
    event = write_to(house, "kari@x.example")
    receive(house, told_by_mailgun(house, "failed", **BOUNCE))
    house.sandbox.sandbox.mailgun.state.suppress("bounces", DOMAIN, "kari@x.example", code="550", error="5.1.1")
    house.clock.move(timedelta(days=1, minutes=1))
    house.hear(UserPasswordChanged(account_id=event.account_id, user_id=event.user_id))
    house.deliver()
    assert house.sent()[-1]["recipients"] == ["kari@x.example"]
    assert house.sandbox.sandbox.mailgun.state.suppressed(DOMAIN, "kari@x.example", []) is None
    receive(house, told_by_mailgun(house, "delivered", letter_id=house.letters()[-1]["id"]))
    assert house.rows("SELECT * FROM suppression") == []


@pytest.mark.clause("MAIL-4")
def test_bounces_add_up_and_the_same_one_told_twice_counts_once(house) -> None:
    event = write_to(house, "kari@x.example")
    bounce = told_by_mailgun(house, "failed", **BOUNCE)
    receive(house, bounce)
    receive(house, told_by_mailgun(house, "failed", **BOUNCE))
    (first,) = house.rows("SELECT times, ends_at - since AS length FROM suppression")
    assert (first["times"], first["length"]) == (1, timedelta(days=1))
    house.clock.move(timedelta(minutes=10))
    ids = {"account_id": event.account_id, "user_id": event.user_id}
    house.hear(UserPasswordResetRequested(**ids, ticket_id=new_id()))
    house.deliver()
    assert len(house.sent()) == 2
    receive(house, told_by_mailgun(house, "failed", letter_id=house.letters()[-1]["id"], **BOUNCE))
    (second,) = house.rows("SELECT times, ends_at FROM suppression")
    assert second["times"] == 2
    assert second["ends_at"] - house.clock.now() > timedelta(days=6, hours=23)


def decided(house, kind: str, field: str) -> list[tuple[str, str]]:
    """Who decided about what, as the trail is told; `field` names what."""
    bodies = [json.loads(bytes(row["body"])) for row in house.rows("SELECT body FROM outbox ORDER BY id")]
    return [(body["actor"], body["data"][field]) for body in bodies if body["type"] == kind]


def test_a_person_lifts_what_bounced_and_not_what_was_complained_about(house) -> None:
    event = write_to(house, "kari@x.example")
    receive(house, told_by_mailgun(house, "failed", **BOUNCE))
    (shown,) = house.ask(Suppressions(account_id=event.account_id)).suppressions
    lifting = LiftSuppression(suppression_id=shown.suppression_id, actor=KARI)
    lifted = refused_for("notification", lifting.method, event.account_id, partial(house.ask, lifting))
    assert lifted.suppression_id == shown.suppression_id
    assert lifted.ends_at <= house.clock.now() < shown.ends_at
    assert decided(house, "suppression.lifted", "suppression_id") == [(str(KARI), str(shown.suppression_id))]
    assert house.ask(Suppressions()).suppressions == ()
    house.hear(UserPasswordChanged(account_id=event.account_id, user_id=event.user_id))
    house.deliver()
    assert len(house.sent()) == 2
    receive(house, told_by_mailgun(house, "complained", letter_id=house.letters()[-1]["id"]))
    (left,) = house.ask(Suppressions()).suppressions
    assert (left.kind, left.ends_at) == ("complaint", None)
    with pytest.raises(errors.Conflict):
        house.ask(LiftSuppression(suppression_id=left.suppression_id, actor=KARI))


@pytest.mark.clause("ERASE-1", "MAIL-4")
def test_a_legal_letter_that_bounces_is_told_by_a_person_who_says_how(house) -> None:
    account_id, user_id = new_id(), new_id()
    house.hear(ErasureScheduled(
        clock_id=new_id(), account_id=account_id, user_id=user_id, trigger="user_inactivated",
        started_on=date(2026, 12, 5), due_on=date(2027, 3, 5)))  # fmt: skip
    house.deliver()
    receive(house, told_by_mailgun(house, "failed", **BOUNCE))
    (task,) = house.ask(Tasks()).tasks
    assert (task.kind, task.letter, task.reason) == ("undeliverable", "user_deactivated", "bounced")
    counted = house.ask(CountTasks())
    assert (counted.count, counted.overdue, counted.first_due_on) == (1, 0, task.due_on)
    house.clock.move(timedelta(days=366))
    assert house.ask(CountTasks()).overdue == 1
    with house.database.transaction() as tx:
        waiting = feature(house.service, PersonTasks).look_at_undeliverable(tx, house.clock.now())
        copies = feature(house.service, PersonTasks).look_at_copies(tx, house.clock.now())
        assert (waiting.count, copies) == (1, None)
    done = SettleTask(task_id=task.task_id, outcome="told_by_phone", actor=KARI)
    settled = refused_for("notification", done.method, account_id, partial(house.ask, done))
    assert settled.outcome == "told_by_phone"
    with pytest.raises(errors.Conflict):
        house.ask(done)
    assert decided(house, "task.settled", "task_id") == [(str(KARI), str(task.task_id))]
    with house.database.transaction() as tx:
        assert feature(house.service, PersonTasks).look_at_undeliverable(tx, house.clock.now()) is None
    assert house.ask(Tasks()).tasks == ()
    counted = house.ask(CountTasks())
    assert (counted.count, counted.overdue, counted.first_due_on) == (0, 0, None)


@pytest.mark.clause("RIGHTS-2")
def test_a_copy_that_was_asked_for_waits_for_a_person_until_it_is_handed_over(house) -> None:
    def asked(received_on):
        return RequestCopy(
            task_id=new_id(), account_id=new_id(), received_on=received_on, erased_on=date(2027, 3, 5)
        )

    assert house.ask(asked(date(2027, 2, 20))).due_on == date(2027, 3, 4)
    with pytest.raises(errors.Conflict):
        house.ask(asked(date(2027, 3, 5)))
    with house.database.transaction() as tx:
        assert feature(house.service, PersonTasks).look_at_copies(tx, house.clock.now()).count == 1
    with pytest.raises(errors.NotFound):
        house.ask(SettleTask(task_id=new_id(), outcome="needless", actor=KARI))


@pytest.mark.clause("RIGHTS-2")
def test_a_copy_is_noted_once_and_for_nobody_but_a_person_of_the_customer(house) -> None:
    mine, theirs, kari = new_id(), new_id(), new_id()
    house.account.people[mine] = [{"user_id": str(kari), "role": "owner"}]
    house.account.gone.add(theirs)

    def asked(**changes):
        fields = {"task_id": new_id(), "account_id": mine, "user_id": kari, "received_on": date(2027, 2, 20)}
        return RequestCopy(**fields | changes)

    for wrong, field, reason in (
        (asked(user_id=new_id()), "user_id", "no_person"),
        (asked(account_id=theirs), "user_id", "no_person"),
        (asked(account_id=theirs, user_id=None), "account_id", "no_account"),
    ):
        with pytest.raises(errors.NotFound) as refused:
            house.ask(wrong)
        assert refused.value.details == {"reason": reason, "fields": {field: ["not found"]}}
    assert house.ask(Tasks()).tasks == ()
    right = asked()
    assert house.ask(right) == house.ask(right)
    assert [(each.task_id, each.user_id) for each in house.ask(Tasks()).tasks] == [(right.task_id, kari)]
    with pytest.raises(errors.Conflict):
        house.ask(asked(task_id=right.task_id, user_id=None))
    house.account.gone.add(mine)
    assert house.ask(right).task_id == right.task_id, "asked once more, as the answer was lost"


def test_the_tasks_of_one_customer_are_listed_by_themselves(house) -> None:
    mine, theirs = new_id(), new_id()
    for account_id in (mine, theirs):
        house.ask(RequestCopy(task_id=new_id(), account_id=account_id, received_on=date(2027, 2, 20)))
    assert len(whole := house.ask(Tasks()).tasks) == 2
    assert page_by_page(lambda page: house.ask(Tasks.from_json(page)).to_json(), "tasks") == [
        each.to_json() for each in whole
    ]
    (task,) = house.ask(Tasks(account_id=mine)).tasks
    assert task.account_id == mine
    assert house.ask(Tasks(account_id=mine, kind="undeliverable")).tasks == ()
    assert house.ask(Tasks(account_id=new_id())).tasks == ()


def test_a_webhook_that_comes_before_the_answer_settles_the_letter(house) -> None:
    house.hear(ErasureScheduled(
        clock_id=new_id(), account_id=new_id(), user_id=new_id(), trigger="user_inactivated",
        started_on=date(2026, 12, 5), due_on=date(2027, 3, 5)))  # fmt: skip
    sent = house.delivery.mailgun.send

    def send_and_hear(letter, **also):
        outcome = sent(letter, **also)
        receive(house, told_by_mailgun(house, "delivered"))
        return outcome

    house.delivery.mailgun.send = send_and_hear
    house.deliver()
    row = house.letter()
    assert (row["state"], row["provider_message_id"]) == ("delivered", house.sent()[0]["id"])
    assert house.types() == ["notification.sent", "notification.delivered"]


def test_an_unknown_letter_is_settled_by_its_webhook(house, doorway) -> None:
    house.sandbox.fail("mailgun", "bad_gateway_accepted", method="POST", path="/messages")
    write_to(house)
    until(lambda: house.letter()["state"] == "delivered")
    house.clock.move(timedelta(hours=1))
    house.run("resolve_unknown_letters")
    house.deliver()
    assert len(house.sent()) == 1


def test_letters_of_which_no_webhook_told_are_asked_for_after_eight_hours(house) -> None:
    write_to(house)
    until(lambda: len(house.sandbox.sandbox.mailgun.state.events.values()) == 2)
    house.clock.move(timedelta(hours=7))
    house.run("resolve_silent_letters")
    assert house.letter()["state"] == "sent"
    house.clock.move(timedelta(hours=1))
    house.run("resolve_silent_letters")
    assert house.letter()["state"] == "delivered"


def test_a_letter_of_which_mailgun_knows_no_end_is_asked_for_a_few_days_and_stays_sent(house) -> None:
    write_to(house, "silent@x.example")
    for _ in range(20):
        house.clock.move(timedelta(hours=12))
        house.run("resolve_silent_letters")
    row = house.letter()
    assert (row["state"], row["reconcile_at"]) == ("sent", None)
    asked = [call for call in house.sandbox.calls("mailgun") if "logs" in call["path"]]
    assert 4 <= len(asked) <= 7


@pytest.mark.parametrize("code", ["5.1.1", "", [], 2**40, None, {"a": 1}, -1, "kari@x.example"])
def test_a_bounce_whose_code_cannot_be_read_is_still_a_bounce(house, code) -> None:
    write_to(house)
    bounce = told_by_mailgun(house, "failed", **BOUNCE | {"delivery-status": {"code": code}})
    assert receive(house, bounce) == WebhookVerdict(accepted=True, verdict="applied")
    assert house.letter()["state"] == "bounced"
    (kept,) = house.rows("SELECT unread FROM webhook")
    alarms = house.alarms()
    if code in ("5.1.1", "", None):
        assert (kept["unread"], alarms) == (None, [])
    else:
        assert kept["unread"].startswith("delivery-status.code=")
        assert "kari" not in kept["unread"]
        assert alarms == ["webhook_not_understood"]


@pytest.mark.parametrize("event", [None, [], {}, "x", {"event": 7}, {"event": "failed\x00"}, {"timestamp": "soon"}])
def test_a_signed_webhook_that_says_nothing_is_taken_and_a_person_told(house, event) -> None:
    write_to(house)
    before = house.letter()
    assert receive(house, event) == WebhookVerdict(accepted=True, verdict="not_understood")
    assert house.letter() == before
    assert house.alarms() == ["webhook_not_understood"]
    house.clock.move(timedelta(days=4))
    house.run("purge_expired_letters")
    assert house.rows("SELECT * FROM webhook") == []


def test_what_a_webhook_could_not_say_is_read_in_mailguns_records_half_an_hour_later(house) -> None:
    write_to(house, "delayed-bounce@x.example")
    until(lambda: len(house.sandbox.sandbox.mailgun.state.events.items()) == 3)
    receive(house, told_by_mailgun(house, "delivered"))
    unclear = told_by_mailgun(house, ["failed"])
    assert receive(house, unclear).verdict == "not_understood"
    house.run("resolve_silent_letters")
    assert house.letter()["state"] == "delivered"
    house.clock.move(timedelta(minutes=31))
    house.run("resolve_silent_letters")
    assert house.letter()["state"] == "bounced"
    (row,) = house.rows("SELECT reconcile_at FROM letter")
    assert row["reconcile_at"] is None


def test_suppressed_addresses_are_read_page_by_page(house) -> None:
    for number in range(3):
        write_to(house, f"kari{number}@x.example")
        receive(house, told_by_mailgun(house, "failed", letter_id=house.letters()[-1]["id"], **BOUNCE))
    whole = house.ask(Suppressions()).to_json()
    assert (len(whole["suppressions"]), whole["next_after"]) == (3, None)
    read = page_by_page(lambda page: house.ask(Suppressions.from_json(page)).to_json(), "suppressions")
    assert read == whole["suppressions"]
