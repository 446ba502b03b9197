from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.accounts.rules import (
    ABANDONED,
    WAYS_BACK,
    category_of,
    check_reactivation,
    check_version,
    deactivation_trigger,
    is_personal,
    reactivation_refusal,
    require_active,
    require_open,
    way_back,
)
from services.account.accounts.values import TRIGGERS, AccountState, UserState
from services.account.agreements.calls import Agreement, Attestations
from services.account.agreements.rules import check_agreement, check_new_agreement
from services.account.authentication.rules import (
    FAILURES_KEPT,
    LOCK,
    address_closed_until,
    kept_failures,
    name_closed_until,
    session_ends_at,
    session_is_open,
    touch_is_due,
)
from services.account.authentication.values import LOGIN_FAILURES, SessionState
from services.account.authorisation.rules import authorise, may_see
from services.account.companies.rules import outcome_after_change
from services.account.erasure.rules import archive_until, check_erasable
from services.account.letters.rules import LETTERS_WHEN_INACTIVE, check_letter
from services.account.login.rules import login_refusal
from services.account.register.rules import (
    REGISTER_ASKED_AGAIN,
    WAITS,
    register_outcome,
    register_retry_at,
    review_reasons,
    same_company_name,
)
from services.account.register.values import REGISTER_OUTCOMES, RegisterAnswer
from services.account.sign_up.rules import SIGN_UPS_WAITING, check_users_differ, may_wait
from services.account.tickets import links
from services.account.tickets.rules import (
    LETTER_OF_TICKET,
    LETTERS_AT_ONCE,
    LETTERS_DAY,
    LETTERS_REFILL,
    LETTERS_STEADY,
    check_invitations,
    invitations_a_day,
    letters_closed_until,
    link_standing,
    ticket_is_mintable,
    ticket_is_usable,
)
from services.account.tickets.values import TicketState
from services.account.users.rules import (
    USERS_LIMIT,
    check_role_change,
    check_room_for_user,
    check_user_deactivation,
)
from services.notification.letters.kinds import LETTERS
from services.notification.letters.values import LetterClass
from shared.actor import PUBLIC, Actor
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, Permanent, TooMany
from shared.waits import is_due

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ACCOUNT_ID = uuid4()


def account(state: str = "active", **changes) -> AccountState:
    inactivated_at = NOW if state == "inactive" else None
    return AccountState(
        **{"id": ACCOUNT_ID, "state": state, "version": 3, "inactivated_at": inactivated_at} | changes
    )


def user(**changes) -> UserState:
    fields = {
        "id": uuid4(),
        "account_id": ACCOUNT_ID,
        "role": "user",
        "state": "active",
        "version": 2,
        "confirmed": True,
        "has_password": True,
    }
    return UserState(**fields | changes)


def minutes(*ago: float) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in ago]


# ── sign-up


ATTESTED = Attestations(authority=True, necessary_data=True, accurate_data=True, users_informed=True)


def agreement(**changes):
    fields = {"version": "v1", "accepted": True, "authority": "chair", "attestations": ATTESTED}
    return Agreement(**fields | {"domain": "firma.example", "element": "sign_up.accept"} | changes)


@pytest.mark.clause("DUTY-1", "ACCEPT-1", "DPA-1")
def test_all_four_attestations_and_express_acceptance_are_needed() -> None:
    assert check_agreement(agreement(), "v1") == [
        "accurate_data",
        "authority",
        "necessary_data",
        "users_informed",
    ]
    with pytest.raises(Conflict):
        check_agreement(agreement(version="v2"), "v1")
    with pytest.raises(Invalid):
        check_agreement(agreement(accepted=False), "v1")
    short = agreement(attestations=replace(ATTESTED, users_informed=False))
    with pytest.raises(Invalid) as refused:
        check_agreement(short, "v1")
    assert refused.value.details == {"agreement": {"attestations": {"users_informed": ["must be true"]}}}


@pytest.mark.clause("ACCEPT-1")
def test_a_return_may_name_the_text_that_was_shown() -> None:
    shown = agreement(text_sha256="a" * 64)
    assert check_new_agreement(shown, "v1", "a" * 64) == check_new_agreement(agreement(), "v1", "a" * 64)
    with pytest.raises(Conflict):
        check_new_agreement(shown, "v1", "b" * 64)
    with pytest.raises(Conflict):
        check_new_agreement(None, "v1", "a" * 64)


def test_no_company_is_asked_about_before_its_week_is_over() -> None:
    week = NOW + REGISTER_ASKED_AGAIN
    assert not is_due(week, NOW, WAITS["account.register_retry_at"])
    assert is_due(week, week, WAITS["account.register_retry_at"])


@pytest.mark.clause("FIELDS-2")
def test_addresses_of_a_sign_up_differ() -> None:
    check_users_differ([b"a", b"b"])
    with pytest.raises(Invalid):
        check_users_differ([b"a", b"b", b"a"])


@pytest.mark.clause("SCOPE-1")
def test_every_person_has_a_category() -> None:
    assert category_of(has_number=True) == "employee"
    assert category_of(has_number=False) == "private_customer"


# ── the business register


def found(**changes) -> RegisterAnswer:
    return RegisterAnswer(**{"kind": "found", "name": "SOLØR TØMMER OG BYGG AS", "org_form": "AS"} | changes)


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (found(), "matched"),
        (found(name="NOE ANNET AS"), "name_mismatch"),
        (found(name=None), "name_mismatch"),
        (found(org_form="ENK"), "sole_proprietorship"),
        (found(org_form="ENK", name="ANNET"), "name_mismatch"),
        (found(bankrupt=True, winding_up=True), "bankrupt"),
        (found(winding_up=True), "winding_up"),
        (RegisterAnswer(kind="deleted", org_form="AS"), "deleted"),
        (RegisterAnswer(kind="removed"), "removed"),
        (RegisterAnswer(kind="sub_entity"), "sub_entity"),
        (RegisterAnswer(kind="not_found"), "not_found"),
    ],
)
def test_the_gravest_finding_of_the_register_counts(answer, outcome) -> None:
    assert register_outcome(answer, "Solør Tømmer & Bygg") == outcome
    assert outcome in REGISTER_OUTCOMES


def test_a_finding_asks_for_a_review_and_never_for_more() -> None:
    for outcome in REGISTER_OUTCOMES:
        remarkable = outcome not in ("matched", "sole_proprietorship", "provisional", "no_number")
        assert review_reasons(outcome, number_is_shared=False) == ([outcome] if remarkable else [])
    assert review_reasons("deleted", number_is_shared=True) == ["deleted", "number_is_shared"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("SOLØR TØMMER OG BYGG AS", "Solør Tømmer & Bygg", True),
        ("SMÅSKÆR SHIPPING A/S NUF", "småskær shipping", True),
        ("Tømrer Åsmund Bråtånes", "TØMRER AASMUND BRAATAANES", True),
        ("Blåtind-prosjekt, AS", "BLÅTIND PROSJEKT AS", True),
        ("Ås", "ås as", True),
        ("AS", "AS", True),
        ("Nordåsen Elektro", "Nordåsen Bygg", False),
        ("", "", False),
        ("  - ", "&", False),
    ],
)
def test_names_are_compared_as_people_read_them(one, other, same) -> None:
    assert same_company_name(one, other) is same


@given(st.lists(st.text("bcdefghijklmnopqrtuvwxyzæøå", min_size=4, max_size=12), min_size=1, max_size=4))
def test_case_blanks_and_legal_form_never_matter(words) -> None:
    name = " ".join(words)
    assert same_company_name(name, f"  {'   '.join(words).upper()} AS")
    assert not same_company_name(name, f"{name} filial")


def test_a_sole_trader_and_a_company_without_number_are_persons() -> None:
    assert is_personal("ENK", has_number=True)
    assert is_personal(None, has_number=False)
    assert not is_personal("AS", has_number=True)
    assert not is_personal(None, has_number=True)


def test_the_register_is_asked_again_ever_more_seldom_and_never_given_up() -> None:
    waits = [register_retry_at(attempts, NOW) - NOW for attempts in (0, 1, 2, 3, 9, 10, 1000)]
    expected = [1, 1, 2, 4, 256, 360, 360]
    assert waits == [timedelta(minutes=each) for each in expected]


def test_only_a_new_name_or_number_is_checked_again() -> None:
    after = outcome_after_change
    assert after({"phone": "+4790012345"}, had_number=True) is None
    assert after({"name": "Nytt"}, had_number=True) == "provisional"
    assert after({"name": "Nytt"}, had_number=False) == "no_number"
    assert after({"org_number": "923609016"}, had_number=False) == "provisional"
    assert after({"org_number": None}, had_number=True) == "no_number"


# ── who may do what


@pytest.mark.clause("LINK-1")
def test_an_inactive_account_is_locked() -> None:
    require_active(account())
    with pytest.raises(Locked):
        require_active(account("inactive"))


@pytest.mark.clause("ISOLATE-1")
def test_users_enter_their_own_account_only() -> None:
    me = user()
    mine = Actor("user", me.id)
    authorise(mine, me, account(), owner_only=False)
    authorise(Actor("staff", name="kari"), None, account(), owner_only=True)
    authorise(Actor("system"), None, account(), owner_only=True)
    with pytest.raises(NotFound):
        authorise(PUBLIC, None, account(), owner_only=False)
    with pytest.raises(NotFound):
        authorise(mine, None, account(), owner_only=False)
    with pytest.raises(NotFound):
        authorise(mine, user(account_id=uuid4()), account(), owner_only=False)
    with pytest.raises(Locked):
        authorise(mine, user(state="inactive"), account(), owner_only=False)
    with pytest.raises(Forbidden):
        authorise(mine, me, account(), owner_only=True)
    authorise(mine, user(role="owner"), account(), owner_only=True)


@pytest.mark.clause("ISOLATE-1")
def test_owners_and_staff_see_all_users_others_themselves() -> None:
    me, other = user(), user()
    assert may_see(Actor("user", me.id), me, me)
    assert not may_see(Actor("user", me.id), me, other)
    assert may_see(Actor("user", me.id), user(role="owner"), other)
    assert may_see(Actor("staff", name="kari"), None, other)


def test_a_change_needs_the_present_version() -> None:
    check_version(3, 3)
    with pytest.raises(Conflict) as refused:
        check_version(3, 2)
    assert refused.value.details == {"version": 3}


def test_the_trigger_says_who_deactivated() -> None:
    told = [deactivation_trigger(each) for each in (Actor("user", uuid4()), Actor("staff"), Actor("system"))]
    assert tuple(told) == ("customer", "staff", "sign_up_abandoned")
    assert set(told) < set(TRIGGERS)


def test_only_what_is_inactive_is_reactivated() -> None:
    owner = Actor("user", uuid4())
    for thing in (account("inactive", inactivated_by="customer"), user(state="inactive")):
        check_reactivation(thing, owner)
    for thing in (account(), user()):
        with pytest.raises(Conflict) as refused:
            check_reactivation(thing, owner)
        assert refused.value.details == {"version": thing.version}


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize(
    "thing", [account("inactive", inactivated_by="staff"), user(state="inactive", inactivated_by="staff")]
)
def test_what_staff_made_inactive_only_staff_take_up_again(thing) -> None:
    check_reactivation(thing, Actor("staff", name="kari"))
    with pytest.raises(Conflict) as refused:
        check_reactivation(thing, Actor("user", uuid4()))
    assert (refused.value.details["reason"], refused.value.asks_vendor) == ("held_by_staff", True)


@pytest.mark.clause("SUSPECT-1")
def test_whoever_meets_a_block_is_told_that_the_vendor_is_to_be_asked() -> None:
    blocked = account(blocked=True)
    member = user()
    actor = Actor("user", member.id)
    for refusal in (
        lambda: require_open(blocked),
        lambda: authorise(actor, member, blocked, owner_only=False),
    ):
        with pytest.raises(Locked) as refused:
            refusal()
        assert (refused.value.details["reason"], refused.value.asks_vendor) == ("blocked", True)
    with pytest.raises(Locked) as refused:
        require_open(account("inactive"))
    assert not refused.value.asks_vendor
    assert login_refusal(blocked, user()) == "account_blocked"
    assert reactivation_refusal(blocked, user(role="owner")) == "account_blocked"


def test_an_account_is_never_without_an_owner() -> None:
    owner = user(role="owner")
    check_user_deactivation(owner, 2)
    check_user_deactivation(user(), 1)
    with pytest.raises(Conflict):
        check_user_deactivation(owner, 1)
    with pytest.raises(Conflict):
        check_user_deactivation(user(state="inactive"), 1)
    check_role_change(owner, "user", 2)
    check_role_change(owner, "owner", 1)
    check_role_change(user(), "user", 1)
    check_role_change(user(), "owner", 1)
    with pytest.raises(Conflict):
        check_role_change(owner, "user", 1)
    for newcomer in (user(confirmed=False), user(state="inactive")):
        with pytest.raises(Conflict):
            check_role_change(newcomer, "owner", 1)


def test_an_account_has_room_for_so_many_users() -> None:
    check_room_for_user(USERS_LIMIT - 1)
    with pytest.raises(Conflict):
        check_room_for_user(USERS_LIMIT)


# ── log-in


@pytest.mark.clause("WATCH-1", "SCAN-1")
@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        ([], None),
        (minutes(0, 0, 0, 0), None),
        (minutes(0, 0, 0, 0, 0), 30),
        (minutes(0.5, 1, 1, 1, 1), None),
        (minutes(0.25, 1, 1, 1, 1), 15),
        (minutes(0, 1, 1, 1, 1, 1), 60),
        (minutes(0, 1, 1, 1, 1, 1, 1), 120),
        (minutes(0, 1, 1, 1, 1, 1, 1, 1), 240),
        (minutes(0, 1, 1, 1, 1, 1, 1, 1, 1), 480),
        (minutes(0, 20, 20, 20, 20), None),
        (minutes(0, 20, 20, 20, 20, 20, 20, 20, 20), None),
        (minutes(0, 20, 20, 20, 20, 20, 20, 20, 20, 20), 900),
        (minutes(14, 20, 20, 20, 20, 20, 20, 20, 20, 20), 60),
        (minutes(15, 20, 20, 20, 20, 20, 20, 20, 20, 20), None),
        (minutes(0, 61, 61, 61, 61, 61, 61, 61, 61, 61), None),
    ],
)
def test_delays_grow_and_a_soft_lock_ends_by_itself(failures, seconds) -> None:
    closed_until = name_closed_until(failures, NOW)
    assert closed_until == (NOW + timedelta(seconds=seconds) if seconds else None)


@given(st.lists(st.floats(0, 120), max_size=60), st.floats(0, 200))
def test_no_name_is_ever_closed_for_longer_than_a_quarter_of_an_hour(ago, later) -> None:
    failures = minutes(*ago)
    at = NOW + timedelta(minutes=later)
    for closed_until in (name_closed_until(failures, at), address_closed_until(failures, at)):
        assert closed_until is None or timedelta() < closed_until - at <= LOCK
    if later > 15:
        assert name_closed_until(failures, at) is None


def test_an_address_waits_after_forty_failures() -> None:
    assert address_closed_until(minutes(*[1] * 39), NOW) is None
    assert address_closed_until(minutes(*[1] * 40), NOW) == NOW + timedelta(minutes=14)
    assert address_closed_until(minutes(*[16] * 40), NOW) is None


def test_failures_are_remembered_for_an_hour_and_not_without_end() -> None:
    assert kept_failures(minutes(61, 3, 59), NOW) == minutes(59, 3)
    assert len(kept_failures(minutes(*range(60)), NOW)) == FAILURES_KEPT


@pytest.mark.clause("LINK-1")
def test_the_right_password_is_not_enough() -> None:
    assert login_refusal(account(), user()) is None
    assert login_refusal(account("inactive"), user()) == "account_inactive"
    assert login_refusal(account(), user(state="inactive")) == "user_inactive"
    assert login_refusal(account(), user(confirmed=False)) == "unconfirmed"


def test_owners_of_inactive_accounts_may_reactivate() -> None:
    owner = user(role="owner")
    assert reactivation_refusal(account("inactive"), owner) is None
    told = {
        reactivation_refusal(account("inactive"), user()),
        reactivation_refusal(account("inactive"), user(role="owner", state="inactive")),
        reactivation_refusal(account(), owner),
        reactivation_refusal(account("inactive"), user(role="owner", confirmed=False)),
        reactivation_refusal(account("inactive", inactivated_by="staff"), owner),
    }
    assert told == {"user_inactive", "account_active", "unconfirmed", "held_by_staff"}
    assert told <= set(LOGIN_FAILURES)


def session(created: float, seen: float, **states) -> SessionState:
    return SessionState(created_at=NOW - timedelta(hours=created), seen_at=NOW - timedelta(hours=seen), **states)


def test_a_session_ends_an_hour_after_use_and_twelve_after_log_in() -> None:
    assert session_is_open(session(11.9, 0.9), NOW)
    assert not session_is_open(session(11.9, 1), NOW)
    assert not session_is_open(session(12, 0), NOW)
    assert not session_is_open(session(1, 0, account_state="inactive"), NOW)
    assert not session_is_open(session(1, 0, user_state="inactive"), NOW)
    assert session_ends_at(session(11.5, 0)) == NOW + timedelta(minutes=30)


def test_use_is_written_down_once_a_minute() -> None:
    assert not touch_is_due(session(1, 0.9 / 60), NOW)
    assert touch_is_due(session(1, 1 / 60), NOW)


# ── letters


def ticket(kind="password_reset", *, age=0.0, minted=None, used=None) -> TicketState:
    def ago(hours):
        return None if hours is None else NOW - timedelta(hours=hours)

    return TicketState(kind=kind, created_at=ago(age), minted_at=ago(minted), used_at=ago(used))


def test_every_kind_of_ticket_has_a_letter_and_a_life() -> None:
    assert set(links.Link) - {links.Link.SESSION} == set(links.LIFE) == set(LETTER_OF_TICKET)


def test_a_token_is_made_for_its_own_letter_in_time() -> None:
    assert ticket_is_mintable(ticket(age=71), "password_reset", NOW)
    assert not ticket_is_mintable(ticket(age=72), "password_reset", NOW)
    assert not ticket_is_mintable(ticket(), "invitation", NOW)
    assert not ticket_is_mintable(ticket(used=1), "password_reset", NOW)
    assert not ticket_is_mintable(ticket("notice"), "sign_up_repeated", NOW)


def test_a_token_works_once_for_its_purpose_within_its_life() -> None:
    kinds = ("password_reset",)
    assert ticket_is_usable(ticket(age=50, minted=0.99), kinds, NOW)
    assert not ticket_is_usable(ticket(age=50, minted=1), kinds, NOW)
    assert not ticket_is_usable(ticket(), kinds, NOW)
    assert not ticket_is_usable(ticket(minted=0.5, used=0.1), kinds, NOW)
    assert not ticket_is_usable(ticket("invitation", minted=0.5), kinds, NOW)


def test_three_letters_at_once_and_one_more_every_ten_minutes() -> None:
    assert letters_closed_until(minutes(1, 2), NOW) is None
    assert letters_closed_until(minutes(3, 1, 2), NOW) == NOW + timedelta(minutes=7)
    assert letters_closed_until(minutes(10, 9, 9), NOW) is None
    assert letters_closed_until(minutes(10, 9, 9, 0), NOW) == NOW + timedelta(minutes=10)


def test_letters_that_a_wrong_clock_dated_ahead_put_nothing_off() -> None:
    assert letters_closed_until([NOW + timedelta(days=20_000)] * 9, NOW) is None


def test_after_six_letters_in_a_day_one_an_hour() -> None:
    five = minutes(100, 200, 300, 400, 500)
    assert letters_closed_until(five, NOW) is None
    assert letters_closed_until([*five, *minutes(59)], NOW) == NOW + timedelta(minutes=1)
    assert letters_closed_until([*five, *minutes(60)], NOW) is None
    assert letters_closed_until([*minutes(59), *minutes(1440, 1441, 1442, 1443, 1444)], NOW) is None


@given(gaps=st.lists(st.integers(0, 5400), max_size=150))
def test_whatever_is_asked_when_a_letter_goes_within_the_hour_and_no_mailbox_is_filled(gaps) -> None:
    """`gaps` are the seconds between one wish and the next; those that have to wait wait."""
    at, sent = NOW, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        opens_at = letters_closed_until(sent, at)
        if opens_at is None:
            sent.append(at)
            continue
        assert at < opens_at <= at + LETTERS_STEADY
        assert letters_closed_until(sent, opens_at) is None, "it goes then, if nothing goes before"
    for index, first in enumerate(sent):
        later = sent[index:]
        assert sum(1 for each in later if each < first + LETTERS_REFILL) <= LETTERS_AT_ONCE
        assert sum(1 for each in later if each < first + LETTERS_DAY) <= 6 + 24


@given(flood=st.lists(st.sampled_from([b"one", b"two", b"three"]), max_size=40))
def test_no_flood_of_sign_ups_from_elsewhere_takes_the_holders_place(flood) -> None:
    waiting: list[bytes | None] = [None]
    for network in flood:
        if may_wait(waiting, network):
            waiting.append(network)
    assert may_wait(waiting, b"holder")
    assert all(waiting.count(network) <= SIGN_UPS_WAITING for network in set(flood))


def test_a_link_of_somebody_inactive_says_so_unless_it_is_the_one_that_leads_back() -> None:
    left = account(state="inactive", inactivated_by="customer")
    over = ticket(used=1, minted=2)
    assert link_standing(ticket(minted=0.5), account(), user(), NOW) == "works"
    assert link_standing(over, account(), user(), NOW) == "over"
    assert link_standing(over, left, user(), NOW) == "inactive"
    assert link_standing(ticket("reactivation", used=1, minted=2), left, user(), NOW) == "over"
    never = account(state="inactive", inactivated_by=ABANDONED)
    assert link_standing(over, never, user(confirmed=False), NOW) == "over"
    for each in (ticket(minted=0.5), over):
        assert link_standing(each, account(blocked=True), user(), NOW) == "blocked"


def test_an_account_invites_so_many_people_a_day() -> None:
    assert invitations_a_day(NOW) == 200
    check_invitations(None, NOW)
    check_invitations(NOW - timedelta(hours=24), NOW)
    with pytest.raises(TooMany, match="200 people") as refused:
        check_invitations(NOW - timedelta(hours=23), NOW)
    assert refused.value.details == {"retry_after_seconds": 3600, "limit": 200}


@pytest.mark.clause("LINK-1")
def test_after_the_link_is_cut_only_letters_about_that_leave() -> None:
    check_letter("password_changed", account(), user())
    for letter in LETTERS_WHEN_INACTIVE:
        check_letter(letter, account("inactive"), user())
    for at, who in ((account("inactive"), user()), (account(), user(state="inactive"))):
        with pytest.raises(Locked):
            check_letter("password_reset", at, who)


@pytest.mark.clause("LINK-1")
def test_but_for_legal_notices_only_the_way_back_and_a_replaced_address_are_told_to_who_is_inactive() -> None:
    others = {code for code in LETTERS_WHEN_INACTIVE if LETTERS[code].letter_class is not LetterClass.LEGAL}
    assert others == {"address_changed", "return_by_link", "return_by_company", "return_by_staff"}


@pytest.mark.clause("LINK-1", "SUSPECT-1")
def test_who_may_bring_somebody_back() -> None:
    left, closed = account("inactive", inactivated_by="customer"), account("inactive", inactivated_by="staff")
    owner, gone = user(role="owner"), user(state="inactive", inactivated_by="customer")
    estate = {"register_outcome": "bankrupt"}
    left_estate = account("inactive", inactivated_by="contract_terminated", **estate)
    told = {
        "nobody need": way_back(account(), owner),
        "owner": way_back(left, owner),
        "unconfirmed": way_back(left, user(role="owner", confirmed=False)),
        "user": way_back(left, user()),
        "gone": way_back(account(), gone),
        "gone owner": way_back(left, user(role="owner", state="inactive")),
        "closed": way_back(closed, owner),
        "user closed": way_back(account(), user(state="inactive", inactivated_by="staff")),
        "blocked": way_back(account(blocked=True), owner),
        "owner of an estate": way_back(left_estate, owner),
        "user of an estate": way_back(left_estate, user()),
        "gone from an estate": way_back(account(**estate), gone),
        "estate": way_back(account(**estate), owner),
        "looked at": way_back(replace(left_estate, owner_may_instruct=True), owner),
    }
    assert told == {
        "nobody need": None,
        "owner": "by_link",
        "unconfirmed": "by_company",
        "user": "by_company",
        "gone": "by_company",
        "gone owner": "by_company",
        "closed": "by_staff",
        "user closed": "by_staff",
        "blocked": "by_staff",
        "owner of an estate": "by_staff",
        "user of an estate": "by_staff",
        "gone from an estate": "by_staff",
        "estate": None,
        "looked at": "by_link",
    }
    assert {way for way in told.values() if way} == set(WAYS_BACK)


# ── the end


@pytest.mark.clause("ERASE-1")
def test_what_is_in_use_is_not_erased() -> None:
    check_erasable(account("inactive"), None)
    check_erasable(account("inactive"), user())
    check_erasable(account(), user(state="inactive"))
    with pytest.raises(Permanent):
        check_erasable(account(), None)
    with pytest.raises(Permanent):
        check_erasable(account(), user())


@pytest.mark.clause("ERASE-5")
@pytest.mark.parametrize(
    ("ended", "until"),
    [
        (datetime(2027, 1, 31, 12, tzinfo=UTC), date(2031, 6, 30)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2030, 6, 30)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), date(2031, 6, 30)),
    ],
)
def test_the_agreement_is_kept_three_and_a_half_years_after_the_financial_year(ended, until) -> None:
    assert archive_until(ended) == until
