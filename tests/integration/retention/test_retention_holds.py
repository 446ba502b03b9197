"""Holds and restrictions at retention: what they stop, what they let go on, and how they end."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from test_retention import (
    DUE,
    INACTIVE_AT,
    KEY,
    accounts,
    answer,
    deactivate,
    events,
    farewell,
    hear,
    ledger,
    run,
    service,
    shown,
    stores,
    whole,
)
from test_retention_early_erasure import CHECKS

from services.account.deactivation.events import AccountDeactivated
from services.account.users.events import UserDeactivated
from services.notification.letter_lifecycle.events import NotificationFailed, NotificationSent
from services.retention.certificates.signing import verify, verify_chain
from services.retention.erasure.values import Scope
from services.retention.monitoring.calls import Timeline
from services.retention.service import Retention
from services.retention.suspended_erasures import store as suspensions
from shared.case_references import reference_of
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events import Received
from shared.hold_scope import EVERYBODY
from shared.privacy import FencedError, KeyGoneError, Subject
from shared.privacy.ledger_lines import Kind
from shared.statements import StatementError
from shared.system import PARTICIPANTS
from tests import in_process
from tests.in_process import invoke
from tests.paging import page_by_page
from tests.staff_statements import approval, decide, for_some, refused_for, stated, statement_for

__all__ = ["accounts", "ledger", "service", "stores"]
pytestmark = pytest.mark.integration
DAY_89 = datetime(2027, 2, 27, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_holds_yet(service, databases) -> None:
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE hold, restriction, restricted, restriction_over")


def wanted(service: Retention, account_id: UUID, **changes: Any) -> dict[str, Any]:
    today = service.clock.now().date()
    fields = {
        "account_id": account_id,
        "reason": "dispute",
        "case_ref": "tvist-2027-14",
        "owner": "staff:jurist",
        "starts_on": today,
        "review_on": today + timedelta(days=60),
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def place(service: Retention, account_id: UUID, **changes: Any) -> dict[str, Any]:
    return decide(service, "place_hold", **wanted(service, account_id, **changes))


def release(service: Retention, hold: dict[str, Any]) -> dict[str, Any]:
    return invoke(service, "release_hold", hold_id=hold["hold_id"], reason="settled", actor="staff:ola")


def restrict(service: Retention, account_id: UUID, user_id: UUID | None = None) -> dict[str, Any]:
    return invoke(
        service,
        "set_restriction",
        account_id=account_id,
        user_id=user_id,
        ground="c",
        requested_on=service.clock.now().date(),
        actor="staff:ola",
    )


def lift(service: Retention, restriction: dict[str, Any]) -> dict[str, Any]:
    return invoke(service, "lift_restriction", restriction_id=restriction["restriction_id"], actor="staff:ola")


def announce(service: Retention, restriction: dict[str, Any], **how: Any) -> dict[str, Any]:
    fields = {"restriction_id": restriction["restriction_id"], "actor": "staff:ola"}
    return invoke(service, "announce_lift", **fields, **how)


def told(service: Retention, kind: str) -> list[dict[str, Any]]:
    with service.database.transaction() as tx:
        rows = tx.all("SELECT event_id, body FROM outbox WHERE routing_key = %(kind)s ORDER BY id", kind=kind)
    return [json.loads(bytes(row["body"]))["data"] | {"_id": row["event_id"]} for row in rows]


def letter_about_lift(
    service: Retention, restriction: dict[str, Any], cause: UUID, *, failed: bool = False
) -> None:
    ids = {"letter_id": uuid4(), "account_id": UUID(restriction["account_id"]), "user_id": uuid4()}
    letter = "restriction_will_be_lifted"
    event = (
        NotificationFailed(letter=letter, reason="bounced", **ids)
        if failed
        else NotificationSent(letter=letter, **ids)
    )
    message = Received(
        id=uuid4(), event=event, source="notification", time=service.clock.now(), subject=event.subject,
        correlation_id=uuid4(), causation_id=cause,
    )  # fmt: skip
    in_process.hear(service, message)


def members(stores, account_id: UUID, count: int = 2) -> list[UUID]:
    users = [uuid4() for _ in range(count)]
    stores[2].mint([Subject.person(user, account_id) for user in users], INACTIVE_AT)
    return users


def order(service: Retention, account_id: UUID) -> dict[str, Any]:
    run(service)
    farewell(service, account_id)
    run(service)
    return told(service, "erasure.ordered")[-1]


def finish(service: Retention, account_id: UUID, *, keeps: tuple[str, ...] = ()) -> dict[str, Any]:
    erasure_id = whole(service, account_id)["erasure_id"]
    for name in PARTICIPANTS:
        answer(service, erasure_id, name, retained=["legal_hold"] if name in keeps else [])
    run(service, 2)
    return whole(service, account_id)


def certificate(service: Retention, erasure: dict[str, Any]) -> dict[str, Any]:
    document = invoke(service, "certificate", certificate_id=erasure["certificate_id"])["document"]
    return dict(verify(document, [KEY.public]).body)


# ── holds ──


@pytest.mark.clause("HOLD-1")
def test_s06_a_hold_on_everything_placed_on_day_89_stops_the_erasure_until_it_is_released(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DAY_89
    hold = place(service, account_id)
    assert (hold["state"], hold["review_on"]) == ("active", "2027-04-28")
    service.clock.at = DUE
    run(service, 3)
    service.clock.move(20 * DAY)
    run(service, 3)
    (at,) = shown(service, account_id)
    assert (at["state"], at["suspended"], at["late"]) == ("scheduled", True, False)
    assert stores[1].state(Subject.company(account_id)) == "live"
    assert {"erasure.announced", "erasure.ordered"}.isdisjoint(events(service))
    release(service, hold)
    assert shown(service, account_id)[0]["late"] is False
    assert order(service, account_id)["held_users"] is None
    end = finish(service, account_id)
    assert (end["state"], end["due_on"]) == ("certified", date(2027, 2, 28))
    assert certificate(service, end)["outcome"] == "erased"


@pytest.mark.clause("HOLD-1")
def test_a_hold_released_before_the_date_leaves_the_date_as_it_was(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    service.clock.move(40 * DAY)
    release(service, hold)
    service.clock.at = DUE - timedelta(hours=2)
    run(service)
    assert shown(service, account_id)[0]["state"] == "scheduled"
    service.clock.at = DUE
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"


@pytest.mark.clause("HOLD-1")
def test_a_hold_that_comes_after_the_last_letter_still_stops_it_and_later_it_is_announced_again(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    hold = place(service, account_id)
    farewell(service, account_id)
    run(service, 2)
    (at,) = shown(service, account_id)
    assert (at["state"], at["suspended"]) == ("scheduled", True)
    assert accounts.begun == []
    release(service, hold)
    assert order(service, account_id)["account_id"] == str(account_id)
    assert events(service).count("erasure.announced") == 2


def test_a_hold_that_comes_after_the_fence_is_refused_and_keeps_nothing(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    order(service, account_id)
    for attempt in (place, restrict):
        with pytest.raises(Conflict, match="begun"):
            attempt(service, account_id)
    assert invoke(service, "holds", account_id=account_id)["holds"] == []
    assert invoke(service, "restrictions", account_id=account_id)["restrictions"] == []
    assert {"hold.placed", "restriction.set"}.isdisjoint(events(service))


def test_a_hold_in_the_last_moment_before_the_fence_is_either_heeded_or_refused(
    service, accounts, stores, monkeypatch
) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service)
    farewell(service, account_id)
    asked = accounts.call

    def held_meanwhile(service_name: str, method: str, **fields: Any) -> Any:
        said = asked(service_name, method, **fields)
        if method == "begin_erasure":
            place(service, account_id)
        return said

    monkeypatch.setattr(accounts, "call", held_meanwhile)
    in_process.run(service, "carry_out")
    monkeypatch.setattr(accounts, "call", asked)
    assert stores[1].state(Subject.company(account_id)) == "live"
    service.clock.move(timedelta(minutes=2))
    run(service, 2)
    assert (shown(service, account_id)[0]["state"], shown(service, account_id)[0]["suspended"]) == (
        "scheduled",
        True,
    )
    assert accounts.withdrawn == [accounts.begun[0]["erasure_id"]], "the customer may come back while it is held"


@pytest.mark.clause("HOLD-1")
def test_s08_a_hold_on_one_persons_letters_lets_everything_else_go_on_the_date_and_the_certificate_says_so(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    held, other = members(stores, account_id)
    hold = place(service, account_id, user_ids=[held], categories=["letters", "login_events"])
    service.clock.at = DUE
    ordered = order(service, account_id)
    assert ordered["held_users"] == [str(held)] * 2
    assert ordered["held_categories"] == ["letters", "login_events"]
    partial = finish(service, account_id, keeps=("notification",))
    body = certificate(service, partial)
    review_on = hold["review_on"]
    assert (body["outcome"], body["kept_by_law"]) == ("erased_except_held", [])
    assert body["held_back"] == [
        {"category": name, "of": "persons", "basis": "gdpr_17_3_e", "review_on": review_on}
        for name in ("letters", "login_events")
    ]
    assert str(held) not in json.dumps(body)
    assert told(service, "account.erased")[-1]["partial"] is True
    assert stores[1].state(Subject.company(account_id)) == "destroyed"
    assert stores[1].state(Subject.person(other, account_id)) == "destroyed"
    assert len(stores[2].key(Subject.person(held, account_id))) == 32


@pytest.mark.clause("HOLD-1")
def test_s08_what_was_held_is_erased_at_once_on_release_with_a_certificate_that_completes_the_first(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    hold = place(service, account_id, user_ids=[held])
    service.clock.at = DUE
    order(service, account_id)
    partial = finish(service, account_id, keeps=("account",))
    service.clock.move(30 * DAY)
    in_process.run(service, "complete")
    run(service)
    assert len(shown(service, account_id)) == 1, "still held, so nothing is planned"
    release(service, hold)
    in_process.run(service, "complete")
    in_process.run(service, "complete")
    (_, completion) = shown(service, account_id)
    assert (completion["due_on"], completion["state"]) == (partial["due_on"], "scheduled")
    assert completion["late"] is False
    accounts.gone.add(str(account_id))
    assert order(service, account_id)["held_users"] is None
    end = finish(service, account_id)
    body = certificate(service, end)
    assert (body["outcome"], body["held_back"], body["completes"]) == ("erased", [], str(partial["certificate_id"]))
    assert stores[1].state(Subject.person(held, account_id)) == "destroyed"
    links = invoke(service, "certificates", after=0, limit=10)["certificates"]
    assert verify_chain([link["document"] for link in links], [KEY.public]) == 2
    in_process.run(service, "complete")
    assert len(shown(service, account_id)) == 2
    assert [row["partial"] for row in told(service, "account.erased")] == [True, None]


def test_where_nobody_kept_anything_of_what_is_held_the_certificate_is_complete_and_no_key_is_left(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    hold = place(service, account_id, user_ids=[held])
    service.clock.at = DUE
    order(service, account_id)
    end = finish(service, account_id)
    assert certificate(service, end)["outcome"] == "erased"
    with pytest.raises(KeyGoneError):
        stores[2].key(Subject.person(held, account_id))
    release(service, hold)
    in_process.run(service, "complete")
    assert len(shown(service, account_id)) == 1


def test_keeping_what_is_not_held_by_the_order_is_not_having_done_it(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    service.clock.at = DUE
    order(service, account_id)
    answer(service, whole(service, account_id)["erasure_id"], "account", retained=["legal_hold"])
    states = {each["participant"]: each["state"] for each in whole(service, account_id)["participants"]}
    assert states["account"] == "failed"


def test_two_holds_on_the_same_thing_end_with_the_last_of_them(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    narrow = place(service, account_id, user_ids=[held], categories=["profile"])
    wide = place(service, account_id, user_ids=[held], reason="authority_order")
    service.clock.at = DUE
    order(service, account_id)
    finish(service, account_id, keeps=("account",))
    release(service, narrow)
    in_process.run(service, "complete")
    assert len(shown(service, account_id)) == 1
    release(service, wide)
    in_process.run(service, "complete")
    assert len(shown(service, account_id)) == 2


def test_a_hold_on_a_category_of_everybody_spares_every_persons_key(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    users = members(stores, account_id, 3)
    place(service, account_id, categories=["login_events"])
    service.clock.at = DUE
    assert order(service, account_id)["held_users"] == [str(EVERYBODY)]
    finish(service, account_id, keeps=("audit",))
    assert {stores[1].state(Subject.person(user, account_id)) for user in users} == {"live"}
    assert stores[1].state(Subject.company(account_id)) == "destroyed"


@pytest.mark.clause("HOLD-2")
@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": None},
        {"reason": "just_in_case"},
        {"review_on": None},
        {"review_on": date(2026, 11, 30)},
        {"review_on": date(2027, 3, 1)},
        {"case_ref": None},
        {"case_ref": "Kari Nordmann mot oss"},
        {"case_ref": "tvist-01010112345"},
        {"owner": None},
        {"owner": "Kari Nordmann"},
        {"starts_on": None},
        {"starts_on": date(2026, 12, 1)},
        {"categories": ["everything_i_like"]},
        {"user_ids": [str(UUID(int=number)) for number in range(33)]},
        {"remark": "free text"},
    ],
    ids=str,
)
def test_s09_a_hold_that_lacks_anything_is_refused_and_nothing_is_suspended(
    service, accounts, stores, wrong
) -> None:
    account_id = deactivate(service, accounts, stores)
    with pytest.raises(Invalid):
        place(service, account_id, **wrong)
    assert invoke(service, "holds", account_id=account_id)["holds"] == []
    assert "hold.placed" not in events(service)
    assert list(service.ledger.read())[-1].kind != Kind.HOLD_PLACED
    service.clock.at = DUE
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"


@pytest.mark.clause("DISPUTE-1", "HOLD-1")
def test_a_hold_is_for_a_dispute_with_this_customer_that_lasts(service, accounts, stores) -> None:
    account_id, case_id = deactivate(service, accounts, stores), uuid4()
    ended, going_on = reference_of(uuid4()), reference_of(case_id)
    other = {(ended, str(account_id)): None, (going_on, str(uuid4())): uuid4()}
    accounts.disputes.known = other
    with pytest.raises(NotFound):
        place(service, account_id, case_ref=going_on)
    with pytest.raises(Conflict) as refused:
        place(service, account_id, case_ref=ended)
    assert refused.value.details == {"reason": "dispute_ended"}
    assert "hold.placed" not in events(service), "nothing is held for a dispute with somebody else, or that is over"
    accounts.disputes.known = other | {(going_on, str(account_id)): case_id}
    hold = place(service, account_id, case_ref=going_on)
    assert (hold["case_ref"], hold["case_id"]) == (going_on, str(case_id))
    review_on = service.clock.now().date() + timedelta(days=80)
    decide(service, "renew_hold", hold_id=hold["hold_id"], reason="dispute", review_on=review_on)
    (placed,), (renewed,) = told(service, "hold.placed"), told(service, "hold.renewed")
    assert {each["case_id"] for each in (placed, renewed)} == {str(case_id)}


@pytest.mark.clause("HOLD-2")
def test_one_person_neither_places_a_hold_nor_renews_it(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    assert (hold["requested_by"], hold["approved_by"]) == ("staff:kari", "staff:ola")
    renewal = {"hold_id": hold["hold_id"], "reason": "dispute", "review_on": date(2027, 2, 1)}
    for method, fields in (("place_hold", wanted(service, account_id)), ("renew_hold", renewal)):
        with pytest.raises(Forbidden) as refused:
            invoke(service, method, **fields)
        assert refused.value.details["reason"] == "approval_missing"
        with pytest.raises(Forbidden) as refused:
            decide(service, method, **fields, approved_by="staff:kari")
        assert refused.value.details["reason"] == "approved_by_who_asked"
    assert invoke(service, "holds", account_id=account_id)["holds"] == [hold]


def test_what_was_approved_is_carried_out_once(service, accounts, stores) -> None:
    account_id, once = deactivate(service, accounts, stores), approval()
    for place_hold in (True, False):
        fields = json.loads(json.dumps(wanted(service, account_id, case_ref="krav-2026-9"), default=str))
        with stated(statement_for("retention", "place_hold", fields, approval=once)):
            if place_hold:
                invoke(service, "place_hold", **fields)
                continue
            with pytest.raises(StatementError, match="statement_spent"):
                invoke(service, "place_hold", **fields)
    assert len(invoke(service, "holds", account_id=account_id)["holds"]) == 1
    assert told(service, "act.carried_out")[-1]["approval_id"] == str(once.id)


def test_an_approval_of_a_hold_that_stands_is_used_up_by_it_and_repeating_one_does_no_harm(
    service, accounts, stores
) -> None:
    account_id, first, second = deactivate(service, accounts, stores), approval(), approval()
    asked = wanted(service, account_id) | {"hold_id": uuid4()}
    fields = json.loads(json.dumps(asked, default=str))
    for given in (first, first, second, second):
        with stated(statement_for("retention", "place_hold", fields, approval=given)):
            assert invoke(service, "place_hold", **fields)["hold_id"] == str(asked["hold_id"])
    assert len(invoke(service, "holds", account_id=account_id)["holds"]) == 1
    ended = [each["approval_id"] for each in told(service, "act.carried_out")]
    assert ended == [str(first.id), str(second.id)]
    assert events(service).count("hold.placed") == 1


def test_a_rehearsal_is_refused_as_the_act_would_be_and_leaves_nothing(service, accounts, stores, ledger) -> None:
    account_id = deactivate(service, accounts, stores)

    def stands() -> list[Any]:
        kept = ("hold", "outbox", "spent_statement", "early_request")
        with service.database.transaction() as tx:
            rows = [tx.all(f"SELECT to_jsonb(t) AS row FROM {name} t ORDER BY 1") for name in kept]  # noqa: S608
        return [*rows, [entry.line for entry in ledger.read()]]

    def tried(method: str, **fields: Any) -> Any:
        return decide(service, method, rehearsal=True, **fields)

    before = stands()
    assert tried("place_hold", **wanted(service, account_id))["state"] == "active"
    today = service.clock.now().date().isoformat()
    early = CHECKS | {"received_on": today, "export_offered_on": today}
    assert tried("request_early_erasure", account_id=account_id, **early)["course"] == "accepted"
    yesterday = service.clock.now().date() - DAY
    with pytest.raises(Invalid) as refused:
        tried("place_hold", **wanted(service, account_id, review_on=yesterday))
    assert refused.value.details.keys() == {"review_on"}
    accounts.gone.add(str(nobody := uuid4()))
    with pytest.raises(NotFound) as gone:
        tried("place_hold", **wanted(service, nobody))
    assert gone.value.details["reason"] == "no_account"
    assert stands() == before
    hold = place(service, account_id)
    before = stands()
    later = service.clock.now().date() + 9 * DAY
    tried("renew_hold", hold_id=hold["hold_id"], reason="legal_claim", review_on=later)
    assert stands() == before


def test_a_hold_on_nobody_is_refused(service, accounts) -> None:
    account_id = uuid4()
    accounts.gone.add(str(account_id))
    with pytest.raises(NotFound):
        place(service, account_id)


def test_asking_twice_with_the_same_id_places_one_hold(service, accounts, stores) -> None:
    account_id, hold_id = deactivate(service, accounts, stores), uuid4()
    first = place(service, account_id, hold_id=hold_id)
    assert place(service, account_id, hold_id=hold_id) == first
    assert events(service).count("hold.placed") == 1
    with pytest.raises(Conflict):
        place(service, account_id, hold_id=hold_id, case_ref="sak-2027-1")


def test_what_a_hold_covers_for_a_case_already_is_not_held_twice_nor_tried_with_success(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    first = place(service, account_id)
    for rehearsal in (True, False):
        with pytest.raises(Conflict) as refused:
            decide(service, "place_hold", rehearsal=rehearsal, **wanted(service, account_id, reason="legal_claim"))
        assert refused.value.details == {"reason": "hold_exists", "hold_id": first["hold_id"]}
    release(service, first)
    assert place(service, account_id)["state"] == "active"


def test_a_hold_tells_whether_it_postpones_an_erasure(service, accounts, stores) -> None:
    planned, active = deactivate(service, accounts, stores), uuid4()
    for account_id in (planned, active):
        place(service, account_id)
    assert [each["postpones"] for each in told(service, "hold.placed")] == [True, False]


@pytest.mark.clause("HOLD-1")
def test_what_is_planned_while_it_is_held_says_so_to_whom_it_concerns(service, accounts, stores) -> None:
    account_id, held, other = uuid4(), uuid4(), uuid4()
    place(service, account_id, user_ids=[held])
    place(
        service,
        account_id,
        user_ids=[other],
        categories=["letters"],
        case_ref="tvist-2027-15",
        reason="authority_order",
    )
    accounts.inactive_since[str(account_id)] = INACTIVE_AT
    hear(
        service,
        AccountDeactivated(account_id=account_id, trigger="customer", deactivated_at=INACTIVE_AT, user_count=2),
    )

    def said(user_id: UUID | None) -> tuple[bool, set[str]]:
        (at,) = in_process.ask(service, Timeline(account_id=account_id, user_id=user_id)).erasures
        return at.suspended, {part.basis for part in at.held}

    assert said(None) == (False, {"gdpr_17_3_e", "gdpr_17_3_b"})
    assert said(held) == (True, {"gdpr_17_3_e"})
    assert said(other) == (False, {"gdpr_17_3_b"})
    assert said(uuid4()) == (False, set())


@pytest.mark.clause("HOLD-2")
def test_a_hold_whose_review_is_overdue_is_told_weekly_and_neither_released_nor_lengthened(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    service.clock.at = datetime(2027, 1, 29, 12, tzinfo=UTC)
    in_process.run(service, "report_overdue_reviews")
    assert told(service, "hold.review_overdue") == []
    for days, times in ((1, 1), (1, 1), (6, 2), (7, 3)):
        service.clock.move(days * DAY)
        in_process.run(service, "report_overdue_reviews")
        in_process.run(service, "report_overdue_reviews")
        assert len(told(service, "hold.review_overdue")) == times
    (shown_hold,) = invoke(service, "holds", account_id=account_id, state="overdue")["holds"]
    counted = invoke(service, "count_overdue_holds")
    assert counted == {"count": 1, "first_review_on": shown_hold["review_on"]}
    assert (shown_hold["hold_id"], shown_hold["review_on"]) == (hold["hold_id"], hold["review_on"])
    service.clock.at = DUE
    run(service, 2)
    assert shown(service, account_id)[0]["suspended"] is True
    fields = {"hold_id": hold["hold_id"], "reason": "legal_claim", "review_on": date(2027, 5, 1)}
    renewed = decide(service, "renew_hold", **fields)
    assert (renewed["state"], renewed["review_on"], renewed["reason"]) == ("active", "2027-05-01", "legal_claim")
    assert renewed["owner"] == hold["owner"]
    with pytest.raises(NotFound):
        decide(service, "renew_hold", **fields, account_id=uuid4())
    taken_over = decide(service, "renew_hold", **fields, account_id=account_id, owner="staff:per")
    assert taken_over["owner"] == "staff:per"
    assert invoke(service, "hold", hold_id=hold["hold_id"])["owner"] == "staff:per"
    assert invoke(service, "holds", account_id=account_id, state="overdue")["holds"] == []
    assert invoke(service, "count_overdue_holds") == {"count": 0, "first_review_on": None}


@pytest.mark.parametrize(
    "wrong",
    [{"review_on": date(2027, 3, 5)}, {"review_on": date(2026, 11, 30)}, {"reason": "just_in_case"}],
    ids=str,
)
def test_a_renewal_that_lacks_anything_is_refused(service, accounts, stores, wrong) -> None:
    hold = place(service, deactivate(service, accounts, stores))
    fields = {"reason": "dispute", "review_on": date(2027, 2, 1)}
    with pytest.raises(Invalid):
        decide(service, "renew_hold", hold_id=hold["hold_id"], **fields | wrong)
    assert invoke(service, "hold", hold_id=hold["hold_id"]) == hold


def test_a_released_hold_is_over(service, accounts, stores) -> None:
    hold = place(service, deactivate(service, accounts, stores))
    released = release(service, hold)
    assert (released["state"], released["released_by"]) == ("released", "staff:ola")
    with pytest.raises(Conflict):
        release(service, hold)
    fields = {"hold_id": hold["hold_id"], "reason": "dispute", "review_on": date(2027, 1, 5)}
    with pytest.raises(Conflict):
        decide(service, "renew_hold", **fields)


@pytest.mark.clause("STAFF-1")
def test_who_may_decide_about_some_customers_only_finds_and_ends_what_is_theirs(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    hold, restriction = place(service, account_id), restrict(service, account_id)
    ordered = invoke(service, "order_dry_run", account_id=account_id, with_held=True, actor="staff:ola")
    counts = partial(invoke, service, "dry_run", dry_run_id=ordered["dry_run_id"])
    assert refused_for("retention", "dry_run", account_id, counts)["account_id"] == str(account_id)
    reads = partial(invoke, service, "hold", hold_id=hold["hold_id"])
    before = len(events(service))
    assert refused_for("retention", "hold", account_id, reads) == reads()
    ends = partial(release, service, hold)
    with for_some("retention", "release_hold", uuid4()), pytest.raises(StatementError, match="other_account"):
        ends()
    assert (reads()["state"], len(events(service))) == ("active", before)
    assert refused_for("retention", "release_hold", account_id, ends)["state"] == "released"
    tells = partial(announce, service, restriction, channel="phone")
    assert refused_for("retention", "announce_lift", account_id, tells)["lift_from"]
    service.clock.move(timedelta(days=30))
    lifts = partial(lift, service, restriction)
    assert refused_for("retention", "lift_restriction", account_id, lifts)["state"] == "lifted"


def test_what_is_held_does_not_use_up_the_brake(service, accounts, stores, monkeypatch) -> None:
    from dataclasses import replace

    from services.retention.erasure.values import limits_on
    from services.retention.execution import feature

    monkeypatch.setattr(feature, "limits_on", lambda day: replace(limits_on(day), run_limit=2))
    held = [deactivate(service, accounts, stores) for _ in range(4)]
    for account_id in held:
        place(service, account_id)
    free = deactivate(service, accounts, stores)
    service.clock.at = DUE
    run(service, 2)
    assert shown(service, free)[0]["state"] == "announced"
    assert "erasure.halted" not in events(service)


def test_nobody_is_reminded_of_a_date_on_which_nothing_will_be_erased(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    hold = place(service, account_id)
    service.clock.at = datetime(2027, 2, 1, 9, tzinfo=UTC)
    run(service)
    assert "erasure.reminder_due" not in events(service)
    release(service, hold)
    run(service)
    assert events(service).count("erasure.reminder_due") == 1


# ── restrictions ──


@pytest.mark.clause("RIGHTS-4")
def test_s18_a_restricted_person_is_not_erased_until_it_is_lifted_and_is_told_before(
    service, accounts, stores
) -> None:
    account_id, user_id = uuid4(), uuid4()
    stores[2].mint([Subject.company(account_id), Subject.person(user_id, account_id)], INACTIVE_AT)
    accounts.inactive_since[str(user_id)] = INACTIVE_AT
    event = UserDeactivated(account_id=account_id, user_id=user_id, deactivated_at=INACTIVE_AT)
    hear(service, event)
    restriction = restrict(service, account_id, user_id)
    service.clock.at = DUE
    run(service, 3)
    (at,) = shown(service, account_id)
    assert (at["state"], at["suspended"]) == ("scheduled", True)
    with pytest.raises(Conflict, match="told before"):
        lift(service, restriction)
    assert announce(service, restriction)["state"] == "announced"
    with pytest.raises(Conflict, match="told before"):
        lift(service, restriction)
    (announced,) = told(service, "restriction.lift_announced")
    letter_about_lift(service, restriction, announced["_id"])
    with pytest.raises(Conflict, match="too short"):
        lift(service, restriction)
    service.clock.move(6 * DAY)
    with pytest.raises(Conflict, match="too short"):
        lift(service, restriction)
    service.clock.move(DAY)
    assert lift(service, restriction)["state"] == "lifted"
    run(service)
    assert shown(service, account_id)[0]["state"] == "announced"


def test_whom_the_letter_did_not_reach_has_not_been_told_and_may_be_told_by_telephone(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    restriction = restrict(service, account_id)
    announce(service, restriction)
    cause = told(service, "restriction.lift_announced")[0]["_id"]
    letter_about_lift(service, restriction, cause)
    letter_about_lift(service, restriction, cause, failed=True)
    service.clock.move(30 * DAY)
    with pytest.raises(Conflict, match="told before"):
        lift(service, restriction)
    assert announce(service, restriction, channel="phone")["told_by"] == "phone.ola"
    service.clock.move(7 * DAY)
    assert lift(service, restriction)["lifted_by"] == "staff:ola"


def test_a_letter_about_another_restriction_tells_nobody(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    mine, other = restrict(service, account_id), restrict(service, account_id)
    announce(service, mine)
    announce(service, other)
    letter_about_lift(service, other, told(service, "restriction.lift_announced")[1]["_id"])
    letter_about_lift(service, mine, uuid4())
    states = [each["state"] for each in invoke(service, "restrictions", account_id=account_id)["restrictions"]]
    assert sorted(states) == ["announced", "told"]


@pytest.mark.clause("RIGHTS-4")
def test_a_restricted_person_stays_when_the_company_goes_and_is_erased_once_it_is_lifted(
    service, accounts, stores
) -> None:
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    restriction = restrict(service, account_id, held)
    service.clock.at = DUE
    assert order(service, account_id)["held_categories"] == ["everything"]
    partial = finish(service, account_id, keeps=("account",))
    held_back = certificate(service, partial)["held_back"]
    assert held_back == [{"category": "everything", "of": "persons", "basis": "gdpr_18"}]
    announce(service, restriction, channel="in_person")
    service.clock.move(7 * DAY)
    lift(service, restriction)
    in_process.run(service, "complete")
    order(service, account_id)
    end = finish(service, account_id)
    assert certificate(service, end)["completes"] == str(partial["certificate_id"])
    with pytest.raises((FencedError, KeyGoneError)):
        stores[2].key(Subject.person(held, account_id))


def test_a_ground_or_day_that_cannot_be_is_refused(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    fields = {"account_id": account_id, "ground": "c", "requested_on": date(2026, 11, 30), "actor": "staff:ola"}
    for wrong in ({"ground": "e"}, {"requested_on": date(2026, 12, 24)}, {"actor": "Kari"}, {"because": "so"}):
        with pytest.raises(Invalid):
            invoke(service, "set_restriction", **fields | wrong)
    assert invoke(service, "restrictions", account_id=account_id)["restrictions"] == []


# ── after a restore ──


@pytest.mark.clause("HOLD-1", "RIGHTS-4")
def test_s13_what_the_ledger_says_puts_every_row_back_and_undoes_nothing_later(
    service, accounts, stores, databases
) -> None:
    account_id = deactivate(service, accounts, stores)
    held, other = members(stores, account_id)
    case_id = uuid4()
    accounts.disputes.known = {(reference_of(case_id), str(account_id)): case_id}
    of_dispute = {"case_ref": reference_of(case_id)}
    lasting = place(service, account_id, user_ids=[held], categories=["letters"], **of_dispute)
    ended = place(service, account_id, case_ref="krav-2026-2")
    fields = {"reason": "legal_claim", "requested_by": "staff:per"}
    decide(service, "renew_hold", hold_id=lasting["hold_id"], review_on=date(2027, 2, 20), **fields)
    release(service, ended)
    restricted = restrict(service, account_id, other)
    before = invoke(service, "holds", account_id=account_id)
    kinds = {Kind.HOLD_PLACED, Kind.HOLD_RELEASED, Kind.RESTRICTION_SET, Kind.RESTRICTION_LIFTED}
    entries = [entry for entry in service.ledger.read() if entry.kind in kinds]
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE hold, restriction, restricted, restriction_over")
    (_, replayer), _ = service.guarded()
    for _ in range(2):
        with service.database.transaction() as tx:
            for entry in entries:
                replayer.replay(tx, entry)
    after = invoke(service, "holds", account_id=account_id)
    assert after == before
    (over,) = invoke(service, "holds", account_id=account_id, state="released")["holds"]
    assert (over["hold_id"], over["released_by"]) == (ended["hold_id"], "staff:ola")
    (again,) = invoke(service, "restrictions", account_id=account_id)["restrictions"]
    assert again == restricted
    with service.database.transaction() as tx:
        parts = suspensions.parts(tx, Scope(account_id=account_id))
    assert {(part.user_id, part.category) for part in parts} == {(held, "letters"), (other, "everything")}


@pytest.mark.clause("HOLD-1", "FORGET-1")
def test_after_a_restore_a_partial_erasure_is_known_again_and_still_completed_on_release(
    service, accounts, stores, databases
) -> None:
    account_id = deactivate(service, accounts, stores)
    (held,) = members(stores, account_id, 1)
    hold = place(service, account_id, user_ids=[held])
    service.clock.at = DUE
    order(service, account_id)
    partial = finish(service, account_id, keeps=("account",))
    _forget_all_and_replay(service, databases)
    (again,) = _carried_out(service, account_id)
    assert (again["state"], again["certificate_id"]) == ("certified", partial["certificate_id"])
    in_process.run(service, "complete")
    assert len(_carried_out(service, account_id)) == 1
    release(service, hold)
    in_process.run(service, "complete")
    order(service, account_id)
    end = finish(service, account_id)
    assert certificate(service, end)["completes"] == str(partial["certificate_id"])
    _forget_all_and_replay(service, databases)
    in_process.run(service, "complete")
    assert [each["state"] for each in _carried_out(service, account_id)] == ["certified", "certified"]


def _carried_out(service: Retention, account_id: UUID) -> list[dict[str, Any]]:
    """The erasures but for clocks that the replay found to be overtaken."""
    return [each for each in shown(service, account_id) if each["state"] != "cancelled"]


def _forget_all_and_replay(service: Retention, databases) -> None:
    """As if the database had been restored from before everything."""
    with psycopg.connect(databases.owner_dsn("retention"), autocommit=True) as owner:
        owner.execute("TRUNCATE erasure, answer, certificate, came_back, hold, restriction, restricted CASCADE")
        owner.execute("TRUNCATE restriction_over")
    (_, replayer), _ = service.guarded()
    entries = list(service.ledger.read())
    with service.database.transaction() as tx:
        for entry in entries:
            replayer.replay(tx, entry)
        assert [entry.kind for entry in entries if not replayer.verify(tx, entry)] == []


def test_forgetting_keeps_what_is_in_force_and_drops_what_ended_half_a_year_ago(service, accounts, stores) -> None:
    account_id = deactivate(service, accounts, stores)
    lasting, ended = place(service, account_id), place(service, account_id, case_ref="tvist-2027-15")
    release(service, ended)
    service.clock.move(181 * DAY)
    in_process.run(service, "purge_holds")
    assert invoke(service, "hold", hold_id=lasting["hold_id"])["state"] == "overdue"
    with pytest.raises(NotFound):
        invoke(service, "hold", hold_id=ended["hold_id"])


@pytest.mark.parametrize("name", ["holds", "restrictions"])
def test_a_list_is_read_page_by_page_also_where_rows_have_one_day_or_instant(
    service, accounts, stores, name
) -> None:
    for days in (60, 60, 30, 60):
        account_id = deactivate(service, accounts, stores)
        review_on = service.clock.now().date() + timedelta(days=days)
        _ = place(service, account_id, review_on=review_on) if name == "holds" else restrict(service, account_id)
    whole = invoke(service, name)
    assert (len(whole[name]), whole["next_after"]) == (4, None)
    assert page_by_page(lambda page: invoke(service, name, **page), name) == whole[name]
    first = invoke(service, name, limit=3)
    assert first["next_after"].endswith(f"~{first[name][-1][name[:-1] + '_id']}")


def test_how_much_is_held_back_is_counted_of_each_account_that_is_asked_about(service, accounts, stores) -> None:
    held, restricted, free = (deactivate(service, accounts, stores) for _ in range(3))
    released = place(service, held)
    release(service, released)
    for case_ref in ("tvist-2027-15", "tvist-2027-16"):
        place(service, held, case_ref=case_ref)
    restrict(service, restricted)
    counted = invoke(service, "count_kept", account_ids=[free, restricted, held])["accounts"]
    assert [(each["holds"], each["restrictions"]) for each in counted] == [(0, 0), (0, 1), (2, 0)]
    assert [each["account_id"] for each in counted] == [str(each) for each in (free, restricted, held)]
