"""One examination for the declaration of every kind of case."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cases.clocks.rules import deadline, limit_of
from services.cases.effects.announce_breach import AnnounceBreach
from services.cases.engine import rules
from services.cases.engine.values import STATE_CLOCK, CaseFile, Entered, Signal
from services.cases.escalation.rules import forgotten_before
from services.cases.kinds.rights_request import WRITE_REQUESTER
from services.cases.kinds.table import BY_VERSION, DECISIONS, EFFECTS, KINDS, PRESENT, STEPS
from services.cases.kinds.values import CaseKind, Moment, Step
from services.cases.marketing_objections.rules import OBJECTION_LETTER
from services.cases.nonconformities.answer_customer import AnswerCustomer
from services.cases.notices.feature import AUDIENCE_OF
from services.cases.notices.values import LETTER_OF
from services.cases.rights_requests.events import TO_CONTROLLER
from services.cases.rights_requests.rules import letter_of
from services.cases.rights_requests.values import ALSO_OF, RequesterLetter
from services.notification import letters
from services.notification.letters.kinds import LETTERS as LETTER_KINDS
from services.notification.letters.values import LetterClass
from services.notification.triggers.rules import answer_letter
from shared.events import CODE_PATTERN
from shared.terms.parameters import PARAMETERS

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
LATER = ("two_persons=False, ", "done_by=(), ", ", says_what_follows=False")
"""What steps and clocks can say since these were declared, where they do not."""
DECLARED = {
    ("alarm", 1): "05ef73abeb676d75",
    ("incident", 1): "5f2ab11c93e53afb",
    ("breach_controller", 1): "e91a90ce39c3a94e",
    ("breach_processor", 1): "b7ebeb6dcb25f3df",
    ("breach_controller", 2): "f8e83c90fa36dc40",
    ("breach_processor", 2): "af2cc25f98bd1305",
    ("incident", 2): "a3e85bb3737abf81",
    ("nonconformity", 1): "7919b1421fac76dc",
    ("nonconformity", 2): "5c752524c6966776",
    ("breach_processor", 3): "9ab3b88a43e44372",
    ("breach_controller", 3): "7320339e8a57a691",
    ("breach_processor", 4): "c4d65bc6db0babc7",
    ("complaint", 1): "b5a7d0ba9dee49fc",
    ("dispute", 1): "b2bff9761308cd56",
    ("contact_failure", 1): "0ae2e76e10358d2d",
    ("security_notice", 1): "0ffd430147d565ba",
    ("forwarded_request", 1): "1e6d79313efffddc",
    ("marketing_objection", 1): "2c0e8f41593238a7",
    ("rights_request", 1): "510ce3859b58dae2",
    ("rights_request", 2): "0268d45a0bda9eb7",
    ("enquiry", 1): "aa25e32a325eb192",
}
"""What each version of a kind was declared as. Another declaration is another version: open cases keep theirs."""

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.code}-{kind.version}")


def _opened(kind: CaseKind) -> CaseFile:
    at = NOW - timedelta(hours=1)
    entered = [Entered(name=name, at=at, entered_by="staff:kari", recorded_at=NOW) for name in Moment]
    return rules.opened(
        kind,
        opened_by=kind.opened_by[0],
        signal=Signal.OTHER,
        received_at=NOW,
        entered=entered,
        owner="staff:kari",
        now=NOW,
    ).after


def _declared(kind: CaseKind) -> str:
    said = repr(kind)
    for each in LATER:
        said = said.replace(each, "")
    return said


def test_a_version_is_declared_once_and_never_changes() -> None:
    assert len(BY_VERSION) == len(KINDS)
    assert {
        key: hashlib.sha256(_declared(kind).encode()).hexdigest()[:16] for key, kind in BY_VERSION.items()
    } == DECLARED
    assert all(PRESENT[kind.code].version >= kind.version for kind in KINDS)


@each_kind
def test_every_state_has_an_owner_and_one_limit(kind: CaseKind) -> None:
    for state in kind.states:
        assert state.owner, state.code
        assert (state.limit is None) != (state.until is None), f"{state.code} has one limit"
        if state.until is not None:
            clock = kind.clock(state.until)
            assert clock is not None, f"{state.code} waits for a clock that the kind has not"
            assert state.code in clock.runs_in, f"the clock of {state.code} does not run in it"


@each_kind
def test_every_state_is_reached_and_every_one_leads_to_an_end(kind: CaseKind) -> None:
    reached, leads = {kind.first.code}, {each.code: set() for each in kind.states}
    for _ in kind.states:
        reached |= {step.leads for step in kind.steps if reached & set(step.begins)}
    for step in kind.steps:
        for state in step.begins:
            leads.setdefault(state, set()).add(step.leads)
    assert reached == {state.code for state in kind.states} | set(kind.ends)
    ending = set(kind.ends)
    for _ in kind.states:
        ending |= {state for state, following in leads.items() if following & ending}
    assert ending == reached


@each_kind
def test_steps_name_states_reasons_and_kinds_that_there_are(kind: CaseKind) -> None:
    places = {state.code for state in kind.states} | set(kind.ends)
    assert len({step.code for step in kind.steps}) == len(kind.steps)
    for step in kind.steps:
        assert set(step.begins) <= places, step.code
        assert step.leads in places, step.code
        assert step.reasons, f"{step.code} is taken without a reason"
        assert len(set(step.reasons)) == len(step.reasons), step.code
        assert step.code in (DECISIONS if step.decisive else STEPS)
        assert step.answers is None or kind.clock(step.answers) is not None, step.code
        assert step.decisive or not step.effects, f"{step.code} is carried out, so it is decided"
        assert {*step.opens, *([step.joins] if step.joins else [])} <= PRESENT.keys(), step.code
        for following in step.opens:
            assert kind.code in PRESENT[following].opened_by, f"{step.code} opens {following}"
        words = (step.code, step.leads, *step.begins, *step.reasons, *step.effects)
        assert all(CODE_PATTERN.fullmatch(word) for word in words), step.code


@each_kind
def test_what_ends_in_law_is_decided_by_those_who_lead(kind: CaseKind) -> None:
    """I6: breach or none, the risk, and that somebody was told is never said by less than a named lead."""
    ordinary = {"harmless", "duplicate", "promoted"}
    for step in kind.steps:
        if step.leads in kind.ends and step.leads not in ordinary:
            assert step.decisive, step.code


@each_kind
def test_every_clock_can_be_computed_again(kind: CaseKind) -> None:
    """I8: from where it starts, its limit and the version of the calendar, all of which are kept beside it."""
    file = _opened(kind)
    assert {clock.rule for clock in kind.clocks if clock.starts} <= {each.rule for each in file.clocks}
    for each in file.clocks:
        due = deadline(each.started_at, each.limit)
        assert (each.internal_due, each.statutory_due) == (due.internal_due, due.statutory_due)
        if not each.rule.startswith(STATE_CLOCK):
            assert each.limit == limit_of(each.rule, each.started_at)
    for clock in kind.clocks:
        hours = limit_of(clock.rule, NOW)
        assert all(NOW + timedelta(hours=warn) < deadline(NOW, hours).internal_due for warn in clock.warns)


@each_kind
def test_a_file_ends_after_the_time_that_a_parameter_says(kind: CaseKind) -> None:
    months = PARAMETERS[kind.kept]
    assert months.unit == "calendar months"
    assert NOW - forgotten_before(kind, NOW) >= timedelta(days=28 * months.default)


@each_kind
def test_an_ended_case_has_no_clock_that_runs(kind: CaseKind) -> None:
    """A timer never outlives its case, whichever way it ends."""
    for end in kind.ends:
        opened = _opened(kind)
        ended = rules.counted(
            CaseFile(
                case=rules.replace(opened.case, state=end, ended_at=NOW),
                clocks=opened.clocks,
                entered=opened.entered,
            ),
            NOW,
        )
        assert all(each.stopped_at == NOW for each in ended.clocks)
        assert all(rules.told(ended.case, each, NOW + timedelta(days=99)) is None for each in ended.clocks)


def _letters(effect: str, step: Step) -> set[str]:
    """The letters that an effect of a step orders, by the rules that order them."""
    if effect in AUDIENCE_OF:
        return {LETTER_OF[AUDIENCE_OF[effect]]}
    if effect == WRITE_REQUESTER:
        return {str(letter_of(step.code)), *map(str, filter(None, [ALSO_OF.get(step.code)]))}
    return {answer_letter(step.leads)} if effect == AnswerCustomer.code else set()


@each_kind
def test_every_letter_that_a_decision_sends_exists_in_both_languages_and_knows_its_reasons(kind: CaseKind) -> None:
    assert set(EFFECTS) == {*AUDIENCE_OF, WRITE_REQUESTER, AnswerCustomer.code, AnnounceBreach.code}, (
        "says no letter"
    )
    templates = Path(letters.__file__).parent / "templates"
    for step in kind.steps:
        for letter in {each for effect in step.effects for each in _letters(effect, step)}:
            declared = LETTER_KINDS[letter]
            assert declared.letter_class is LetterClass.LEGAL, letter
            assert {"nb.txt", "en.txt"} <= {each.name for each in (templates / letter).iterdir()}, letter
            if declared.causes and letter not in TO_CONTROLLER:
                assert set(step.reasons) <= set(declared.causes), (
                    f"{letter} does not know why {step.code} was taken"
                )


def test_letters_that_cases_send_by_themselves_exist() -> None:
    """Receipts: what a customer reports, what a person asks for, an objection. An alarm has none."""
    assert {
        "nonconformity_received",
        "dispute_received",
        "rights_received",
        OBJECTION_LETTER,
    } <= LETTER_KINDS.keys()
    assert {each.value for each in RequesterLetter} <= LETTER_KINDS.keys()
    for each in RequesterLetter:
        kind = LETTER_KINDS[each]
        assert (kind.letter_class, kind.when_inactive) == (LetterClass.LEGAL, True), "whoever asks is answered"
