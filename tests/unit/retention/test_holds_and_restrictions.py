"""Holds and restrictions: decisions, and what a random sequence of them can never bring about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import erasures as e
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.retention.clocks import rules as clock_rules
from services.retention.completion import rules as completion_rules
from services.retention.erasure.values import Answer, Erasure, HeldPart, Inactivation, Outcome, Scope, State
from services.retention.execution import rules as execution_rules
from services.retention.execution.values import Action
from services.retention.holds import rules as hold_rules
from services.retention.holds.values import REASONS, Hold
from services.retention.monitoring import rules as monitoring_rules
from services.retention.restrictions import rules as restriction_rules
from services.retention.restrictions.values import GROUNDS, Restriction
from services.retention.suspended_erasures import rules as suspension
from shared.actor import Actor
from shared.calendar import OSLO, oslo_date
from shared.errors import Conflict, Invalid
from shared.hold_scope import CATEGORIES, EVERYBODY, EVERYTHING, LEGAL_HOLD, Held
from shared.terms.parameters import in_force

pytestmark = pytest.mark.unit

NOW = e.INACTIVATED
OLA = Actor("staff", name="ola")
TODAY = oslo_date(NOW)
DAY = timedelta(days=1)
USERS = [UUID(int=0x100 + number) for number in range(4)]
users = st.sampled_from(USERS)
categories = st.sampled_from(sorted(CATEGORIES))
pairs = st.tuples(st.none() | users, categories | st.just(EVERYTHING))
held = st.frozensets(pairs, max_size=6).map(Held)


def hold(**changes) -> Hold:
    fields = {
        "id": uuid4(), "account_id": e.ACCOUNT, "user_ids": (), "categories": (), "reason": "dispute",
        "case_ref": "tvist-2026-7", "owner": "staff:jurist", "requested_by": "staff:kari",
        "approved_by": "staff:ola", "starts_on": TODAY, "review_on": TODAY + 60 * DAY, "placed_at": NOW,
        "as_of": NOW,
    }  # fmt: skip
    return Hold(**fields | changes)


def restriction(**changes) -> Restriction:
    fields = {
        "id": uuid4(), "account_id": e.ACCOUNT, "user_id": e.USER, "ground": "c", "requested_on": TODAY,
        "set_by": "staff:ola", "set_at": NOW,
    }  # fmt: skip
    return Restriction(**fields | changes)


def place(made: Hold, known=(), active=(), now: datetime = NOW) -> hold_rules.HoldDecided:
    return hold_rules.place(made, known=known, active=active, now=now)


class TestPlacing:
    @pytest.mark.clause("HOLD-2")
    @pytest.mark.parametrize("days", [1, 90])
    def test_a_review_lies_one_to_ninety_days_ahead(self, days):
        assert place(hold(review_on=TODAY + days * DAY)).event.review_on == TODAY + days * DAY

    @pytest.mark.clause("HOLD-2")
    @pytest.mark.parametrize("days", [-1, 0, 91, 400])
    def test_and_neither_sooner_nor_later(self, days):
        with pytest.raises(Invalid, match="reviewed"):
            place(hold(review_on=TODAY + days * DAY))

    def test_the_figure_of_the_review_is_the_parameter(self):
        assert in_force("hold.review", TODAY).default == 90

    def test_whoever_asks_does_not_approve(self):
        with pytest.raises(Invalid, match="approve"):
            place(hold(approved_by="staff:kari"))

    def test_a_hold_does_not_begin_tomorrow(self):
        with pytest.raises(Invalid, match="at once"):
            place(hold(starts_on=TODAY + DAY))

    def test_there_are_not_many_holds_on_one_account(self):
        others = [hold(case_ref=f"tvist-2026-{100 + number}") for number in range(10)]
        assert place(hold(), active=others[:9]).hold.released_at is None
        with pytest.raises(Conflict, match="at most 10"):
            place(hold(), active=others)

    def test_what_is_held_for_a_case_is_not_held_twice_for_it(self):
        one, other = uuid4(), uuid4()
        there = hold(user_ids=(one, other), categories=("letters", "company"))
        with pytest.raises(Conflict, match="already") as refused:
            place(
                hold(user_ids=(other, one), categories=("company", "letters"), reason="legal_claim"), active=[there]
            )
        assert refused.value.details == {"reason": "hold_exists", "hold_id": str(there.id)}
        for changes in ({"user_ids": (one,)}, {"categories": ("letters",)}, {"case_ref": "tvist-2026-8"}):
            assert place(replace(there, id=uuid4(), **changes), active=[there]).hold

    @pytest.mark.clause("HOLD-1")
    @pytest.mark.parametrize(
        ("users", "known", "postpones"),
        [
            ((), [], False),
            ((), [e.certified(), e.cancelled()], False),
            ((), [e.scheduled()], True),
            ((e.USER,), [e.scheduled()], True),
            ((e.USER,), [e.scheduled(scope=Scope(account_id=e.ACCOUNT, user_id=uuid4()))], False),
            ((e.USER,), [e.scheduled(scope=e.PERSON)], True),
        ],
    )
    def test_it_is_told_whether_it_postpones_anything(self, users, known, postpones):
        assert place(hold(user_ids=users), known=known).event.postpones is postpones

    @pytest.mark.parametrize("make", [e.scheduled, e.halted, e.announced, e.certified, e.cancelled])
    def test_it_comes_in_time_until_what_is_held_was_fixed(self, make):
        assert place(hold(), known=[make()]).hold

    @pytest.mark.parametrize("make", [e.fenced, e.ordered, e.destroyed])
    def test_and_too_late_after(self, make):
        with pytest.raises(Conflict, match="begun"):
            place(hold(), known=[make()])
        with pytest.raises(Conflict, match="begun"):
            restriction_rules.restrict(restriction(user_id=None), known=[make()], now=NOW)

    def test_it_is_too_late_as_soon_as_what_is_held_was_fixed(self):
        fixed = execution_rules.fix_held(e.announced(), (), NOW).erasure
        with pytest.raises(Conflict, match="begun"):
            place(hold(), known=[fixed])

    def test_a_hold_on_the_account_comes_too_late_for_a_person_whose_erasure_has_begun_and_says_so(self):
        begun = e.fenced(e.PERSON)
        made = place(hold(), known=[begun]).hold
        assert hold_rules.not_covered(made, [begun]) == (e.USER,)
        with pytest.raises(Conflict, match="begun"):
            place(hold(user_ids=(e.USER,)), known=[begun])
        assert place(hold(user_ids=(e.OTHER_USER,)), known=[begun]).hold


class TestEnding:
    @pytest.mark.clause("HOLD-2")
    def test_a_renewal_begins_the_weekly_reminders_anew(self):
        told = replace(hold(), overdue_told_on=TODAY, overdue_told=3)
        renewed = hold_rules.renew(
            told,
            reason="legal_claim",
            requested_by="staff:a",
            approved_by="staff:b",
            review_on=TODAY + DAY,
            now=NOW,
        )
        assert (renewed.hold.overdue_told_on, renewed.hold.overdue_told, renewed.hold.reason) == (
            None,
            0,
            "legal_claim",
        )
        assert renewed.hold.id == told.id

    @pytest.mark.clause("HOLD-2")
    def test_overdue_is_the_day_after_the_review(self):
        made = hold()
        assert not hold_rules.is_overdue(made, made.review_on)
        assert hold_rules.is_overdue(made, made.review_on + DAY)

    def test_overdue_is_told_every_week_and_at_most_a_year(self):
        made, day, told = hold(), TODAY, 0
        for _ in range(800):
            day += DAY
            decided = hold_rules.report_overdue(made, day)
            if decided:
                assert decided.hold.review_on == made.review_on
                assert decided.hold.released_at is None
                made, told = decided.hold, told + 1
        assert told == hold_rules.OVERDUE_TOLD_LIMIT

    def test_nothing_is_decided_about_a_released_hold(self):
        over = hold_rules.release(hold(), reason="settled", actor=OLA, now=NOW).hold
        with pytest.raises(Conflict):
            hold_rules.release(over, reason="settled", actor=OLA, now=NOW)
        assert hold_rules.report_overdue(over, TODAY + 200 * DAY) is None

    def test_a_restriction_is_lifted_a_week_after_the_person_was_told(self):
        told = restriction_rules.told_by_letter(restriction(), NOW)
        for days in range(7):
            with pytest.raises(Conflict):
                restriction_rules.lift(told, actor=OLA, now=NOW + days * DAY)
        assert restriction_rules.lift(told, actor=OLA, now=NOW + 7 * DAY).restriction.lifted_by == "staff:ola"

    def test_nobody_is_told_by_nothing(self):
        with pytest.raises(Conflict, match="told before"):
            restriction_rules.lift(restriction(), actor=OLA, now=NOW + 400 * DAY)

    def test_a_letter_that_came_back_told_nobody_but_a_telephone_call_stays_told(self):
        assert restriction_rules.not_told(restriction_rules.told_by_letter(restriction(), NOW)).told_at is None
        called = restriction_rules.announce_lift(restriction(), channel="phone", actor=OLA, now=NOW).restriction
        assert restriction_rules.not_told(called) is called


class TestHeld:
    @given(held, st.none() | users, categories)
    def test_columns_say_the_same_as_the_pairs(self, some, person, category):
        columns = some.columns()
        assert Held.told(columns["held_users"], columns["held_categories"]) == some
        listed = zip(columns["held_users"], columns["held_categories"], strict=True)
        by_list = any(
            user in (EVERYBODY, person or EVERYBODY) and kind in (EVERYTHING, category) for user, kind in listed
        )
        assert some.covers(person, category) == by_list

    @given(held, held)
    def test_more_is_held_by_both_than_by_one(self, one, other):
        assert (one | other).includes(one)
        assert one.includes(other) == ((one | other).pairs == one.pairs or one.includes(one | other))

    @given(held, users)
    def test_what_concerns_a_person_is_what_covers_the_person(self, some, person):
        assert {kind for kind in CATEGORIES if some.within(person).covers(person, kind)} == {
            kind for kind in CATEGORIES if some.covers(person, kind)
        }

    def test_lists_of_different_length_are_refused(self):
        with pytest.raises(ValueError, match=r"shorter|longer"):
            Held.told([e.USER], [])


class TestParts:
    def test_bases_and_reviews_come_from_what_holds(self):
        made, limited = hold(user_ids=(e.USER,), categories=("letters",), reason="authority_order"), restriction()
        parts = suspension.parts_of(e.COMPANY, [made], [limited])
        assert {(part.category, part.basis, part.review_on, part.by) for part in parts} == {
            ("letters", "gdpr_17_3_b", made.review_on, made.id),
            (EVERYTHING, "gdpr_18", None, limited.id),
        }

    def test_what_has_ended_holds_nothing(self):
        over = hold_rules.release(hold(), reason="settled", actor=OLA, now=NOW).hold
        lifted = replace(restriction(), lifted_at=NOW, lifted_by="staff:ola")
        assert suspension.parts_of(e.COMPANY, [over], [lifted]) == ()

    def test_another_persons_hold_does_not_concern_a_persons_erasure(self):
        assert suspension.parts_of(e.PERSON, [hold(user_ids=(e.OTHER_USER,))], []) == ()
        assert suspension.parts_of(e.PERSON, [hold(categories=("letters",))], [])

    def test_so_many_parts_that_no_list_takes_them_hold_the_whole_account(self):
        many = [
            HeldPart(user_id=UUID(int=number), category="letters", basis="gdpr_18", review_on=None, by=e.USER)
            for number in range(suspension.PARTS_LIMIT + 1)
        ]
        assert suspension.is_suspended(e.COMPANY, many)
        assert not suspension.is_suspended(e.COMPANY, many[1:])

    @pytest.mark.parametrize(
        ("user", "category", "spared"),
        [
            (e.USER, "letters", ()),
            (e.USER, "billing_copy", ()),
            (e.USER, "profile", (e.USER,)),
            (e.USER, EVERYTHING, (e.USER,)),
            (None, "company", (e.ACCOUNT,)),
            (None, "login_events", (EVERYBODY,)),
        ],
    )
    def test_only_keys_that_open_something_held_are_spared(self, user, category, spared):
        part = HeldPart(user_id=user, category=category, basis="gdpr_18", review_on=None, by=uuid4())
        fixed = replace(e.ordered(), held=(part,))
        assert suspension.spared(fixed) == spared
        assert suspension.kept_keys(fixed) == ()
        kept = replace(fixed, answers={"account": Answer(outcome=Outcome.DONE, retained=(LEGAL_HOLD,))})
        assert suspension.kept_keys(kept) == spared

    def test_more_spared_keys_than_a_line_of_the_ledger_takes_spare_all_persons(self):
        parts = tuple(
            HeldPart(user_id=UUID(int=number), category="profile", basis="gdpr_18", review_on=None, by=e.USER)
            for number in range(1, 60)
        )
        assert suspension.spared(replace(e.ordered(), held=parts)) == (EVERYBODY,)

    def test_every_reason_and_ground_is_explained(self):
        assert set(GROUNDS) == {"a", "b", "c", "d"}
        assert all(basis.startswith("gdpr_17_3_") for basis in REASONS.values())


class Dispute(RuleBasedStateMachine):
    """I4: whatever happens in whatever order, nothing that is held or restricted is erased, nor left for good."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.holds: dict[UUID, Hold] = {}
        self.restrictions: dict[UUID, Restriction] = {}
        self.erasures: list[Erasure] = []
        self.there: set[tuple[UUID | None, str]] = set()

    @initialize(at=st.sampled_from([NOW, e.DUE - DAY, e.DUE]))
    def the_company_leaves(self, at) -> None:
        self.now = at
        self.there = {(user, category) for user in (None, *USERS) for category in CATEGORIES}
        self.erasures = [e.scheduled()]

    # ── decisions ──

    @rule(
        who=st.lists(users, max_size=2, unique=True),
        what=st.lists(categories, max_size=2, unique=True),
        case=st.sampled_from(["tvist-2026-7", "tvist-2026-8"]),
    )
    def somebody_places_a_hold(self, who, what, case) -> None:
        today = oslo_date(self.now)
        made = hold(
            user_ids=tuple(who), categories=tuple(what), starts_on=today, review_on=today + 30 * DAY,
            placed_at=self.now, as_of=self.now, case_ref=case,
        )  # fmt: skip
        active = [each for each in self.holds.values() if each.released_at is None]
        try:
            placed = place(made, known=self.erasures, active=active, now=self.now).hold
        except Conflict:
            return
        self.holds[placed.id] = placed

    @rule(who=st.none() | users)
    def somebody_restricts(self, who) -> None:
        wanted = restriction(user_id=who, requested_on=oslo_date(self.now), set_at=self.now)
        try:
            made = restriction_rules.restrict(wanted, known=self.erasures, now=self.now).restriction
        except Conflict:
            return
        self.restrictions[made.id] = made

    @precondition(lambda self: any(each.released_at is None for each in self.holds.values()))
    @rule(data=st.data())
    def somebody_releases(self, data) -> None:
        active = [each for each in self.holds.values() if each.released_at is None]
        chosen = data.draw(st.sampled_from(active))
        self.holds[chosen.id] = hold_rules.release(chosen, reason="settled", actor=OLA, now=self.now).hold
        self.erasures = [suspension.resume(each, oslo_date(self.now)) for each in self.erasures]

    @precondition(lambda self: any(each.lifted_at is None for each in self.restrictions.values()))
    @rule(data=st.data())
    def somebody_tells_or_lifts(self, data) -> None:
        there = [each for each in self.restrictions.values() if each.lifted_at is None]
        chosen = data.draw(st.sampled_from(there))
        if chosen.told_at is None:
            after = restriction_rules.announce_lift(chosen, channel="phone", actor=OLA, now=self.now).restriction
        else:
            try:
                after = restriction_rules.lift(chosen, actor=OLA, now=self.now).restriction
            except Conflict:
                return
        self.restrictions[chosen.id] = after

    @rule(days=st.integers(min_value=1, max_value=60))
    def time_passes(self, days) -> None:
        self.now += days * DAY

    @rule()
    def retention_takes_one_step(self) -> None:
        for number, erasure in enumerate(self.erasures):
            self.erasures[number] = self._step(erasure)
        self._complete()

    def retention_goes_as_far_as_it_can(self) -> None:
        for _ in range(12):
            self.retention_takes_one_step()

    # ── what retention does ──

    def _parts(self, scope: Scope) -> tuple[HeldPart, ...]:
        return suspension.parts_of(scope, self.holds.values(), self.restrictions.values())

    def _step(self, erasure: Erasure) -> Erasure:
        parts = self._parts(erasure.scope)
        suspended = suspension.is_suspended(erasure.scope, parts)
        standing = e.inactive(self.now)
        step = execution_rules.next_step(erasure, standing, self.now, e.LIMITS, suspended=suspended)
        if erasure.state is State.ORDERED and erasure.unconfirmed:
            return self._answered(erasure)
        after = erasure
        match step.action:
            case Action.SUSPEND:
                after = execution_rules.suspend(erasure, self.now).erasure
            case Action.ANNOUNCE:
                announced = execution_rules.announce(erasure, uuid4(), self.now, e.LIMITS).erasure
                after = execution_rules.letter_settled(announced).erasure
            case Action.FENCE:
                assert not suspension.held_in(parts).whole(None), "all of it is held, and yet it begins"
                fixed = execution_rules.fix_held(erasure, parts, self.now).erasure
                after = execution_rules.fence(fixed, self.now).erasure
            case Action.ORDER:
                after = self._ordered(erasure)
            case Action.DESTROY:
                after = execution_rules.destroy(erasure, e.FINGERPRINTS, self.now).erasure
            case Action.CERTIFY:
                after = execution_rules.certify(erasure, self.now).erasure
        return after

    def _ordered(self, erasure: Erasure) -> Erasure:
        move = execution_rules.order(erasure, e.PARTICIPANTS, self.now)
        (self.order,) = move.events
        return move.erasure

    def _answered(self, erasure: Erasure) -> Erasure:
        """The participants erase what the order does not say is held; meanwhile anything may have been decided."""
        kept = Held.told(self.order.held_users, self.order.held_categories)
        now_held = suspension.held_in(self._parts(erasure.scope))
        gone = {(user, category) for user, category in self.there if not kept.covers(user, category)}
        wrongly = {(user, category) for user, category in gone if now_held.covers(user, category)}
        assert not wrongly, "something that is held or restricted was erased"
        self.there -= gone
        retained = (LEGAL_HOLD,) if self.there else ()
        for name in erasure.participants:
            erasure = execution_rules.record_answer(
                erasure, name, Answer(outcome=Outcome.DONE, retained=retained)
            ).erasure
        assert not erasure.unconfirmed
        return erasure

    def _complete(self) -> None:
        last = self.erasures[-1]
        if last.state is State.CERTIFIED and last.kept_back:
            made = completion_rules.completes(last, self._parts(last.scope), new_id=uuid4(), now=self.now)
            if made is not None:
                self.erasures.append(made)

    # ── what must hold ──

    @invariant()
    def what_is_held_is_there_whenever_it_was_in_time(self) -> None:
        for made in (*self.holds.values(), *self.restrictions.values()):
            ended = made.released_at if isinstance(made, Hold) else made.lifted_at
            if ended is None and self._came_before_everything(made):
                covered = {
                    (user, category)
                    for user in (None, *USERS)
                    for category in CATEGORIES
                    if made.held.covers(user, category)
                }
                assert covered <= self.there

    def _came_before_everything(self, made: Hold | Restriction) -> bool:
        since = made.placed_at if isinstance(made, Hold) else made.set_at
        return all(each.ordered_at is None or since < each.ordered_at for each in self.erasures)

    @invariant()
    def nothing_is_left_that_nobody_holds_once_all_is_certified(self) -> None:
        if self.erasures and self.erasures[-1].state is State.CERTIFIED and not self.erasures[-1].kept_back:
            assert self.there == set()

    @invariant()
    def dates_never_move(self) -> None:
        assert {each.due_on for each in self.erasures} <= {date(2027, 2, 28)}

    def teardown(self) -> None:
        """In the end everybody lets go, and then nothing is left."""
        if not self.erasures:
            return
        self.now = max(self.now, datetime(2027, 3, 1, tzinfo=OSLO))
        for made in self.holds.values():
            if made.released_at is None:
                self.holds[made.id] = hold_rules.release(made, reason="settled", actor=OLA, now=self.now).hold
        for number, limited in self.restrictions.items():
            self.restrictions[number] = replace(limited, lifted_at=self.now, lifted_by="staff:ola")
        for _ in range(4):
            self.retention_goes_as_far_as_it_can()
        assert self.there == set()
        assert all(each.state is State.CERTIFIED for each in self.erasures)
        assert self.erasures[-1].kept_back is False


TestI4 = pytest.mark.clause("HOLD-1", "RIGHTS-4")(Dispute.TestCase)
TestI4.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)


def test_a_completion_has_the_dates_of_what_it_completes_and_passes_the_brake():
    part = HeldPart(user_id=e.USER, category="letters", basis="gdpr_17_3_e", review_on=TODAY, by=uuid4())
    partial = replace(e.certified(), held=(part,), kept_back=True)
    assert completion_rules.completes(partial, [part], new_id=uuid4(), now=e.DUE) is None
    made = completion_rules.completes(partial, [], new_id=UUID(int=77), now=e.DUE + 30 * DAY)
    assert (made.due_on, made.started_on, made.state) == (partial.due_on, partial.started_on, State.SCHEDULED)
    assert (made.completes, made.released, made.certificate_id) == (partial.certificate_id, True, None)
    assert not monitoring_rules.is_late(made, e.DUE + 36 * DAY, e.LIMITS)
    assert monitoring_rules.is_late(made, e.DUE + 38 * DAY, e.LIMITS)
    again = Inactivation(scope=e.COMPANY, inactivated_at=e.DUE + 31 * DAY)
    assert clock_rules.plan_erasure(again, new_id=uuid4(), known=[partial, made], now=e.DUE, limits=e.LIMITS) == ()
