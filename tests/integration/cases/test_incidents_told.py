"""What customers are shown of incidents that concern them: their own notices, as sent, and nothing of others."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.board.calls import CaseBoard
from services.cases.data_packs.calls import DataPack
from services.cases.incidents_told.calls import IncidentsTold, IncidentTold
from services.cases.notices.calls import DraftNotice
from services.cases.notices.values import recipient_id
from services.notification.letter_lifecycle.events import (
    NotificationDelivered,
    NotificationSent,
    NotificationUnreachable,
)
from shared.errors import NotFound, Unauthenticated, Unavailable
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.examples import example
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, NOW, Rota, enter, in_the_ledger, incident, published, show, step

pytestmark = [pytest.mark.integration, pytest.mark.clause("BREACH-1", "ISOLATE-1")]

X, Y = uuid4(), uuid4()
OWNER, USER, STRANGER = uuid4(), uuid4(), uuid4()
TOKENS = {
    str(number) * 43: who
    for number, who in enumerate(((X, OWNER, "owner"), (X, USER, "user"), (Y, STRANGER, "owner")))
}
OF_OWNER, OF_USER, OF_STRANGER = TOKENS
MORE = {"natures": ("exfiltration",), "groups": ("users",), "data": ("names",), "consequences": ("phishing",)}


class Town(Rota):
    """Beside who is on duty it knows whose a session is, and which users its companies have."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        from services.account.affected.calls import AffectedPage
        from services.account.login.calls import Authenticated

        if (service, method) == ("account", "affected"):
            users = [(X, OWNER), (X, USER), (Y, STRANGER)]
            named = fields["account_ids"]
            found = [{"account_id": str(a), "user_id": str(u)} for a, u in users if str(a) in named or not named]
            return example(AffectedPage, subjects=found)
        if (service, method) == ("account", "authenticate"):
            if fields["token"] not in TOKENS:
                raise Unauthenticated
            account_id, user_id, role = TOKENS[fields["token"]]
            return example(Authenticated, account_id=str(account_id), user_id=str(user_id), role=role)
        return super().call(service, method, timeout_seconds=timeout_seconds, **fields)


@pytest.fixture
def rota():
    made = Town()
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


def told_of(cases, token: str) -> tuple[IncidentTold, ...]:
    return ask(cases, IncidentsTold(token=token)).incidents


def breach(cases, *account_ids: UUID) -> tuple[UUID, UUID]:
    """Aware now, decided in both parts, with the lists of whom it concerns."""
    case_id = incident(cases, *account_ids)
    enter(cases, case_id, "occurred_from", NOW - 5 * HOUR)
    enter(cases, case_id, "aware_at", NOW)
    both = step(cases, case_id, "decide_breach_both", "exfiltration").opened
    for each in both:
        asked = {"case_id": each, "scope": "case", "as_of": NOW - HOUR, "actor": "staff:kari"}
        ask(cases, ComputeAffected.from_json({**asked, "case_id": str(each), "as_of": (NOW - HOUR).isoformat(),
                                              "version": show(cases, each).version}))  # fmt: skip
    run(cases, "compute_lists")
    return both


def notice(cases, ledger, case_id: UUID, audience: str, decision: str, reason: str, **said) -> UUID:
    """Draft a notice, decide it, and order its letters once it stands in the ledger; the id of the case."""
    asked = DraftNotice.from_json(
        {"case_id": str(case_id), "version": show(cases, case_id).version, "actor": "staff:kari"}
        | {"audience": audience, "measures": ["access_closed"]}
        | {name: list(codes) for name, codes in (MORE | said).items()}
    )
    ask(cases, asked)
    step(cases, case_id, decision, reason)
    in_the_ledger(cases, ledger)
    run(cases, "carry_out_effects")
    return case_id


def mailed(cases, owner, at: datetime, account_id: UUID, *, user_id: UUID | None = None, arrived: bool = True):
    """The letter of the newest notice to a recipient leaves, and arrives half an hour later."""
    notice_id = UUID(published(owner, "breach.notices_ordered")[-1]["data"]["notice_id"])
    kinds = [(NotificationSent, at), (NotificationDelivered, at + HOUR / 2)][: 2 if arrived else 1]
    for kind, when in kinds:
        letter = Code("breach_notice" if user_id is None else "breach_person")
        event = kind(letter_id=uuid4(), letter=letter, account_id=account_id)
        message = Received(
            id=uuid4(), event=event, source="notification", time=when, subject=event.subject,
            correlation_id=uuid4(), causation_id=recipient_id(notice_id, account_id, user_id),
        )  # fmt: skip
        hear(cases, message)


def codes(said) -> list[str]:
    return [each.code for each in said]


def test_each_sees_its_own_notices_in_phases_as_they_were_sent_with_its_own_clock(
    cases, owner, clock, ledger
) -> None:
    _, case_id = breach(cases, X, Y)
    assert told_of(cases, OF_OWNER) == ()
    step(cases, case_id, "freeze_affected", "affected_known")
    notice(cases, ledger, case_id, "customers", "tell_customers", "partial", unknown=("extent",))
    assert told_of(cases, OF_OWNER) == (), "what has not left is not told"
    with pytest.raises(NotFound):
        ask(cases, DataPack(case_id=case_id, account_id=X))

    mailed(cases, owner, NOW + HOUR, X)
    (found,) = told_of(cases, OF_OWNER)
    assert found.reference == show(cases, case_id).reference
    assert found.told_at == NOW + 1.5 * HOUR
    assert found.authority_due == NOW + 73.5 * HOUR, "its own 72 hours, from when it was told"
    pack = ask(cases, DataPack(case_id=found.id, account_id=X))
    assert (pack.reference, pack.told_at, pack.authority_due) == (
        found.reference, found.told_at, found.authority_due,
    )  # fmt: skip
    (packed,) = pack.notices
    assert (packed.number, packed.sent_at, packed.told_at) == (1, NOW + HOUR, NOW + 1.5 * HOUR)
    (first,) = found.notices
    assert (first.number, first.audience, first.is_partial, first.persons) == (1, "customers", True, 2)
    assert (codes(first.natures), codes(first.unknown)) == (["exfiltration"], ["extent"])
    assert (first.unknown[0].nb, first.unknown[0].en) == ("hvor mye det gjelder", "how much is concerned")
    assert (first.occurred_from, first.aware_at) == (NOW - 5 * HOUR, NOW)

    assert told_of(cases, OF_USER) == (), "what the company was told is for its owners"
    assert told_of(cases, OF_STRANGER) == (), "another company has not been told yet"
    mailed(cases, owner, NOW + 2 * HOUR, Y, arrived=False)
    (other,) = told_of(cases, OF_STRANGER)
    assert (other.told_at, other.authority_due, other.notices[0].persons) == (None, None, 1)

    clock.move(timedelta(hours=20))
    enter(cases, case_id, "occurred_to", NOW - 2 * HOUR)
    enter(cases, case_id, "occurred_from", NOW - 9 * HOUR)
    notice(cases, ledger, case_id, "customers", "tell_customers_more", "complete")
    decided = ask(cases, DataPack(case_id=case_id, account_id=X)).notices
    assert [each.number for each in decided] == [1], "what was decided and has not left, nobody was told"
    mailed(cases, owner, NOW + 21 * HOUR, X)
    (both,) = told_of(cases, OF_OWNER)
    assert (both.told_at, both.authority_due) == (found.told_at, found.authority_due), "no later notice extends it"
    assert [each.is_partial for each in both.notices] == [True, False]
    assert both.notices[0] == first, "what was sent stays as it was sent, whatever became known later"
    assert (both.notices[1].occurred_from, both.notices[1].occurred_to) == (NOW - 9 * HOUR, NOW - 2 * HOUR)
    assert len(told_of(cases, OF_STRANGER)[0].notices) == 1


def test_whoever_no_letter_reached_sees_what_a_person_told_them(cases, owner, clock, ledger) -> None:
    _, case_id = breach(cases, X)
    step(cases, case_id, "freeze_affected", "affected_known")
    notice(cases, ledger, case_id, "customers", "tell_customers", "complete")
    notice_id = UUID(published(owner, "breach.notices_ordered")[-1]["data"]["notice_id"])
    event = NotificationUnreachable(
        letter_id=uuid4(), letter=Code("breach_notice"), account_id=X, reason=Code("no_recipient")
    )
    message = Received(
        id=uuid4(), event=event, source="notification", time=NOW, subject=event.subject, correlation_id=uuid4(),
        causation_id=recipient_id(notice_id, X, None),
    )  # fmt: skip
    hear(cases, message)
    assert told_of(cases, OF_OWNER) == (), "nobody has told them"
    clock.move(HOUR)
    (failure,) = ask(cases, CaseBoard(kind="contact_failure")).cases
    step(cases, failure.case_id, "find_reached", "by_phone")
    (found,) = told_of(cases, OF_OWNER)
    assert (found.told_at, found.authority_due) == (NOW + HOUR, NOW + 73 * HOUR), "their 72 hours run as well"
    assert [(each.sent_at, each.told_at) for each in found.notices] == [(NOW + HOUR, NOW + HOUR)]


def test_a_person_sees_what_was_told_to_them_and_nothing_of_the_company(cases, owner, database, ledger) -> None:
    case_id, _ = breach(cases, X)
    step(cases, case_id, "assess_high", "passwords_exposed")
    enter(cases, case_id, "notified_at", NOW)
    step(cases, case_id, "notify_authority_high", "complete")
    notice(cases, ledger, case_id, "persons", "tell_persons", "complete", advice=("change_password",))
    mailed(cases, owner, NOW, X, user_id=USER)
    (found,) = told_of(cases, OF_USER)
    assert (found.told_at, found.authority_due) == (None, None), "a person notifies no authority"
    (told,) = found.notices
    assert (told.audience, told.persons, codes(told.advice)) == ("persons", None, ["change_password"])
    assert told_of(cases, OF_OWNER) == (), "each person is told for themselves"

    erasure = Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=X, user_id=USER, held=Held(), at=NOW)
    with database.transaction() as tx:
        cases.participant.erase(tx, erasure)
    assert told_of(cases, OF_USER) == (), "gone with whom it names"


def test_without_a_session_or_without_account_nothing_is_shown(cases, rota) -> None:
    with pytest.raises(Unauthenticated):
        told_of(cases, "z" * 43)
    rota.away = True
    rota.call = super(Town, rota).call
    with pytest.raises(Unavailable):
        told_of(cases, OF_OWNER)
