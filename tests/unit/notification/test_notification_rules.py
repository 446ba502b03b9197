"""The decisions about letters, each with its edge."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.mailgun import letters as sandbox_letters
from services.notification import rules
from services.notification.values import (
    Erasure,
    Facts,
    Letter,
    LetterClass,
    LetterKind,
    Person,
    Recipient,
    Signal,
    State,
    Suppression,
    SuppressionKind,
    VendorEvent,
)
from shared.calendar import oslo_date
from shared.errors import Conflict, Invalid
from shared.identifiers import new_id

pytestmark = pytest.mark.unit

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
USER, ACCOUNT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
KEY = b"k" * 32


def letter(code="user_reminder", **changes) -> Letter:
    values = {
        "id": UUID(int=9), "event_id": UUID(int=8), "mailing_id": None, "account_id": ACCOUNT, "user_id": USER,
        "letter": code, "renewal": 0, "state": State.SENDING, "attempts": 1, "checks": 0, "requested_at": NOW,
        "expires_at": NOW + timedelta(days=3), "begun_at": NOW, "sent_at": None, "facts": Facts(),
    }  # fmt: skip
    return Letter(**(values | changes))


def event(name, **changes) -> VendorEvent:
    return VendorEvent(name=name, at=NOW, **changes)


# ── what Mailgun may carry ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("PARTY-5")
@pytest.mark.parametrize("kind", rules.KINDS, ids=lambda kind: kind.code)
def test_every_letter_there_is_may_go_by_mailgun(kind: LetterKind) -> None:
    rules.assert_mailgun_may_carry(kind.letter_class, kind.purpose)


@pytest.mark.clause("PARTY-5", "MAIL-3")
@pytest.mark.parametrize(
    ("letter_class", "purpose"),
    [
        ("marketing", "support"),
        ("product_news", "account_registration"),
        ("service", "newsletter"),
        ("", ""),
        ("legal", "account_registration"),
        ("service", "legal_notice"),
        ("marketing", "legal_notice"),
    ],
)
def test_marketing_and_purposes_the_terms_do_not_name_are_refused(letter_class: str, purpose: str) -> None:
    with pytest.raises(rules.PurposeRefused):
        rules.assert_mailgun_may_carry(letter_class, purpose)


@pytest.mark.clause("PARTY-5")
def test_there_are_three_purposes_and_legal_notices_and_no_more() -> None:
    purposes = {"account_registration", "password_change", "support", "legal_notice"}
    assert set(rules.MAILGUN_PURPOSES) == purposes == sandbox_letters.PURPOSES


@pytest.mark.clause("PARTY-5")
def test_each_letter_goes_by_the_name_of_what_it_is() -> None:
    by_purpose: dict[str, set[str]] = {}
    for kind in rules.KINDS:
        by_purpose.setdefault(kind.purpose.value, set()).add(kind.code)
    assert by_purpose["password_change"] == {"password_reset", "password_changed"}
    assert by_purpose["account_registration"] == {
        "email_confirmation", "invitation", "sign_up_repeated", "address_changed",
        "return_by_link", "return_by_company", "return_by_staff",
    }  # fmt: skip
    legal = {kind.code for kind in rules.KINDS if kind.letter_class is LetterClass.LEGAL}
    assert by_purpose["legal_notice"] == legal


@pytest.mark.clause("EGRESS-1")
@pytest.mark.parametrize("kind", rules.KINDS, ids=lambda kind: kind.code)
def test_an_address_that_nobody_confirmed_is_asked_and_answered_and_no_more(kind: LetterKind) -> None:
    values = {"email": "x@y.example", "name": "", "company_name": "", "language": "nb"}
    asks = kind.code in {
        "email_confirmation",
        "invitation",
        "password_reset",
        "sign_up_repeated",
        "return_by_staff",
    }
    assert rules.is_known_reader(kind, Person(**values, confirmed=True))
    assert rules.is_known_reader(kind, Person(**values, confirmed=False)) is asks


@pytest.mark.clause("RIGHTS-4")
@pytest.mark.parametrize("letter_class", list(LetterClass))
def test_s27_who_is_restricted_gets_necessary_letters_and_no_others(letter_class: LetterClass) -> None:
    reason = rules.reason_not_to_send(letter_class, set(), set(), restricted=True)
    assert reason == (None if letter_class in rules.LOCKED_CLASSES else "restricted")


def test_letters_about_erasure_are_legal_ones() -> None:
    legal = {kind.code for kind in rules.KINDS if kind.letter_class is LetterClass.LEGAL}
    assert legal == {
        "account_deactivated", "company_closed", "user_deactivated", "termination_noticed", "termination_withdrawn",
        "account_reminder", "user_reminder", "account_erased", "user_erased", "restriction_will_be_lifted",
        "erasure_postponed", "account_reactivated", "company_reopened", "user_reactivated",
    }  # fmt: skip


# ── whether a letter may go ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("MAIL-1", "MAIL-4")
@pytest.mark.parametrize("letter_class", list(LetterClass))
def test_an_objection_stops_optional_letters_and_no_others(letter_class: LetterClass) -> None:
    reason = rules.reason_not_to_send(letter_class, set(), set(LetterClass))
    optional = letter_class in (LetterClass.MARKETING, LetterClass.PRODUCT_NEWS)
    assert reason == ("opted_out" if optional else None)
    assert rules.can_be_declined(letter_class) is optional


def test_an_objection_to_one_class_leaves_the_other() -> None:
    assert rules.reason_not_to_send(LetterClass.MARKETING, set(), {LetterClass.PRODUCT_NEWS}) is None


@pytest.mark.parametrize(
    ("suppressed", "reason"),
    [
        (set(), None),
        ({SuppressionKind.BOUNCE}, "suppressed_bounce"),
        ({SuppressionKind.COMPLAINT}, "suppressed_complaint"),
        (set(SuppressionKind), "suppressed_complaint"),
    ],
)
def test_an_address_that_bounced_or_complained_gets_no_letter(suppressed, reason) -> None:
    assert rules.reason_not_to_send(LetterClass.SERVICE, suppressed, set()) == reason


DAY = timedelta(days=1)


@pytest.mark.clause("CONFIDE-1")
def test_a_bounce_silences_an_address_for_a_while_that_grows_to_a_bound() -> None:
    lengths = [(rules.bounce_ends_at(times, NOW) - NOW).days for times in (1, 2, 3, 4, 5, 400)]
    assert lengths == [1, 7, 30, 90, 90, 90]


@pytest.mark.clause("MAIL-4")
@pytest.mark.parametrize("kind", rules.KINDS, ids=lambda kind: kind.code)
def test_a_bounce_has_an_end_and_a_complaint_has_none(kind: LetterKind) -> None:
    bounce = Suppression(kind=SuppressionKind.BOUNCE, ends_at=NOW + DAY, tried_at=NOW)
    complaint = Suppression(kind=SuppressionKind.COMPLAINT, ends_at=None, tried_at=NOW)
    assert rules.suppressed_for(kind, [bounce, complaint], NOW) == set(SuppressionKind)
    assert rules.suppressed_for(kind, [bounce], NOW + DAY) == set()
    later = set() if kind.asked_for else {SuppressionKind.COMPLAINT}
    assert rules.suppressed_for(kind, [complaint], NOW + 10_000 * DAY) == later


@pytest.mark.clause("MAIL-4")
def test_whoever_asks_for_a_letter_gets_it_within_minutes_whatever_bounced() -> None:
    asked, told = rules.LETTERS["password_reset"], rules.LETTERS["password_changed"]
    fresh = Suppression(kind=SuppressionKind.BOUNCE, ends_at=NOW + DAY)
    assert rules.suppressed_for(asked, [fresh], NOW) == set()
    assert rules.suppressed_for(told, [fresh], NOW) == {SuppressionKind.BOUNCE}
    tried = replace(fresh, tried_at=NOW)
    assert rules.suppressed_for(asked, [tried], NOW + timedelta(minutes=4)) == {SuppressionKind.BOUNCE}
    assert rules.suppressed_for(asked, [tried], NOW + timedelta(minutes=5)) == set()
    assert {kind.code for kind in rules.KINDS if kind.asked_for} == {
        "email_confirmation", "sign_up_repeated", "password_reset",
        "return_by_link", "return_by_company", "return_by_staff",
    }  # fmt: skip


@pytest.mark.clause("MAIL-4")
@pytest.mark.parametrize("kind", rules.KINDS, ids=lambda kind: kind.code)
def test_no_wrong_clock_silences_an_address_for_longer_than_a_bounce_may(kind: LetterKind) -> None:
    absurd = Suppression(kind=SuppressionKind.BOUNCE, ends_at=NOW + 3650 * DAY)
    assert rules.suppressed_for(kind, [absurd], NOW) == set()
    longest = replace(absurd, ends_at=rules.bounce_ends_at(9, NOW), tried_at=NOW)
    assert rules.suppressed_for(kind, [longest], NOW) == {SuppressionKind.BOUNCE}
    tried = Suppression(kind=SuppressionKind.COMPLAINT, ends_at=None, tried_at=NOW + 3650 * DAY)
    assert rules.suppressed_for(kind, [tried], NOW) == (set() if kind.asked_for else {SuppressionKind.COMPLAINT})


@pytest.mark.clause("ERASE-1", "MAIL-4")
@pytest.mark.parametrize("kind", rules.KINDS, ids=lambda kind: kind.code)
def test_a_legal_letter_that_cannot_go_becomes_a_persons_task(kind: LetterKind) -> None:
    legal = kind.letter_class is LetterClass.LEGAL and not kind.farewell
    for reason in ("bounced", "suppressed_bounce", "suppressed_complaint", "expired", "address_refused"):
        assert rules.becomes_a_task(kind, reason) is legal
    assert [reason for reason in rules.NO_FAILURE if rules.becomes_a_task(kind, reason)] == []


@pytest.mark.clause("RIGHTS-2")
def test_a_copy_is_handed_over_within_the_month_and_before_the_data_are_erased() -> None:
    now = datetime(2027, 2, 20, 12, tzinfo=UTC)
    assert rules.copy_due_on(date(2027, 1, 31), None, now) == date(2027, 2, 28)
    assert rules.copy_due_on(date(2027, 1, 31), date(2027, 3, 5), now) == date(2027, 2, 28)
    assert rules.copy_due_on(date(2027, 2, 20), date(2027, 3, 5), now) == date(2027, 3, 4)
    assert rules.copy_due_on(date(2027, 1, 10), date(2027, 3, 5), now) == date(2027, 2, 20), "late, so at once"
    for asked_on in (date(2027, 3, 5), date(2027, 3, 9)):
        with pytest.raises(Conflict):
            rules.copy_due_on(asked_on, date(2027, 3, 5), now)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # see timezones
DAYS = st.integers(-400, 400).map(lambda days: timedelta(days=days))


@pytest.mark.clause("RIGHTS-2")
@given(now=MOMENTS, ahead=DAYS)
@example(now=datetime(2027, 3, 4, 22, 59, tzinfo=UTC), ahead=timedelta(days=1))
@example(now=datetime(2027, 3, 4, 23, 0, tzinfo=UTC), ahead=timedelta(0))
@example(now=datetime(2027, 3, 5, 22, 59, tzinfo=UTC), ahead=timedelta(0))
def test_the_last_day_to_ask_for_a_copy_is_never_over_and_is_before_the_erasure(now, ahead) -> None:
    today = oslo_date(now)
    erased_on = today + ahead
    last = rules.copy_by(erased_on, now)
    assert (last is None) == (erased_on <= today)
    assert last is None or today <= last == erased_on - timedelta(days=1)


@pytest.mark.clause("RIGHTS-2")
@given(now=MOMENTS, asked=st.integers(0, 400), ahead=st.none() | DAYS)
def test_a_copy_is_never_due_on_a_day_that_is_over_nor_on_that_of_an_erasure_to_come(now, asked, ahead) -> None:
    today = oslo_date(now)
    received_on, erased_on = today - timedelta(days=asked), None if ahead is None else today + ahead
    if erased_on is not None and erased_on <= received_on:
        with pytest.raises(Conflict):
            rules.copy_due_on(received_on, erased_on, now)
        return
    due_on = rules.copy_due_on(received_on, erased_on, now)
    assert due_on >= today
    assert erased_on is None or due_on < erased_on or (erased_on <= today == due_on)


# ── who and which ─────────────────────────────────────────────────────────────────────────────────────────


def test_those_who_answer_for_the_company_are_written_to() -> None:
    owner, user = Recipient(user_id=USER, role="owner"), Recipient(user_id=OTHER, role="user")
    assert rules.recipients_of([user, owner]) == [owner]


def test_everybody_is_written_to_where_nobody_answers_for_the_company() -> None:
    users = [Recipient(user_id=USER, role="user"), Recipient(user_id=OTHER, role="user")]
    assert rules.recipients_of(users) == users
    assert rules.recipients_of([]) == []


def test_the_letter_fits_whether_a_company_or_a_person_is_concerned() -> None:
    assert rules.letters_on_schedule(None, "account_inactivated") == ("account_deactivated", "company_closed")
    assert rules.letters_on_schedule(None, "contract_terminated") == ("account_deactivated", "company_closed")
    assert rules.letters_on_schedule(USER, "user_inactivated") == ("user_deactivated",)
    assert rules.reminder_letter(None) == "account_reminder"
    assert rules.reminder_letter(USER) == "user_reminder"
    assert rules.farewell_letter(None) == "account_erased"
    assert rules.farewell_letter(USER) == "user_erased"


def test_whoever_asked_not_to_wait_gets_no_letter_about_a_date_to_wait_for() -> None:
    assert rules.letters_on_schedule(None, "early_request") == ()


def test_of_a_closed_company_everybody_hears_once() -> None:
    people = [
        Recipient(user_id=USER, role="owner"),
        Recipient(user_id=OTHER, role="user"),
        Recipient(user_id=new_id(), role="user", confirmed=False),
    ]
    assert rules.readers_of(rules.LETTERS["account_deactivated"], people) == people[:1]
    assert rules.readers_of(rules.LETTERS["company_closed"], people) == people[1:2]
    assert rules.readers_of(rules.LETTERS["erasure_postponed"], people) == people[:2]
    # Where nobody answers for the company, all are written to as if they did, and none of them twice.
    assert rules.readers_of(rules.LETTERS["company_closed"], people[1:]) == []


@pytest.mark.clause("HOLD-1")
def test_a_hold_breaks_the_first_date_that_was_told_and_no_other() -> None:
    ahead = [
        Erasure(user_id=None, state="scheduled", due_on=date(2027, 4, each), suspended=True) for each in (9, 2)
    ]
    assert rules.date_that_was_told(ahead) == date(2027, 4, 2)
    assert rules.date_that_was_told([]) is None


@pytest.mark.clause("ERASE-2")
def test_s04_the_letter_about_a_notice_promises_the_date_that_retention_keeps() -> None:
    assert rules.erased_after_notice(date(2026, 12, 10), date(2027, 1, 31)) == date(2027, 4, 30)


@pytest.mark.parametrize(("days_left", "sent"), [(92, False), (31, False), (30, True), (7, True), (0, True)])
def test_the_reminder_of_the_first_day_is_told_by_the_letter_on_the_schedule(days_left, sent) -> None:
    assert rules.reminder_is_sent(days_left) is sent


# ── when ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_flood_stands_behind_a_single_letter_that_came_later() -> None:
    hundredth = rules.fair_place(NOW, 100)
    later_single = rules.fair_place(NOW + timedelta(seconds=5), 0)
    assert later_single < hundredth


def test_a_reset_is_not_worth_sending_after_an_hour() -> None:
    assert rules.expires(rules.LETTERS["password_reset"], NOW) == NOW + timedelta(hours=1)


@given(attempts=st.integers(1, 60), chance=st.floats(0, 1, exclude_max=True))
def test_waiting_grows_and_has_an_end(attempts: int, chance: float) -> None:
    wait = (rules.retry_at(NOW, attempts, chance) - NOW).total_seconds()
    assert 1 <= wait <= 900
    assert wait <= max(1, 15 * 2 ** (attempts - 1))


def test_waiting_is_spread_over_the_whole_span() -> None:
    assert rules.retry_at(NOW, 3, 0.0) == NOW + timedelta(seconds=1)
    assert rules.retry_at(NOW, 3, 0.5) == NOW + timedelta(seconds=30)


# ── the unknown ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_important_letter_without_an_answer_is_asked_for_and_not_sent_again() -> None:
    decision = rules.on_unknown(rules.LETTERS["user_reminder"], letter(), NOW)
    assert decision == rules.Wait(NOW + timedelta(minutes=1))


def test_a_letter_with_a_code_is_sent_again_at_once_with_a_new_one() -> None:
    kind = rules.LETTERS["password_reset"]
    assert rules.on_unknown(kind, letter("password_reset"), NOW) == rules.Renew()


@pytest.mark.parametrize("changes", [{"renewal": 3}, {"expires_at": NOW}])
def test_a_letter_with_a_code_is_renewed_three_times_and_not_when_too_old(changes) -> None:
    kind = rules.LETTERS["password_reset"]
    assert rules.on_unknown(kind, letter("password_reset", **changes), NOW) == rules.GiveUp("outcome_unknown")


@pytest.mark.parametrize(("minutes", "checks", "until"), [(1, 0, 3), (5, 2, 13), (20, 9, 30), (29, 30, 30)])
def test_nothing_found_proves_nothing_for_half_an_hour(minutes, checks, until) -> None:
    now = NOW + timedelta(minutes=minutes)
    decision = rules.on_not_found(letter(checks=checks), NOW, now)
    assert decision == rules.Wait(NOW + timedelta(minutes=until))


def test_a_letter_mailgun_does_not_know_after_half_an_hour_is_sent() -> None:
    assert rules.on_not_found(letter(), NOW, NOW + timedelta(minutes=30)) == rules.Resend()


def test_a_letter_too_old_is_not_sent_even_where_it_never_left() -> None:
    old = letter(expires_at=NOW + timedelta(minutes=10))
    assert rules.on_not_found(old, NOW, NOW + timedelta(minutes=30)) == rules.GiveUp("expired")


def test_a_lost_letter_goes_back_unless_its_call_had_begun() -> None:
    assert rules.on_lost_lease(letter(begun_at=None)) is State.PENDING
    assert rules.on_lost_lease(letter()) is State.UNKNOWN


def test_mailgun_is_asked_again_for_silent_letters_a_few_times() -> None:
    assert rules.next_reconciliation(NOW, 4) == NOW + timedelta(hours=12)
    assert rules.next_reconciliation(NOW, 5) is None


# ── what events mean ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("vendor", "signal"),
    [
        (event("accepted"), Signal.ACCEPTED),
        (event("delivered"), Signal.DELIVERED),
        (event("failed", severity="temporary"), Signal.DEFERRED),
        (event("failed", severity="permanent"), Signal.BOUNCED),
        (event("failed"), Signal.DEFERRED),
        (event("rejected"), Signal.REJECTED),
        (event("complained"), Signal.COMPLAINED),
        (event("unsubscribed"), Signal.UNSUBSCRIBED),
        (event("opened"), None),
        (event("clicked"), None),
        (event("stored"), None),
        (event("bounced"), None),
        (event("something_new"), None),
    ],
)
def test_events_of_mailgun_have_one_meaning_or_none(vendor, signal) -> None:
    assert rules.signal_of(vendor) is signal


SIGNALS = [signal for signal in Signal if signal is not Signal.UNSUBSCRIBED]


@given(start=st.sampled_from(State), signals=st.lists(st.sampled_from(Signal), max_size=5), seed=st.randoms())
def test_the_end_is_the_same_in_whatever_order_signals_come_and_however_often(start, signals, seed) -> None:
    def end(order):
        state = start
        for signal in order:
            state = rules.advance(state, signal)
        return state

    shuffled = signals + signals[:2]
    seed.shuffle(shuffled)
    assert end(signals) is end(shuffled)


@pytest.mark.parametrize(
    ("signals", "end"),
    [
        ([Signal.ACCEPTED], State.SENT),
        ([Signal.DELIVERED, Signal.ACCEPTED], State.DELIVERED),
        ([Signal.DELIVERED, Signal.DEFERRED], State.DELIVERED),
        ([Signal.DELIVERED, Signal.BOUNCED], State.BOUNCED),
        ([Signal.BOUNCED, Signal.DELIVERED], State.BOUNCED),
        ([Signal.REJECTED], State.BOUNCED),
        ([Signal.DELIVERED, Signal.COMPLAINED], State.COMPLAINED),
        ([Signal.UNSUBSCRIBED], State.UNKNOWN),
    ],
)
def test_a_bounce_may_come_late_and_takes_back_a_delivery(signals, end) -> None:
    state = State.UNKNOWN
    for signal in signals:
        state = rules.advance(state, signal)
    assert state is end


def test_a_signal_finds_letters_we_had_given_up() -> None:
    assert rules.advance(State.ABANDONED, Signal.DELIVERED) is State.DELIVERED


def test_every_step_tells_each_fact_once() -> None:
    assert rules.announced(State.SENDING, State.SENT) == ("notification.sent",)
    assert rules.announced(State.SENT, State.DELIVERED) == ("notification.delivered",)
    assert rules.announced(State.UNKNOWN, State.DELIVERED) == ("notification.sent", "notification.delivered")
    assert rules.announced(State.SENDING, State.BOUNCED) == ("notification.sent", "notification.failed")
    assert rules.announced(State.DELIVERED, State.BOUNCED) == ("notification.failed",)
    assert rules.announced(State.SENDING, State.ABANDONED) == ("notification.failed",)
    assert rules.announced(State.DELIVERED, State.COMPLAINED) == ()
    for state in State:
        assert rules.announced(state, state) == ()


def test_no_fact_is_told_twice_on_any_way_through_the_signals() -> None:
    for order in itertools.permutations(SIGNALS, 4):
        state, told = State.SENDING, []
        for signal in order:
            after = rules.advance(state, signal)
            told += rules.announced(state, after)
            state = after
        assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("vendor", "reason"),
    [
        (event("rejected"), "rejected"),
        (event("failed", reason="suppress-bounce"), "suppressed_bounce"),
        (event("failed", reason="suppress-complaint"), "suppressed_complaint"),
        (event("failed", reason="suppress-unsubscribe"), "suppressed_at_mailgun"),
        (event("failed", reason="generic"), "bounced"),
        (event("failed"), "bounced"),
    ],
)
def test_a_failure_has_a_code(vendor, reason) -> None:
    assert rules.failure_reason(vendor) == reason


@pytest.mark.clause("MAIL-4")
def test_a_necessary_letter_held_back_by_mailguns_own_list_is_noticed() -> None:
    assert rules.is_wrongly_suppressed(event("failed", reason="suppress-unsubscribe"))
    assert not rules.is_wrongly_suppressed(event("failed", reason="suppress-bounce"))


@pytest.mark.parametrize(
    ("vendor", "kind"),
    [
        (event("complained"), SuppressionKind.COMPLAINT),
        (event("failed", severity="permanent", reason="suppress-complaint"), SuppressionKind.COMPLAINT),
        (event("failed", severity="permanent", reason="bounce", code=550), SuppressionKind.BOUNCE),
        (event("failed", severity="permanent", reason="suppress-bounce"), SuppressionKind.BOUNCE),
        (event("failed", severity="permanent", reason="generic", enhanced_code="5.1.1"), SuppressionKind.BOUNCE),
        (event("failed", severity="permanent", reason="generic", enhanced_code="5.2.2"), None),
        (event("failed", severity="permanent", reason="generic"), None),
        (event("failed", severity="temporary", reason="bounce"), None),
        (event("delivered"), None),
    ],
)
def test_only_an_address_that_is_not_there_or_complained_is_suppressed(vendor, kind) -> None:
    assert rules.suppression_from(vendor) is kind


@pytest.mark.parametrize(
    ("age_seconds", "timely"), [(0, True), (-300, True), (-301, False), (32400, True), (32401, False)]
)
def test_a_webhook_is_believed_for_as_long_as_mailgun_repeats_it(age_seconds, timely) -> None:
    timestamp = str(int(NOW.timestamp()) - age_seconds)
    assert rules.webhook_is_timely(timestamp, NOW) is timely


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "http://evil.example",
        "Click www.evil",
        "me@evil",
        "evil.example now",
        "x" * 61,
        "\u200b\n\x07",
        "evil\u3002com",
        "evil\uff0ecom",
        "\uff45vil.com",
        "%unsubscribe_url%",
        "Kari \uff05recipient.email\uff05",
        "{{name}}",
        "${name}",
        "\u3164\u2800",
        "\u0301\u0302",
        "«»",
    ],
)
def test_a_name_that_could_carry_a_message_is_left_out(name) -> None:
    assert rules.plain_name(name, spare="spare") == "spare"


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Kari Nordmann", "Kari Nordmann"), (" Åse\n\tØ. ", "Åse Ø."), ("A\u202eB", "A B"), ("O'Neil-Å", "O'Neil-Å")],
)
def test_a_name_stays_a_name(name, plain) -> None:
    assert rules.plain_name(name) == plain


# ── unsubscribing ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("MAIL-1")
@given(user_id=st.uuids(), account_id=st.uuids(), letter_class=st.sampled_from(LetterClass))
def test_a_token_names_user_company_and_class(user_id, account_id, letter_class) -> None:
    token = rules.unsubscribe_token(KEY, user_id=user_id, account_id=account_id, letter_class=letter_class)
    assert rules.read_unsubscribe_token(KEY, token) == (user_id, account_id, letter_class)
    with pytest.raises(Invalid):
        rules.read_unsubscribe_token(b"another key", token)


@pytest.mark.parametrize("token", ["", "ø", "????", "AAAA", "A" * 100])
def test_a_token_we_did_not_make_is_refused(token) -> None:
    with pytest.raises(Invalid):
        rules.read_unsubscribe_token(KEY, token)


def test_a_changed_token_is_refused() -> None:
    token = rules.unsubscribe_token(KEY, user_id=USER, account_id=ACCOUNT, letter_class=LetterClass.MARKETING)
    for place in (0, 20, 50, len(token) - 2):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Invalid):
            rules.read_unsubscribe_token(KEY, changed)


# ── farewells ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("FORGET-2")
def test_a_farewell_is_told_as_sent_when_one_letter_left() -> None:
    assert rules.farewell_outcome([State.ABANDONED, State.SENT]) is None
    assert rules.farewell_outcome([State.DELIVERED]) is None
    assert rules.farewell_outcome([State.ABANDONED]) == "given_up"
    assert rules.farewell_outcome([]) == "no_recipient"
