"""A notice of changed security: what a restore loses of it is sent anew by two persons, and the case can end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.notices.calls import DraftSecurityNotice, OpenSecurityNotice, ShowNotices
from services.cases.notices.rules import LEDGER_WAIT
from services.cases.service import Cases
from services.notification.letter_lifecycle.events import NotificationUnreachable
from services.registers.engine.events import RegisterChanged
from shared.errors import Conflict
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, KARI, NOW, Rota, show, step
from tests.plugins.db_snapshot import SetBack
from tests.staff_statements import decide

pytestmark = [pytest.mark.integration, pytest.mark.clause("NOTICE-1", "FORGET-1")]

X, U, Y, V = (uuid4() for _ in range(4))
SAID: dict[str, Any] = {
    "changes": ("threat_grown",), "found_by": ("own_monitoring",), "plans": ("being_put_right",), "attempts": 1,
    "breaches": 0,
}  # fmt: skip


class Agreed(Rota):
    """The register has agreements, each of which names one person of `named`, and account knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.named = {X: U}
        self.meanwhile: Callable[[], object] | None = None

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        if method != "counting_records":
            return super().call(service, method, timeout_seconds=timeout_seconds, **fields)
        agreements = [
            {
                "record_id": str(uuid4()), "account_id": str(account_id), "valid_from": str(NOW.date()),
                "valid_to": None, "fields": {"recipients": str(user_id)},
            }
            for account_id, user_id in self.named.items()
        ]  # fmt: skip
        if self.meanwhile is not None:  # between what is read here and what is made of it
            self.meanwhile, meanwhile = None, self.meanwhile
            meanwhile()
        return {"records": agreements, "next_after": None}


@pytest.fixture
def rota():
    made = Agreed()
    made.knows_nobody, made.subjects = True, [(X, U)]
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


def list_holders(cases: Cases, case_id: UUID) -> None:
    version = show(cases, case_id).version
    ask(cases, ComputeAffected(case_id=case_id, version=version, scope="agreements", as_of=NOW, actor=KARI))


def draft(cases: Cases, case_id: UUID) -> None:
    version = show(cases, case_id).version
    ask(cases, DraftSecurityNotice(case_id=case_id, version=version, actor=KARI, **SAID))


def send(cases: Cases, case_id: UUID, name: str, *, version: int | None = None) -> None:
    seen = version or show(cases, case_id).version
    decide(cases, "decide_by_two", case_id=case_id, version=seen, step=name, reason="risk_changed")


def made_ready(cases: Cases, case_id: UUID) -> None:
    list_holders(cases, case_id)
    run(cases, "compute_lists")
    draft(cases, case_id)


def carried_out(cases: Cases, owner, clock) -> None:
    """The broker has what was decided."""
    run(cases, "carry_out_effects")
    owner.execute("UPDATE outbox SET published_at = now()")
    clock.move(timedelta(seconds=5))
    run(cases, "carry_out_effects")


def unreachable(cases: Cases, owner, reason: str) -> None:
    """Notification says so of everybody who gets a notice."""
    for id_, account_id, user_id in owner.execute(
        "SELECT id, account_id, user_id FROM notice_recipient"
    ).fetchall():
        event = NotificationUnreachable(
            letter_id=uuid4(), letter=Code("security_notice"), account_id=account_id, user_id=user_id,
            reason=Code(reason),
        )  # fmt: skip
        message = Received(
            id=uuid4(), event=event, source="notification", time=NOW, subject=event.subject,
            correlation_id=uuid4(), causation_id=id_,
        )  # fmt: skip
        hear(cases, message)


def test_a_notice_that_a_restore_has_lost_is_sent_anew_by_two_and_the_case_can_end(
    cases, databases, owner, clock, ledger
) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    ledger.write()
    ledger.open()
    before = SetBack(databases.owner_dsn("cases"))
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice")
    (decided,) = show(cases, case_id).decisions
    assert {decided.decided_by, decided.approved_by} == {"staff:kari", "staff:ola"}
    assert decided.approval_id is not None
    ledger.write()
    before.restore()
    ledger.open()
    (again,) = show(cases, case_id).decisions
    assert again == decided, "both signatures are in the ledger"
    assert (show(cases, case_id).state, ask(cases, ShowNotices(case_id=case_id)).notices) == ("sending", ())
    carried_out(cases, owner, clock)
    with pytest.raises(Conflict) as refused:
        step(cases, case_id, "find_all_reached", "each_told")
    assert refused.value.details["reason"] == "not_carried_out", "nobody was told, and nobody says so"

    made_ready(cases, case_id)
    with pytest.raises(Conflict):
        send(cases, case_id, "send_security_notice")
    send(cases, case_id, "send_security_notice_more")
    clock.move(HOUR)
    carried_out(cases, owner, clock)
    owner.execute("UPDATE notice_recipient SET told_at = now()")
    assert step(cases, case_id, "find_all_reached", "each_told").state == "reached"
    assert [each.number for each in ask(cases, ShowNotices(case_id=case_id)).notices] == [1]


def test_another_notice_of_a_case_has_the_next_number_and_its_own_list(cases, clock) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice")
    clock.move(timedelta(minutes=1))
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice_more")
    shown = ask(cases, ShowNotices(case_id=case_id))
    assert [(each.number, each.recipients) for each in shown.notices] == [(2, 1), (1, 1)]
    assert [each.is_frozen for each in shown.lists] == [True, True]


def erase(cases: Cases, account_id: UUID, user_id: UUID | None) -> None:
    erasure = Erasure(
        purpose=Purpose.ORDERED, id=uuid4(), account_id=account_id, user_id=user_id, held=Held(), at=NOW
    )
    with cases.database.transaction() as tx:
        cases.participant.erase(tx, erasure)
        assert not cases.participant.is_left(tx, account_id, user_id)


def left(cases: Cases, owner, clock) -> None:
    """Letters have left although the ledger does not have their notice."""
    clock.move(LEDGER_WAIT)
    carried_out(cases, owner, clock)


def all_reached(cases: Cases, case_id: UUID) -> str:
    """The state of the case after somebody says that all were reached, or why it does not end."""
    try:
        return str(step(cases, case_id, "find_all_reached", "each_told").state)
    except Conflict as refused:
        return str(refused.details["reason"])


def seen_to(cases: Cases, failure_id: UUID) -> None:
    step(cases, failure_id, "find_reached", "by_phone")


@pytest.mark.parametrize("erased", ["before-it-is-sent", "after-it-is-sent", "after-it-came-back", "none-there"])
def test_a_customer_without_anybody_left_to_be_told_is_told_by_a_person_before_the_case_ends(
    cases, owner, clock, rota, erased
) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    rota.subjects = [(X, None)] if erased == "none-there" else [(X, U)]
    made_ready(cases, case_id)
    if erased == "before-it-is-sent":
        erase(cases, X, U)
    send(cases, case_id, "send_security_notice")
    left(cases, owner, clock)
    if erased == "after-it-came-back":
        unreachable(cases, owner, "bounced")
        (before,) = (each.case_id for each in show(cases, case_id).links)
    if erased.startswith("after"):
        erase(cases, X, U)
    assert all_reached(cases, case_id) == "not_all_reached", "at once, whoever has asked account by then"
    rota.subjects = [(X, None)]
    run(cases, "see_who_is_gone")
    run(cases, "see_who_is_gone")
    (recipient,) = ask(cases, ShowNotices(case_id=case_id)).recipients
    (failure_id,) = (each.case_id for each in show(cases, case_id).links)
    assert (recipient.account_id, recipient.failure_case_id) == (X, failure_id)
    assert recipient.reason == ("bounced" if erased == "after-it-came-back" else "no_recipient")
    if erased == "after-it-came-back":
        assert failure_id == before, "who saw to it goes on"
    assert show(cases, failure_id).account_ids == (X,)
    assert ask(cases, ShowNotices(case_id=case_id)).lists[0].standing == 1
    assert all_reached(cases, case_id) == "not_all_reached"
    seen_to(cases, failure_id)
    assert all_reached(cases, case_id) == "reached"


def test_a_customer_that_is_erased_waits_for_nobody_and_one_that_was_told_stays_so(
    cases, owner, clock, rota
) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    other = uuid4()
    rota.named[other] = uuid4()
    rota.subjects = [(X, U), (other, rota.named[other])]
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice")
    left(cases, owner, clock)
    owner.execute("UPDATE notice_recipient SET told_at = now() WHERE account_id = %s", (other,))
    erase(cases, other, rota.named[other])
    erase(cases, X, U)
    assert all_reached(cases, case_id) == "not_all_reached"
    rota.subjects = []
    run(cases, "see_who_is_gone")
    assert show(cases, case_id).links == (), "account knows neither of them"
    assert all_reached(cases, case_id) == "reached"


def test_whoever_got_the_first_notice_of_a_case_has_not_got_the_second_one(cases, owner, clock) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    for name in ("send_security_notice", "send_security_notice_more"):
        made_ready(cases, case_id)
        send(cases, case_id, name)
        left(cases, owner, clock)
        assert all_reached(cases, case_id) == "not_all_reached"
        owner.execute("UPDATE notice_recipient SET told_at = now()")
        clock.move(timedelta(minutes=1))
    assert all_reached(cases, case_id) == "reached"


def agreement_changed(cases: Cases) -> None:
    event = RegisterChanged(
        record_id=uuid4(), account_id=X, kind=Code("security_notice_agreement"), state=Code("in_force"), revision=2,
        valid_from=NOW.date(), valid_to=None,
    )  # fmt: skip
    message = Received(
        id=uuid4(), event=event, source="registers", time=NOW, subject=event.subject, correlation_id=uuid4()
    )
    hear(cases, message)


def refused(cases: Cases, case_id: UUID, version: int) -> str:
    with pytest.raises(Conflict) as why:
        send(cases, case_id, "send_security_notice", version=version)
    return str(why.value.details["reason"])


def test_two_persons_sign_whom_it_goes_to(cases, rota) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    draft(cases, case_id)
    list_holders(cases, case_id)
    signed = show(cases, case_id).version
    run(cases, "compute_lists")
    assert refused(cases, case_id, signed) == "other_version", "nobody was on the list when it was signed"

    signed = show(cases, case_id).version
    rota.named[Y] = V
    rota.subjects.append((Y, V))
    agreement_changed(cases)
    assert refused(cases, case_id, signed) == "list_lacking", "an agreement changed, and nobody has looked at it"
    assert ask(cases, ShowNotices(case_id=case_id)).lists[0].customers is None
    run(cases, "compute_lists")
    assert refused(cases, case_id, signed) == "other_version", "the list names somebody else as well"
    assert ask(cases, ShowNotices(case_id=case_id)).lists[0].customers == 2

    signed = show(cases, case_id).version
    agreement_changed(cases)
    run(cases, "compute_lists")
    run(cases, "compute_lists")
    send(cases, case_id, "send_security_notice", version=signed)
    assert ask(cases, ShowNotices(case_id=case_id)).notices[0].recipients == 2, "a mere review changes nothing"


def test_a_change_heard_while_a_list_is_made_is_not_lost(cases, rota) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    list_holders(cases, case_id)
    rota.meanwhile = lambda: (agreement_changed(cases), rota.named.update({Y: V}))
    rota.subjects.append((Y, V))
    run(cases, "compute_lists")
    assert ask(cases, ShowNotices(case_id=case_id)).lists[0].customers is None
    run(cases, "compute_lists")
    assert ask(cases, ShowNotices(case_id=case_id)).lists[0].customers == 2
