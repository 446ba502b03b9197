"""What decisions have carried out: when it is tried again, and what it keeps open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from services.cases.effects import rules as effects
from services.cases.effects.announce_breach import AnnounceBreach
from services.cases.effects.feature import Effects
from services.cases.effects.rules import TRIES_MOST
from services.cases.effects.values import Outcome
from services.cases.engine import rules
from services.cases.engine.values import Effect, EffectState
from services.cases.kinds.breach import TELL_CUSTOMERS, TELL_PERSONS
from services.cases.kinds.incident import ANNOUNCE_BREACH
from services.cases.kinds.security_notice import TELL_HOLDERS
from services.cases.nonconformities.answer_customer import AnswerCustomer
from services.cases.notices.order_letters import OrderLetters
from services.cases.rights_requests.write_requester import WriteRequester
from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Conflict
from shared.wait_bounds import LONGEST_WAIT
from tests.unit.cases.test_case_rules import NOW, opened, take

pytestmark = [pytest.mark.unit, pytest.mark.clause("BREACH-1")]

ORDERED = Effect(
    case_id=uuid4(), decision_id=uuid4(), code=ANNOUNCE_BREACH, ordered_at=NOW, tries=0, next_at=NOW,
    last_error=None, confirmed_at=None,
)  # fmt: skip


def test_a_decision_orders_what_its_step_names_and_others_order_nothing() -> None:
    file = opened("incident", detected_at=NOW, aware_at=NOW)
    assert take(file, "investigate", "looked_at").effects == ()
    decided = take(file, "decide_breach_both", "data_lost")
    assert [(each.code, each.decision_id, each.next_at) for each in decided.effects] == [
        (ANNOUNCE_BREACH, decided.decisions[-1].id, NOW)
    ]
    assert decided.not_carried_out == decided.effects


def test_no_case_ends_with_something_decided_and_not_carried_out() -> None:
    file = take(opened("breach_processor", detected_at=NOW, aware_at=NOW), "freeze_affected", "affected_known")
    file = replace(take(file, "tell_customers", "complete"), effects=(ORDERED,))
    with pytest.raises(Conflict) as refused:
        take(file, "close", "followed_up")
    assert refused.value.details == {"reason": "not_carried_out", "effects": [ANNOUNCE_BREACH]}
    done = replace(file, effects=(effects.after(ORDERED, Outcome.CONFIRMED, NOW),))
    assert take(done, "close", "followed_up").case.ended_at == NOW
    assert rules.steps_of(file.case), "it is refused, not hidden"


def test_the_pauses_grow_and_the_tries_end() -> None:
    effect, now = ORDERED, NOW
    pauses = []
    while effect.next_at is not None:
        now = effect.next_at
        effect = effects.after(effect, Outcome.WAITING, now)
        pauses += [effect.next_at - now] if effect.next_at else []
    assert (len(pauses), effect.tries) == (TRIES_MOST - 1, TRIES_MOST)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=1), LONGEST_WAIT)
    assert now - NOW < timedelta(hours=24), "it is given up on the day it was decided"
    assert (effect.state, effect.last_error) == (EffectState.GIVEN_UP, "not_confirmed")
    again = effects.begun_again(effect, now)
    assert (again.tries, again.next_at, again.state) == (0, now, EffectState.WAITING)
    for other in (again, effects.after(again, Outcome.CONFIRMED, now)):
        with pytest.raises(Conflict):
            effects.begun_again(other, now)


def test_a_part_that_is_done_is_followed_at_once() -> None:
    failed = effects.after_failure(effects.after_failure(ORDERED, "Busy", NOW), "Busy", NOW)
    assert (failed.tries, failed.last_error) == (2, "Busy")
    part = effects.after(failed, Outcome.PROGRESSED, NOW)
    assert (part.tries, part.next_at, part.last_error) == (0, NOW, None)


def test_an_id_is_the_same_at_each_try_and_another_for_another_decision() -> None:
    later = effects.after(ORDERED, Outcome.WAITING, NOW)
    assert ORDERED.id_of("breach.detected") == later.id_of("breach.detected")
    others = {
        ORDERED.id_of("breach.detected"),
        ORDERED.id_of("letter"),
        ORDERED.id_of("letter", uuid4()),
        replace(ORDERED, decision_id=uuid4()).id_of("letter"),
        replace(ORDERED, code="other").id_of("letter"),
    }
    assert len(others) == 5


def test_an_effect_that_nobody_carries_out_is_found_at_start() -> None:
    database, clock = Database("", source="cases"), FixedClock(NOW)
    executors = (
        AnnounceBreach(),
        AnswerCustomer(),
        WriteRequester(),
        *map(OrderLetters, (TELL_CUSTOMERS, TELL_PERSONS, TELL_HOLDERS)),
    )
    assert Effects(database=database, clock=clock, executors=executors)
    with pytest.raises(TypeError, match=ANNOUNCE_BREACH):
        Effects(database=database, clock=clock, executors=executors[1:])
