"""Letters leave: once, with what Mailgun must be told and nothing else, whatever Mailgun answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from notification_env import DOMAIN, IMPRINT, INDEX, write_to

from services.account.email_change.events import UserAddressChanged
from services.account.letters.events import UserPasswordResetRequested, UserReturnRequested
from services.account.passwords.events import UserPasswordChanged
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserInvited
from services.notification.alarms.calls import Alarms, ReleaseParked
from services.notification.delivery.calls import Capacity, SetRate
from services.notification.history.calls import Letter, Letters, OwnLetters
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import LetterRequest
from services.notification.letters.kinds import LETTERS
from services.notification.letters.rules import expires
from services.notification.letters.values import Facts, LetterClass, LetterKind
from services.notification.mailgun import client as mailgun
from services.notification.mailgun.client import Mailgun
from services.notification.mailgun.rules import PurposeRefused
from services.notification.preferences.calls import Unsubscribe
from services.retention.clocks.events import ErasureReminderDue
from services.retention.erasure.events import ErasureCancelled, ErasureScheduled
from shared import errors
from shared.identifiers import new_id
from tests.in_process import invoke
from tests.paging import page_by_page
from tests.waiting import until

pytestmark = pytest.mark.integration

DUE = date(2027, 3, 5)
MOVED_AT = datetime(2026, 12, 4, 23, 5, tzinfo=UTC)
SOMEBODY = {"account_id": new_id(), "user_id": new_id()}


def reset_requested(user_id=None):
    return UserPasswordResetRequested(account_id=new_id(), user_id=user_id or new_id(), ticket_id=new_id())


def user_scheduled(user_id=None, account_id=None):
    return ErasureScheduled(
        clock_id=new_id(),
        account_id=account_id or new_id(),
        user_id=user_id or new_id(),
        trigger="user_inactivated",
        started_on=date(2026, 12, 5),
        due_on=DUE,
    )


def test_a_letter_leaves_and_mailgun_learns_no_more_than_it_must(house) -> None:
    event = reset_requested()
    house.hear(event)
    house.deliver()
    (sent,) = house.sent()
    row = house.letter()
    assert (row["state"], row["provider_message_id"]) == ("sent", sent["id"])
    assert sent["recipients"] == [f"{event.user_id.hex}@readers.example"]
    assert "https://nogd.example/password/token-1" in sent["text"]
    assert sent["variables"] == {"notification_id": str(row["id"])}
    assert sorted(house.form()) == [
        ("h:Reply-To", "post@semje.com"),
        ("o:require-tls", "yes"),
        ("o:tag", "password_change"),
        ("o:tag", "password_reset"),
        ("o:tracking", "no"),
        ("o:tracking-clicks", "no"),
        ("o:tracking-opens", "no"),
    ]
    (call,) = house.sandbox.calls("mailgun")
    assert call["path"] == f"/v3/{DOMAIN}/messages"
    told = {"letter_id": str(row["id"]), "letter": "password_reset", "account_id": str(event.account_id),
            "user_id": str(event.user_id)}  # fmt: skip
    assert house.told() == [("notification.sent", told)]


@pytest.mark.clause("PARTY-5")
def test_no_address_no_name_and_no_code_is_stored(house) -> None:
    house.hear(reset_requested())
    house.deliver()
    for table in ("letter", "mailing", "outbox", "webhook", "alarm"):
        for row in house.rows(f"SELECT t::text AS whole FROM {table} AS t"):  # noqa: S608  # names from this line
            for secret in ("readers.example", "Kari", "Fjord", "token-1"):
                assert secret not in row["whole"]


def test_the_same_event_makes_one_letter_and_a_second_round_sends_nothing(house) -> None:
    event, event_id = reset_requested(), new_id()
    house.hear(event, event_id=event_id)
    house.hear(event, event_id=event_id)
    house.deliver()
    house.deliver()
    assert len(house.sent()) == len(house.letters()) == 1


WAYS = ("by_link", "by_company", "by_staff")


def asked_to_return(way: str) -> UserReturnRequested:
    ids = {"account_id": new_id(), "user_id": new_id()}
    return UserReturnRequested(**ids, way=way, ticket_id=new_id() if way == "by_link" else None)


def planned(user_id, due_on: date, *, state: str = "scheduled", suspended: bool = False) -> dict:
    told = {"user_id": str(user_id) if user_id else None, "state": state, "due_on": due_on.isoformat()}
    return {**told, "suspended": suspended, "trigger": "account_inactivated"}


@pytest.mark.clause("LINK-1", "ERASE-1")
@pytest.mark.parametrize("way", WAYS)
def test_somebody_inactive_is_told_the_date_of_the_erasure_and_the_way_back(house, way) -> None:
    event = asked_to_return(way)
    house.account.erasures[event.account_id] = [
        planned(None, date(2027, 1, 1), state="cancelled"),
        planned(new_id(), date(2027, 1, 2)),
        planned(None, DUE),
        planned(event.user_id, date(2027, 4, 5)),
    ]
    house.hear(event)
    house.deliver()
    (sent,) = house.sent()
    assert "5. mars 2027" in sent["text"]
    assert ("https://nogd.example/reactivate/token-1" in sent["text"]) is (way == "by_link")
    assert (house.letter()["letter"], house.letter()["state"]) == (f"return_{way}", "sent")


@pytest.mark.clause("HOLD-1")
def test_no_date_is_told_of_an_erasure_that_is_suspended(house) -> None:
    event = asked_to_return("by_staff")
    house.account.erasures[event.account_id] = [planned(None, DUE, suspended=True)]
    house.hear(event)
    house.deliver()
    (sent,) = house.sent()
    assert "2027" not in sent["text"]


HELD = {"category": "everything", "basis": "gdpr_17_3_e", "review_on": "2027-04-28"}


@pytest.mark.clause("HOLD-1")
@pytest.mark.parametrize("suspended", [True, False])
def test_what_was_held_before_its_erasure_is_planned_is_told_as_held_to_each_as_it_concerns_them(
    house, suspended
) -> None:
    company, owner, member = new_id(), new_id(), new_id()
    house.account.people[company] = [
        {"user_id": str(owner), "role": "owner"}, {"user_id": str(member), "role": "user"},
    ]  # fmt: skip
    clock = {"clock_id": new_id(), "account_id": company, "started_on": date(2026, 12, 5), "due_on": DUE}
    erasure = planned(None, DUE, suspended=suspended) | {"erasure_id": str(clock["clock_id"]), "held": [HELD]}
    house.account.erasures[company] = [erasure]
    house.hear(ErasureScheduled(**clock, trigger="contract_terminated"))
    house.deliver()
    sent = {each["tags"][0]: each["text"] for each in house.sent()}
    assert set(sent) == {"account_deactivated", "company_closed"}
    for text in sent.values():
        assert ("slettes fra fredag 5. mars 2027, senest" in text or "sammen med kontoen fra fredag" in text) is (
            not suspended
        )
        assert ("må foreløpig beholdes på grunn av en tvist" in text) is suspended
        assert "Behovet vurderes på nytt senest onsdag 28. april 2027" in text
        assert "En tvist kan utsette" not in text
    asked = [fields["user_id"] for method, fields in house.account.asked if method == "timeline"]
    assert sorted(asked, key=str) == sorted([None, str(member)], key=str), (
        "owners hear of all, others of themselves"
    )


def test_a_letter_of_inactivity_waits_until_retention_knows_the_date(house) -> None:
    event = asked_to_return("by_link")
    house.hear(event)
    house.deliver()
    assert house.sent() == []
    assert (house.letter()["state"], house.letter()["reason"]) == ("pending", "facts_unavailable")
    assert [method for method, _ in house.account.asked] == ["timeline"], "no token is made for a letter that waits"
    house.account.erasures[event.account_id] = [planned(None, DUE)]
    house.clock.move(timedelta(minutes=1))
    house.deliver()
    assert len(house.sent()) == 1


def test_a_letter_without_a_link_waits_for_the_date_as_well(house) -> None:
    event = asked_to_return("by_staff")
    house.hear(event)
    house.deliver()
    assert (house.sent(), house.letter()["reason"]) == ([], "facts_unavailable")


@pytest.mark.clause("SUSPECT-1")
def test_of_a_blocked_account_nothing_ends_and_its_reader_is_told_at_once_whom_to_ask(house) -> None:
    event = asked_to_return("by_staff")
    house.account.blocked.add(event.user_id)
    house.hear(event)
    house.deliver()
    (sent,) = house.sent()
    assert "har sperret kontoen til Fjord AS" in sent["text"]
    assert IMPRINT.contact in sent["text"]
    assert "slettes fra" not in sent["text"]


def test_a_way_back_that_no_letter_knows_is_refused(house) -> None:
    with pytest.raises(errors.Invalid):
        house.hear(asked_to_return("by_magic"))


@pytest.mark.clause("ISOLATE-1")
def test_a_replaced_address_is_asked_for_by_its_ticket_and_told_the_instant(house) -> None:
    event = UserAddressChanged(**SOMEBODY, ticket_id=new_id(), changed_at=MOVED_AT)
    house.account.addresses[event.user_id] = "before@readers.example"
    house.hear(event)
    house.deliver()
    (sent,) = house.sent()
    assert sent["recipients"] == ["before@readers.example"]
    assert "5. desember 2026 kl. 00.05" in sent["text"]
    ((method, asked),) = house.account.asked
    told = (method, asked["letter"], asked["ticket_id"])
    assert told == ("letter_facts", "address_changed", str(event.ticket_id))


def test_a_letter_to_a_company_goes_to_those_who_answer_for_it(house) -> None:
    company, owner, user = new_id(), new_id(), new_id()
    house.account.people[company] = [
        {"user_id": str(owner), "role": "owner"}, {"user_id": str(user), "role": "user"},
    ]  # fmt: skip
    house.hear(AccountReactivated(account_id=company))
    assert [method for method, _ in house.account.asked] == []
    house.deliver()
    assert {sent["tags"][0]: sent["recipients"] for sent in house.sent()} == {
        "account_reactivated": [f"{owner.hex}@readers.example"],
        "company_reopened": [f"{user.hex}@readers.example"],
    }
    assert [row["state"] for row in house.rows("SELECT state FROM mailing")] == ["closed", "closed"]


def test_of_a_letter_to_a_company_that_is_no_more_nothing_is_kept(house) -> None:
    company = new_id()
    house.account.failures = [errors.NotFound(), errors.NotFound()]
    house.hear(AccountReactivated(account_id=company))
    house.deliver()
    assert house.rows("SELECT state FROM mailing") == []
    assert (house.letters(), house.told()) == ([], [])


def test_a_company_that_account_cannot_name_now_is_asked_for_later(house) -> None:
    company, owner = new_id(), new_id()
    house.account.people[company] = [{"user_id": str(owner), "role": "owner"}]
    house.account.failures = [errors.Unavailable("away")] * 20
    house.hear(AccountReactivated(account_id=company))
    house.deliver()
    assert house.sent() == []
    house.account.failures.clear()
    house.clock.move(timedelta(minutes=1))
    house.deliver()
    assert len(house.sent()) == 1


def test_only_reminders_near_the_date_become_letters(house) -> None:
    for days_left in (92, 30, 7):
        event = ErasureReminderDue(
            clock_id=new_id(), account_id=new_id(), user_id=new_id(), due_on=DUE, days_left=days_left
        )
        house.hear(event)
    assert [row["letter"] for row in house.letters()] == ["user_reminder"] * 2


@pytest.mark.parametrize("first", ["scheduled", "cancelled"])
def test_a_letter_about_an_erasure_called_off_does_not_leave_whichever_event_came_first(house, first) -> None:
    scheduled = user_scheduled()
    cancelled = ErasureCancelled(
        clock_id=scheduled.clock_id,
        account_id=scheduled.account_id,
        user_id=scheduled.user_id,
        reason="reactivated",
    )
    for event in (scheduled, cancelled) if first == "scheduled" else (cancelled, scheduled):
        house.hear(event)
    house.deliver()
    assert house.sent() == []
    assert house.letter()["reason"] == "withdrawn"


def test_a_company_letter_about_an_erasure_called_off_is_not_even_written(house) -> None:
    clock_id, company = new_id(), new_id()
    house.account.people[company] = [{"user_id": str(new_id()), "role": "owner"}]
    house.hear(ErasureReminderDue(
        clock_id=clock_id, account_id=company, due_on=DUE, days_left=7))  # fmt: skip
    house.hear(ErasureCancelled(
        clock_id=clock_id, account_id=company, reason="reactivated"))  # fmt: skip
    house.deliver()
    assert house.letters() == []
    assert [row["state"] for row in house.rows("SELECT state FROM mailing")] == ["withdrawn"]


# ── account's answers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(errors.Conflict("used"), "ticket_spent"), (errors.Locked("off"), "recipient_inactive")],
)
def test_a_letter_that_account_refuses_is_given_up(house, answer, reason) -> None:
    event = reset_requested()
    house.account.lasting[event.user_id] = answer
    house.hear(event)
    house.deliver()
    assert (house.letter()["state"], house.letter()["reason"]) == ("abandoned", reason)
    assert house.told()[0][1]["reason"] == reason


def test_of_a_letter_to_somebody_who_is_no_more_nothing_is_kept(house) -> None:
    event = reset_requested()
    house.account.lasting[event.user_id] = errors.NotFound()
    house.hear(event)
    house.deliver()
    assert house.letters() == []
    assert house.told()[0][1]["reason"] == "recipient_gone"


@pytest.mark.parametrize("answer", [errors.Unavailable("x"), errors.DeadlineExceeded("x"), errors.Internal("1"),
                                    errors.Restoring()])  # fmt: skip
def test_a_letter_waits_while_account_is_away(house, answer) -> None:
    house.account.failures = [answer]
    house.hear(reset_requested())
    house.deliver()
    assert (house.letter()["state"], house.letter()["reason"]) == ("pending", "facts_unavailable")
    house.clock.move(timedelta(seconds=16))
    house.deliver()
    assert house.letter()["state"] == "sent"


def test_a_letter_too_old_is_given_up_before_anybody_is_asked(house) -> None:
    house.hear(reset_requested())
    house.clock.move(timedelta(hours=1))
    house.deliver()
    assert house.account.asked == []
    assert house.letter()["reason"] == "expired"
    assert house.types() == ["notification.failed"]


def test_a_letter_that_cannot_be_made_waits_and_raises_an_alarm_and_holds_up_no_other(house) -> None:
    house.hear(reset_requested())
    house.change("UPDATE letter SET letter = 'user_reminder'")  # its event told no date
    house.hear(reset_requested())
    house.deliver()
    assert sorted(row["state"] for row in house.letters()) == ["pending", "sent"]
    assert house.alarms() == ["letter_fault"]


# ── Mailgun's answers ─────────────────────────────────────────────────────────────────────────────────────


def send_with(house, mode, *, renewable=False, **more):
    house.sandbox.fail("mailgun", mode, method="POST", path="/messages", **more)
    if renewable:
        house.hear(reset_requested())
    else:
        house.hear(user_scheduled())
    house.deliver()


def test_after_429_all_letters_wait_as_long_as_mailgun_says(house) -> None:
    send_with(house, "rate_limited", seconds=40)
    house.hear(user_scheduled())
    house.deliver()
    assert house.sent() == []
    assert {row["attempts"] for row in house.letters()} == {0}
    house.clock.move(timedelta(seconds=42))
    house.deliver()
    assert len(house.sent()) == 2


def test_after_429_without_headers_our_own_patience_counts(house) -> None:
    send_with(house, "rate_limited_bare")
    assert house.letter()["reason"] == "throttled"
    house.clock.move(timedelta(minutes=5))
    house.deliver()
    assert house.letter()["state"] == "sent"


@pytest.mark.parametrize("mode", ["bad_gateway_accepted", "error_accepted", "drop_accepted"])
def test_a_letter_mailgun_took_without_saying_so_is_found_and_never_sent_again(house, mode) -> None:
    send_with(house, mode)
    assert house.letter()["state"] == "unknown"
    house.deliver()
    house.clock.move(timedelta(minutes=2))
    house.run("resolve_unknown_letters")
    row = house.letter()
    assert row["state"] in ("sent", "delivered")
    assert row["provider_message_id"] == house.sent()[0]["id"]
    assert len(house.sent()) == 1
    assert house.types()[0] == "notification.sent"


@pytest.mark.parametrize("mode", ["bad_gateway", "error_html", "unavailable", "drop"])
def test_a_letter_mailgun_never_got_is_sent_after_half_an_hour_and_not_before(house, mode) -> None:
    send_with(house, mode)
    for _ in range(14):
        house.clock.move(timedelta(minutes=2))
        house.run("resolve_unknown_letters")
        house.deliver()
    assert house.letter()["state"] == "unknown"
    assert house.sent() == []
    house.clock.move(timedelta(minutes=4))
    house.run("resolve_unknown_letters")
    house.deliver()
    assert house.letter()["state"] == "sent"
    assert len(house.sent()) == 1


def test_a_letter_is_not_sent_again_while_mailguns_records_cannot_be_read(house) -> None:
    send_with(house, "bad_gateway")
    house.sandbox.fail("mailgun", "unavailable", path="/v1/analytics/logs", calls=100)
    for _ in range(20):
        house.clock.move(timedelta(minutes=6))
        house.run("resolve_unknown_letters")
        house.deliver()
    assert house.letter()["state"] == "unknown"
    house.clock.move(timedelta(days=7))
    house.run("resolve_unknown_letters")
    assert (house.letter()["state"], house.letter()["reason"]) == ("abandoned", "outcome_unknown")
    assert house.sent() == []


def test_records_that_appear_late_are_waited_for(house) -> None:
    house.sandbox.configure("mailgun", events_hidden_seconds=0.6)
    send_with(house, "bad_gateway_accepted")
    house.clock.move(timedelta(minutes=2))
    house.run("resolve_unknown_letters")
    assert house.letter()["state"] == "unknown"

    def found():
        house.clock.move(timedelta(minutes=3))
        house.run("resolve_unknown_letters")
        return house.letter()["state"] != "unknown"

    until(found)
    assert len(house.sent()) == 1


def test_a_call_that_runs_out_of_time_after_the_letter_was_taken_is_not_repeated(house, monkeypatch) -> None:
    with monkeypatch.context() as hasty:
        hasty.setattr(house.delivery.mailgun._http, "_total_seconds", 0.3)
        send_with(house, "timeout_after_commit", seconds=1.0)
    assert (house.letter()["state"], house.letter()["reason"]) == ("unknown", "timed_out")
    house.clock.move(timedelta(minutes=2))
    until(house.sent)
    house.run("resolve_unknown_letters")
    assert house.letter()["state"] in ("sent", "delivered")
    assert len(house.sent()) == 1


def test_a_letter_with_a_code_is_sent_again_at_once_with_a_new_code(house) -> None:
    send_with(house, "bad_gateway_accepted", renewable=True)
    first, second = house.sent()
    assert "token-1" in first["text"]
    assert "token-2" in second["text"]
    assert [(row["state"], row["renewal"]) for row in house.letters()] == [("superseded", 0), ("sent", 1)]


def test_a_letter_with_a_code_is_not_renewed_for_ever(house) -> None:
    house.sandbox.fail("mailgun", "bad_gateway", method="POST", path="/messages", calls=100)
    house.hear(reset_requested())
    for _ in range(10):
        house.deliver()
        house.clock.move(timedelta(minutes=2))
    states = [(row["renewal"], row["state"]) for row in house.letters()]
    assert sorted(states) == [(0, "superseded"), (1, "superseded"), (2, "superseded"), (3, "abandoned")]
    assert house.types() == ["notification.failed"]


def test_a_refused_key_parks_the_letter_raises_an_alarm_and_stops_all_others(house) -> None:
    send_with(house, "unauthorised", calls=50)
    house.hear(user_scheduled())
    house.deliver()
    assert sorted(row["state"] for row in house.letters()) == ["parked", "pending"]
    reply = house.ask(Alarms())
    assert [(each.kind, each.status, each.times) for each in reply.alarms] == [("mailgun_401", 401, 1)]
    assert reply.parked_letters == 1
    house.sandbox.sandbox.faults.clear()
    assert house.ask(ReleaseParked()).released == 1
    house.deliver()
    assert [row["state"] for row in house.letters()] == ["sent", "sent"]
    assert house.alarms() == []


def test_an_address_that_is_none_gets_no_letter(house) -> None:
    event = reset_requested()
    house.account.addresses[event.user_id] = "a@b.example, c@d.example"
    house.hear(event)
    house.deliver()
    assert house.letter()["reason"] == "address_refused"
    assert house.sandbox.calls("mailgun") == []


def test_a_letter_that_mailgun_finds_faulty_is_given_up_with_an_alarm(house) -> None:
    house.delivery.mailgun._sender = "nobody"
    house.hear(reset_requested())
    house.deliver()
    assert house.letter()["reason"] == "letter_refused"
    assert house.alarms() == ["mailgun_400"]
    assert house.types() == ["notification.failed"]


def test_a_mailgun_that_cannot_be_reached_carried_no_letter(house) -> None:
    url = house.sandbox.mailgun_url
    house.delivery.mailgun = Mailgun(
        url="http://127.0.0.1:1", domain=DOMAIN, api_key="x", sender="A <a@b.example>", reply_to="c@b.example"
    )
    house.hear(user_scheduled())
    house.deliver()
    assert (house.letter()["state"], house.letter()["reason"]) == ("pending", "not_connected")
    house.delivery.mailgun = Mailgun(
        url=url, domain=DOMAIN, api_key="sandbox-mailgun-api-key", sender="A <a@b.example>", reply_to="c@b.example"
    )
    house.clock.move(timedelta(seconds=16))
    house.deliver()
    assert len(house.sent()) == 1


@pytest.mark.clause("PARTY-5", "MAIL-3")
def test_the_adapter_itself_refuses_marketing(house) -> None:
    adapter = house.delivery.mailgun
    letter = mailgun.Outgoing(
        letter_id=new_id(), letter="news", letter_class="marketing", purpose="support", to="a@b.example",
        subject="s", text="t", html="h",
    )  # fmt: skip
    with pytest.raises(PurposeRefused):
        adapter.send(letter, now=datetime.now(UTC))  # noqa: TID251  # any instant
    assert house.sandbox.calls("mailgun") == []


def test_an_optional_letter_can_be_declined_with_one_click(house, monkeypatch) -> None:
    """No optional letter may go by Mailgun yet; the header is made all the same, for the day one may."""
    delivery = house.delivery
    house.hear(user_scheduled())
    with house.database.transaction() as tx:
        letter = delivery.store.claim(tx, house.clock.now(), rate=10, burst=10)
    kind = LetterKind(
        code="news", letter_class=LetterClass.PRODUCT_NEWS, purpose="support", lane=2, max_age_hours=1
    )
    url = delivery.unsubscribe_url(kind, letter)
    assert url.startswith("https://nogd.example/unsubscribe/")
    monkeypatch.setattr(mailgun, "assert_mailgun_may_carry", lambda *_: None)
    outgoing = mailgun.Outgoing(
        letter_id=letter.id, letter="news", letter_class="product_news", purpose="support", to="a@b.example",
        subject="s", text="t", html="h", unsubscribe_url=url,
    )  # fmt: skip
    delivery.mailgun.send(outgoing, now=house.clock.now())
    assert ("h:List-Unsubscribe", f"<{url}>") in house.form()
    assert ("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click") in house.form()
    assert house.ask(Unsubscribe(token=url.rsplit("/", 1)[-1])).letter_class == "product_news"
    with house.database.transaction() as tx:
        assert delivery.preferences.opt_outs(tx, letter.user_id) == {LetterClass.PRODUCT_NEWS}


# ── order and pace ────────────────────────────────────────────────────────────────────────────────────────


def claimed(house):
    order = []
    while True:
        with house.database.transaction() as tx:
            letter = house.delivery.store.claim(tx, house.clock.now(), rate=500, burst=500)
        if letter is None:
            return order
        order.append(letter)


def test_security_goes_before_legal_deadlines_and_those_before_all_else(house) -> None:
    house.hear(UserInvited(account_id=new_id(), user_id=new_id(), ticket_id=new_id()))
    house.hear(user_scheduled())
    house.hear(reset_requested())
    assert [letter.letter for letter in claimed(house)] == ["password_reset", "user_deactivated", "invitation"]


def test_a_flood_of_one_customer_does_not_hold_up_another(house) -> None:
    loud, quiet = new_id(), new_id()
    kind, now = LETTERS["invitation"], house.clock.now()
    with house.database.transaction() as tx:
        for account_id, count, at in ((loud, 40, now), (loud, 40, now), (quiet, 1, now + timedelta(seconds=1))):
            request = LetterRequest(
                event_id=new_id(), letter=kind.code, account_id=account_id, requested_at=at,
                expires_at=expires(kind, at), facts=Facts(),
            )  # fmt: skip
            Queue().add_letters(tx, request, [new_id() for _ in range(count)], now=at)
    house.clock.move(timedelta(seconds=1))
    order = [letter.account_id for letter in claimed(house)]
    assert order.index(quiet) in (4, 5)  # the fifth of the flood has the same turn
    assert len(order) == 81


def test_all_replicas_share_one_pace(house) -> None:
    for _ in range(12):
        house.hear(user_scheduled())
    store, now = house.delivery.store, house.clock.now()

    def take(at):
        with house.database.transaction() as tx:
            return store.claim(tx, at, rate=2.0, burst=5.0)

    assert sum(take(now) is not None for _ in range(10)) == 5
    assert sum(take(now + timedelta(seconds=1)) is not None for _ in range(10)) == 2
    assert [row["state"] for row in house.letters()].count("pending") == 5


# ── leases ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_whose_worker_died_before_the_call_goes_out_soon(house) -> None:
    house.hear(user_scheduled())
    claimed(house)
    house.run("resolve_unknown_letters")
    assert house.letter()["state"] == "sending"
    house.clock.move(timedelta(seconds=121))
    house.run("resolve_unknown_letters")
    house.deliver()
    assert len(house.sent()) == 1


def test_a_letter_whose_worker_died_in_the_call_is_asked_for_first(house) -> None:
    house.hear(user_scheduled())
    (letter,) = claimed(house)
    with house.database.transaction() as tx:
        assert house.delivery.store.begin(
            tx, letter, address_index=INDEX.of_email("a@b.example"), now=house.clock.now()
        )
    house.clock.move(timedelta(seconds=121))
    house.run("resolve_unknown_letters")
    house.deliver()
    assert house.letter()["state"] == "unknown"
    assert house.sent() == []


def test_a_worker_that_lost_its_lease_sends_nothing(house) -> None:
    house.hear(user_scheduled())
    (letter,) = claimed(house)
    house.clock.move(timedelta(seconds=121))
    house.delivery._send(letter)
    assert house.sent() == []
    house.run("resolve_unknown_letters")
    (again,) = claimed(house)
    house.delivery._send(letter)
    assert house.sent() == []
    house.delivery._send(again)
    assert len(house.sent()) == 1


# ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_letters_are_shown_by_company_by_user_of_it_and_one_by_one(house) -> None:
    event = user_scheduled()
    house.hear(event)
    house.deliver()
    company, user = event.account_id, event.user_id
    (by_account,) = house.ask(Letters(account_id=company)).letters
    (by_user,) = house.ask(Letters(account_id=company, user_id=user)).letters
    assert by_account == by_user == house.ask(Letter(letter_id=by_user.letter_id))
    assert (by_user.state, by_user.user_id) == ("sent", user)
    for nobody in ({"account_id": company, "user_id": new_id()}, {"account_id": new_id(), "user_id": user}):
        assert house.ask(Letters(**nobody)).letters == ()
    for _ in range(2):
        house.hear(UserPasswordChanged(account_id=company, user_id=user))
    of_company = {"account_id": str(company)}
    whole = house.ask(Letters(account_id=company)).to_json()["letters"]
    assert len(whole) == 3
    assert page_by_page(lambda page: house.ask(Letters.from_json(of_company | page)).to_json(), "letters") == whole
    with pytest.raises(errors.NotFound):
        house.ask(Letter(letter_id=new_id()))


@pytest.mark.clause("ISOLATE-1")
def test_whoever_has_a_session_is_shown_the_letters_to_themselves_and_nobody_else_s(house) -> None:
    event, other = user_scheduled(), user_scheduled()
    for each in (event, other):
        house.hear(each)
    house.deliver()
    house.account.sessions["t" * 43] = event.account_id, event.user_id
    shown = house.ask(OwnLetters(token="t" * 43))
    (letter,) = shown.letters
    assert (letter.state, shown.complete) == ("sent", True)
    with pytest.raises(errors.Unauthenticated):
        house.ask(OwnLetters(token="u" * 43))


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize("named", [{}, {"user_id": new_id()}, {"account_id": None}])
def test_letters_are_those_of_a_company_that_is_named_and_so_is_told_of_the_look(house, named) -> None:
    with pytest.raises(errors.Invalid) as refused:
        invoke(house.service, "letters", **named)
    assert set(refused.value.details["fields"]) == {"account_id"}


def test_the_rate_counts_at_once_and_is_taken_back_to_the_setting(house) -> None:
    setting = house.ask(Capacity())
    assert (setting.rate_is_from, setting.due, setting.paused_until) == ("setting", 0, None)
    assert house.ask(SetRate(letters_per_second=2.5)).letters_per_second == 2.5
    changed = house.ask(Capacity())
    assert (changed.rate_is_from, changed.letters_per_second) == ("command", 2.5)
    assert house.ask(SetRate(letters_per_second=None)).letters_per_second == setting.letters_per_second
    assert house.ask(Capacity()) == setting
    for wrong in (0, 1000.5):
        with pytest.raises(errors.Invalid):
            house.ask(SetRate(letters_per_second=wrong))


def test_old_letters_are_forgotten(house) -> None:
    house.hear(user_scheduled())
    house.deliver()
    house.clock.move(timedelta(days=179))
    house.run("purge_expired_letters")
    assert len(house.letters()) == 1
    house.clock.move(timedelta(days=2))
    house.run("purge_expired_letters")
    assert house.letters() == []


@pytest.mark.parametrize("name", ["%unsubscribe_url%", "%recipient%", "evil\u3002com", "http://evil.com", "{{x}}"])
def test_what_a_customer_typed_is_inert_in_a_letter_that_mailgun_carries(house, name) -> None:
    """Names from before they were refused at the door."""
    house.account.name = house.account.company_name = name
    write_to(house, "kari@x.example")
    (letter,) = house.sandbox.letters()
    assert letter["filled_in"] == []
    for part in ("subject", "text", "html"):
        assert name not in letter[part]
        assert "evil" not in letter[part]
        assert "/u/" not in letter[part]
