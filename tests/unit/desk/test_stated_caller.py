"""Calls of the desk's process: what is signed, what goes along with each call, and what becomes of failures."""

from __future__ import annotations

import threading
from typing import Any, Final
from uuid import UUID

import pytest

from services.account.companies.calls import GetAccount
from services.account.users.calls import ListUsers
from services.desk.client import Desk
from services.desk.stated_caller import StatedCallers
from services.notification.staff_tasks.calls import Tasks
from services.retention.holds.calls import Holds, ReleaseHold
from services.staff.approvals.calls import ApprovalWhole
from services.staff.grants.calls import GrantShown
from services.staff.sessions.calls import Authenticate
from services.staff.statements.calls import MOST
from shared.actor import Actor
from shared.bus.every_service_calls import OpenAlarms, ParkedList
from shared.config import load
from shared.errors import DeadlineExceeded, Forbidden, Internal, Unauthenticated, Unavailable
from shared.staff import Purpose
from shared.statements import call_digest
from shared.system import SERVICES
from tests.desk_stage import ID, TOKEN, Services, settings_in
from tests.examples import example

KARI = Actor("staff", name="kari")


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def desk(services, tmp_path) -> Desk:
    caller = StatedCallers(services).of(KARI, TOKEN)
    return Desk(load(settings_in(tmp_path)), caller, who=lambda: KARI)


def test_an_act_goes_with_what_was_signed_for_it(desk, services) -> None:
    desk.ask(Holds(account_id=UUID(ID), state="overdue"))
    (signing,) = services.signings
    ((_, _, fields),) = services.asked
    assert signing == {
        "token": TOKEN,
        "purpose": None,
        "visit_id": None,
        "acts": [
            {
                "act": "retention.holds",
                "digest": call_digest("retention", "holds", fields),
                "account_id": ID,
                "approval_id": None,
                "rehearsal": False,
            }
        ],
    }


def test_the_key_of_a_command_is_not_signed(desk, services) -> None:
    services.replies["release_hold"] = services.replies["hold"]
    desk.ask(ReleaseHold(hold_id=UUID(ID), reason="settled", actor=KARI), idempotency_key="once")
    ((_, _, fields),) = services.asked
    assert fields.pop("idempotency_key") == "once"
    assert services.signings[0]["acts"][0]["digest"] == call_digest("retention", "release_hold", fields)


def test_what_needs_no_person_is_not_signed(desk, services) -> None:
    desk.ask(OpenAlarms(), of="account")
    assert services.signings == []
    assert len(services.asked) == 1


def test_why_staff_sign_nothing_is_the_refusal(desk, services) -> None:
    services.unsigned["retention.holds"] = "undertaking_over"
    with pytest.raises(Forbidden) as refused:
        desk.ask(Holds(state="overdue"))
    assert refused.value.details == {"reason": "undertaking_over"}
    assert services.asked == []


def test_a_page_is_signed_at_once_for_its_purpose_and_each_call_has_its_own_outcome(desk, services) -> None:
    services.unsigned["notification.tasks"] = "role_not_granted"
    services.replies["list_users"] = Unavailable("away")
    with desk.acting_for(Purpose.DISPUTE).together() as page:
        account = page.ask(GetAccount(account_id=UUID(ID), actor=KARI))
        users = page.ask(ListUsers(account_id=UUID(ID), actor=KARI))
        tasks = page.ask(Tasks())
        alarms = page.ask(OpenAlarms(), of="account")
        assert services.asked == []
    (signing,) = services.signings
    assert signing["purpose"] == "dispute"
    assert [each["act"] for each in signing["acts"]] == [
        "account.get_account", "account.list_users", "notification.tasks",
    ]  # fmt: skip
    assert account.reply.account_id == UUID(ID)
    assert len(alarms.reply.alarms) == len(services.replies["open_alarms"]["alarms"])
    with pytest.raises(Unavailable):
        _ = users.reply
    with pytest.raises(Forbidden):
        _ = tasks.reply
    assert sorted(method for _, method, _ in services.asked) == ["get_account", "list_users", "open_alarms"]


def test_the_calls_of_a_page_wait_together_and_not_in_turn(tmp_path) -> None:
    class Meeting(Services):
        """Answers nobody before all have asked."""

        all_there = threading.Barrier(len(SERVICES), timeout=10)

        def call(self, service: str, method: str, **given: Any) -> Any:
            if method == "parked_list":
                self.all_there.wait()
            return super().call(service, method, **given)

    desk = Desk(load(settings_in(tmp_path)), StatedCallers(Meeting()).of(KARI, TOKEN), who=lambda: KARI)
    with desk.together() as page:
        listed = [page.ask(ParkedList(state="parked"), of=service) for service in SERVICES]
    assert [len(each.reply.parked) for each in listed] == [1] * len(SERVICES)


def test_a_page_ends_though_a_service_does_not(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("services.desk.stated_caller.QUEUE_SECONDS", 0.05)
    answer = threading.Event()

    class Silent(Services):
        """One service says nothing for as long as the test lasts."""

        def call(self, service: str, method: str, **given: Any) -> Any:
            if service == "account":
                answer.wait(10)
            return super().call(service, method, **given)

    desk = Desk(load(settings_in(tmp_path)), StatedCallers(Silent()).of(KARI, TOKEN), who=lambda: KARI)
    with desk.together() as page:
        silent = page.ask(OpenAlarms(), of="account", timeout_seconds=0.05)
        answers = page.ask(OpenAlarms(), of="audit", timeout_seconds=0.05)
    with pytest.raises(DeadlineExceeded):
        _ = silent.reply
    assert answers.reply.alarms
    answer.set()


def test_many_acts_are_signed_in_several_turns(desk, services) -> None:
    with desk.together() as page:
        asked = [page.ask(Holds(account_id=UUID(int=at))) for at in range(MOST + 1)]
    assert [len(each["acts"]) for each in services.signings] == [MOST, 1]
    assert all(each.reply.holds for each in asked)


def test_of_lists_over_all_customers_no_more_than_two_are_one_look(desk, services) -> None:
    """Of more customers than can be told of one look none would be told."""
    services.replies["holds"] = {"holds": []}
    with desk.together() as page:
        page.ask(GetAccount(account_id=UUID(ID), actor=KARI))
        page.ask(Holds(state="active"))
        page.ask(Holds(account_id=UUID(ID), state="active"))
        page.ask(Holds(state="overdue"))
        page.ask(Tasks())
        page.ask(Holds(state="overdue"))
    signed = [[each["act"].partition(".")[2] for each in signing["acts"]] for signing in services.signings]
    assert signed == [["get_account", "holds", "holds", "holds"], ["tasks", "holds"]]


@pytest.mark.parametrize("failure", [Unavailable("staff is away"), Internal(ID), Unauthenticated()])
def test_what_a_reply_found_is_shown_to_nobody_before_it_is_told(desk, services, failure) -> None:
    """Staff cannot know whose it was: no customer would ever see that it was looked at."""
    services.reading_id, services.replies["tell_seen"] = ID, failure
    with desk.together() as page:
        found = page.ask(Holds(state="active"))
        named = page.ask(Holds(account_id=UUID(ID), state="active"))
        looked = page.ask(GetAccount(account_id=UUID(ID), actor=KARI))
    ((_, _, told),) = [each for each in services.asked if each[1] == "tell_seen"]
    assert told["reading_id"] == ID
    with pytest.raises(type(failure)):
        _ = found.reply
    assert named.reply.holds, "staff publish by themselves that this customer was looked at"
    assert looked.reply


def test_what_was_told_is_shown(desk, services) -> None:
    services.reading_id, services.replies["tell_seen"] = ID, {}
    with desk.together() as page:
        found = page.ask(Holds(state="active"))
    assert found.reply.holds
    assert [each[1] for each in services.asked] == ["holds", "tell_seen"]


def test_without_staff_only_what_needs_nobody_is_answered(desk, services) -> None:
    services.replies["sign_statements"] = Unavailable("staff is away")
    with desk.together() as page:
        holds = page.ask(Holds())
        alarms = page.ask(OpenAlarms(), of="account")
    with pytest.raises(Unavailable):
        _ = holds.reply
    assert alarms.reply.alarms


def test_a_session_that_is_over_ends_the_page(desk, services) -> None:
    services.replies["sign_statements"] = Unauthenticated()
    with pytest.raises(Unauthenticated), desk.together() as page:
        page.ask(Holds())
    assert services.asked == []


def test_nothing_is_sent_where_the_page_itself_fails(desk, services) -> None:
    with pytest.raises(KeyError), desk.together() as page:
        {}[page.ask(Holds())]
    assert services.asked == services.signings == []


def test_a_reply_that_is_none_is_told_as_a_fault(desk, services) -> None:
    services.replies["holds"] = {"holds": [{"hold_id": "x"}]}
    with pytest.raises(Internal, match=r"unfit-reply-retention\.holds"):
        desk.ask(Holds())


GRANT: Final = {"code": "siri", "role": "finance", "purpose": "billing", "last_day": "2027-01-31"}


class TestTwoPersons:
    def approved(self) -> ApprovalWhole:
        said = {"approval_id": ID, "act": "staff.give_grant", "state": "approved", "fields": GRANT}
        return ApprovalWhole.from_json(example(ApprovalWhole, **said))

    def test_it_is_asked_for_as_the_call_would_be_made(self, desk, services) -> None:
        services.replies["request_approval"] = example(ApprovalWhole, fields={})
        desk.request(ReleaseHold(hold_id=UUID(ID), reason="settled", actor=KARI), approval_id=UUID(ID))
        ((_, method, fields),) = services.asked
        assert method == "request_approval"
        assert fields["fields"] == {"hold_id": ID, "reason": "settled", "actor": "staff:kari"}
        assert (fields["token"], fields["approval_id"], fields["act"]) == (TOKEN, ID, "retention.release_hold")

    def test_what_was_approved_is_carried_out_as_it_was_frozen(self, desk, services) -> None:
        services.replies["give_grant"] = example(GrantShown)
        desk.carry_out(self.approved())
        ((service, method, fields),) = services.asked
        assert (service, method) == ("staff", "give_grant")
        assert fields == {**GRANT, "idempotency_key": f"approval-{ID}"}
        (signing,) = services.signings
        assert signing["acts"][0]["approval_id"] == ID
        assert signing["acts"][0]["digest"] == call_digest("staff", "give_grant", GRANT)


def test_a_call_that_brings_its_session_is_not_signed(desk, services) -> None:
    services.replies["authenticate"] = example(Authenticate.reply)
    desk.ask(Authenticate(token=TOKEN))
    assert services.signings == []
